"""The areas of the bot: one folder each, the same file names in all."""
