"""Telegram's methods, a file a noun. Importing this package registers them."""

from sandbox.mtproto.methods import (
    account,
    auth,
    bots,
    channels,
    contacts,
    dialogs,
    groups,
    help_,
    history,
    joining,
    threads,
    updates,
    upload,
    users,
)

__all__ = [
    "account",
    "auth",
    "bots",
    "channels",
    "contacts",
    "dialogs",
    "groups",
    "help_",
    "history",
    "joining",
    "threads",
    "updates",
    "upload",
    "users",
]
