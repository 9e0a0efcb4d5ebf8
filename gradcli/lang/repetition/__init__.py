"""Functions that only calculate, called again and again: recorded, then run as programs."""
