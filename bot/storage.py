"""Where half-made dialogs are kept."""

from aiogram.fsm.storage.pymongo import PyMongoStorage

from db.errors import translates_errors


@translates_errors
class DialogStorage(PyMongoStorage):
    """aiogram's own, whose errors are ours."""
