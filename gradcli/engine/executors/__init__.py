"""What runs a program: rows in blocks, numbers as machine code or Python, a step at a time."""
