"""The command menu, in each language."""

import asyncio

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import BotCommand

from bot.i18n import LANGUAGES, Locales, Texts
from core.told_once import ToldOnce

log = structlog.get_logger(__name__)

COMMANDS = (
    "newtask",
    "tasks",
    "queue",
    "accounts",
    "workers",
    "earlier",
    "help",
    "language",
    "cancel",
    "start",
)
RETRY_SECONDS = 10.0


async def set_menu(bot: Bot, locales: Locales, default: str) -> None:
    """Tell Telegram the commands; tried again until it listens."""
    trouble = ToldOnce()
    while True:
        try:
            await bot.set_my_commands(_commands(locales.of(default)))
            for language in LANGUAGES:
                commands = _commands(locales.of(language))
                await bot.set_my_commands(commands, language_code=language)
        except TelegramAPIError as error:
            if trouble.failed(type(error).__name__):
                log.warning("menu.not_set", error=error.message)
            await asyncio.sleep(RETRY_SECONDS)
        else:
            if (told := trouble.worked()) is not None:
                log.info("menu.set", **told)
            return


def _commands(texts: Texts) -> list[BotCommand]:
    return [
        BotCommand(command=name, description=texts.plain(f"command-{name}")) for name in COMMANDS
    ]
