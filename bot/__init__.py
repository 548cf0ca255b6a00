"""The control bot: the only importer of aiogram."""
