"""The list of tasks, and the card of each."""
