"""Making and editing a task: one review, each of its rows a button."""
