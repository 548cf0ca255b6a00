"""What a restart of the sandbox must not lose, and the file in which it is."""
