"""The command menu, in each language."""

import asyncio

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramRetryAfter
from aiogram.types import BotCommand

from bot.i18n import LANGUAGES, Locales, Texts
from bot.refusals import Decision, decide
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
LONGEST_SECONDS = 300.0


async def set_menu(bot: Bot, locales: Locales, default: str) -> None:
    """Tell Telegram the commands; tried again until it listens, unless it refuses them."""
    trouble, pause = ToldOnce(), RETRY_SECONDS
    while True:
        try:
            await bot.set_my_commands(_commands(locales.of(default)))
            for language in LANGUAGES:
                commands = _commands(locales.of(language))
                await bot.set_my_commands(commands, language_code=language)
        except TelegramAPIError as error:
            decision = decide(error)
            if trouble.failed(type(error).__name__):
                log.warning("menu.not_set", decision=decision, error=error.message)
            if decision not in {Decision.WAIT, Decision.RETRY}:
                return
            wait = error.retry_after if isinstance(error, TelegramRetryAfter) else pause
            pause = min(pause * 2, LONGEST_SECONDS)
            await asyncio.sleep(wait)
        else:
            if (told := trouble.worked()) is not None:
                log.info("menu.set", **told)
            return


def _commands(texts: Texts) -> list[BotCommand]:
    return [
        BotCommand(command=name, description=texts.plain(f"command-{name}")) for name in COMMANDS
    ]
