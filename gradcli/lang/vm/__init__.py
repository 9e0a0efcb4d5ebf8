"""The machine that runs compiled statements: its instructions, and what it can take back."""
