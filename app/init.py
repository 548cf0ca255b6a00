"""`telecrew init`: a file of settings, each answer checked before it is written."""

import asyncio
import os
import secrets
import unicodedata
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from dotenv import dotenv_values

from app.bot_api import NoAnswer, call, place_of
from app.login import Terminal
from collector.telegram.vault import SessionVault
from core.settings import SettingsError, load_settings

T = TypeVar("T")

CONFLICT = 409
LISTEN_SECONDS = 120
POLL_SECONDS = 10
TRIES = 3
FEWEST, MOST = 100_000, 999_999
"""The numbers that an admin may have to type."""


async def write_settings(env_file: Path, terminal: Terminal) -> None:
    """Ask, check, write. An existing file is never overwritten; SettingsError says so."""
    await asyncio.to_thread(_check_place, env_file)
    server = load_settings(None).bot_api_url
    async with aiohttp.ClientSession() as http:
        token, username = await _tried(terminal, lambda: _token(http, server, terminal))
        terminal.say(f"The bot is @{username}.")
        api_id = await _tried(terminal, lambda: _api_id(terminal))
        api_hash = await _tried(terminal, lambda: _api_hash(terminal))
        bot = _Bot(http, server, token, username)
        admin = await _tried(terminal, lambda: _admin(bot, terminal))
    text = _file(token=token, api_id=api_id, api_hash=api_hash, admin=admin)
    await asyncio.to_thread(_write, env_file, text)
    load_settings(None, **dotenv_values(env_file)).require_for("bot", "collector")
    terminal.say(f"Wrote {env_file}. Keep a copy of SESSION_KEYS: sessions need it.")
    terminal.say("Next: `telecrew login` signs an account in, `telecrew run` starts everything.")


def _check_place(env_file: Path) -> None:
    if env_file.exists() or env_file.is_symlink():
        raise SettingsError(
            f"{env_file} exists already and stays as it is. Edit it, or give another name: "
            "telecrew init --env-file other.env"
        )
    folder = env_file.absolute().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise SettingsError(f"{folder} is no folder that this user may write to: name another one.")


async def _token(http: aiohttp.ClientSession, server: str, terminal: Terminal) -> tuple[str, str]:
    token = await _ask(terminal, "Bot token (from @BotFather: /newbot)", secret=True)
    if not token:
        raise SettingsError("A bot token is needed: @BotFather shows it, /mybots.")
    load_settings(None, BOT_TOKEN=token)
    me = await _called(http, server, token, "getMe")
    if not isinstance(me, dict) or not me.get("username"):
        raise SettingsError("The server at BOT_API_URL does not say who the bot is.")
    return token, str(me["username"])


async def _api_id(terminal: Terminal) -> str:
    answer = await _ask(terminal, "API id (my.telegram.org, API development tools)")
    if not answer or load_settings(None, API_ID=answer).api_id == 0:
        raise SettingsError("An API id is a number, such as 1234567.")
    return answer


async def _api_hash(terminal: Terminal) -> str:
    answer = await _ask(terminal, "API hash (beside the API id)", secret=True)
    if not answer:
        raise SettingsError("An API hash is needed: it stands beside the API id.")
    load_settings(None, API_HASH=answer)
    return answer


@dataclass(frozen=True, slots=True)
class _Bot:
    """The bot that is being set up."""

    http: aiohttp.ClientSession
    server: str
    token: str = field(repr=False)
    username: str

    async def updates(self, offset: int) -> list[Any]:
        """What came since; waits up to `POLL_SECONDS` for it."""
        wanted = {"offset": offset, "timeout": POLL_SECONDS, "allowed_updates": ["message"]}
        told = await _called(self.http, self.server, self.token, "getUpdates", wanted)
        return told if isinstance(told, list) else []


async def _admin(bot: _Bot, terminal: Terminal) -> str:
    """Whoever sees this terminal proves it by a number that stands nowhere else."""
    number = str(secrets.choice(range(FEWEST, MOST + 1)))
    terminal.say(
        f"Now write this number to @{bot.username} in Telegram: {number}. Whoever does is the "
        "admin; nobody else is."
    )
    typed = await _ask(terminal, "Your Telegram user id, or just Enter to wait for the number")
    if not typed:
        return await _heard(bot, number, terminal)
    if len(load_settings(None, ADMINS=typed).admins) != 1:
        raise SettingsError("A user id is one number, such as 123456789.")
    return typed


async def _heard(bot: _Bot, number: str, terminal: Terminal) -> str:
    offset = 0
    tries: Counter[int] = Counter()
    deadline = asyncio.get_running_loop().time() + LISTEN_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        for update in await bot.updates(offset):
            offset = max(offset, _number(update) + 1)
            sender, text = _message(update)
            if sender is None:
                continue
            tries[sender] += 1
            if tries[sender] <= TRIES and text == number:
                terminal.say(f"The first admin is {sender}.")
                return str(sender)
    raise NobodyWrote(
        f"Nobody wrote {number} to @{bot.username} within two minutes. Nothing was written; try "
        "again."
    )


class NobodyWrote(SettingsError):
    """The number came not in time."""


def _number(update: Any) -> int:
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if isinstance(number, int) else 0


def _message(update: Any) -> tuple[int | None, str]:
    """Who wrote what to the bot alone; None for all that nobody wrote so."""
    message = update.get("message") if isinstance(update, dict) else None
    if not isinstance(message, dict):
        return None, ""
    sender, chat = message.get("from"), message.get("chat")
    if not isinstance(sender, dict) or not isinstance(chat, dict) or sender.get("is_bot"):
        return None, ""
    if chat.get("type") != "private" or not isinstance(sender.get("id"), int):
        return None, ""
    return sender["id"], unicodedata.normalize("NFKC", str(message.get("text", ""))).strip()


async def _called(
    http: aiohttp.ClientSession,
    server: str,
    token: str,
    method: str,
    fields: Mapping[str, Any] | None = None,
) -> Any:
    """The result of a call; SettingsError says why there is none."""
    try:
        answer = await call(http, server, token, method, fields or {}, seconds=60)
    except NoAnswer as trouble:
        raise SettingsError(str(trouble)) from None
    if answer.refuses_token:
        raise SettingsError("Telegram does not know this token. @BotFather shows it: /mybots.")
    if answer.status == CONFLICT:
        raise SettingsError("Another program fetches what this bot gets. End it, and try again.")
    if not answer.ok:
        raise SettingsError(
            f"{place_of(server)} refuses {method} (status {answer.status}): {answer.description}."
        )
    return answer.result


async def _tried(terminal: Terminal, step: Callable[[], Awaitable[T]]) -> T:
    for left in reversed(range(TRIES)):
        try:
            return await step()
        except SettingsError as error:
            if left == 0 or isinstance(error, NobodyWrote):
                raise
            terminal.say(str(error))
    raise AssertionError("the last try returns or raises")


async def _ask(terminal: Terminal, question: str, *, secret: bool = False) -> str:
    return (await asyncio.to_thread(terminal.ask, question, secret=secret)).strip()


def _file(*, token: str, api_id: str, api_hash: str, admin: str) -> str:
    return "\n".join(
        (
            "# Settings of Telecrew. `.env.example` explains all of them.",
            f"BOT_TOKEN={token}",
            f"ADMINS={admin}",
            f"API_ID={api_id}",
            f"API_HASH={api_hash}",
            f"SESSION_KEYS={SessionVault.new_key()}",
            "",
        )
    )


def _write(path: Path, text: str) -> None:
    """Nobody else may read it from its first byte on; what came meanwhile stays."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
