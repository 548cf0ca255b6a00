"""What runs, and what waits for what."""
