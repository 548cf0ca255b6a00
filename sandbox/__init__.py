"""A local Telegram to try and to test against: one world behind two doors."""
