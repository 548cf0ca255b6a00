"""The control bot: the only importer of aiogram."""

from bot.deferred_models import defer_models

defer_models()
