"""Everything that knows Telethon."""
