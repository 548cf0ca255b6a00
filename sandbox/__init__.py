"""A local Telegram: one world behind an MTProto door and a Bot API door, to try and to test against."""
