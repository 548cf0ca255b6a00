"""What a search found: the list to look at and to tick, and what is to be joined or collected."""
