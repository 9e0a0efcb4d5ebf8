"""Proofs of derivatives by means that share no code with the engine's rules."""
