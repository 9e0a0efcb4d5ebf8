"""Text to values: parser, flat instructions, and the one Session that runs them."""
