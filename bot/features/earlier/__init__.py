"""Chats that an earlier task collected: to keep, or to delete."""
