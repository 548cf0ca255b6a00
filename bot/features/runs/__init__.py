"""Runs: their live cards, what they stored, and what to do after a failure."""
