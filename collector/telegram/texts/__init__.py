"""Text and links that a message carries outside of its `message`: what is kept, and how."""
