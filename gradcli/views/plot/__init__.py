"""Curves as pictures: in a terminal, as SVG, PNG and PDF."""
