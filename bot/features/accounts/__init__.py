"""The crew: who can work, and why somebody cannot."""
