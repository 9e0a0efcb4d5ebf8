"""Closed forms: derivatives as formulas of the language."""
