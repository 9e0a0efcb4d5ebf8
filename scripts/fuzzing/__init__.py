"""Inputs for scripts/fuzz.py, and what must hold of them."""
