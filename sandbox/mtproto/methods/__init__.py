"""Telegram's methods, a file a noun. Importing this package registers them."""

from sandbox.mtproto.methods import (
    account,
    auth,
    channels,
    contacts,
    dialogs,
    help_,
    history,
    updates,
    users,
)

__all__ = [
    "account",
    "auth",
    "channels",
    "contacts",
    "dialogs",
    "help_",
    "history",
    "updates",
    "users",
]
