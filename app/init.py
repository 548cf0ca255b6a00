"""`telecrew init`: a file of settings, each answer checked before it is written."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

from app.login import Terminal
from collector.telegram.vault import SessionVault
from core.settings import SettingsError, load_settings

LISTEN_SECONDS = 120
TRIES = 3


async def write_settings(env_file: Path, terminal: Terminal) -> None:
    """Ask, check, write. An existing file is never overwritten; SettingsError says so."""
    if await asyncio.to_thread(env_file.exists):
        raise SettingsError(
            f"{env_file} exists already and stays as it is. Edit it, or give another name: "
            "telecrew init --env-file other.env"
        )
    known = load_settings(None)
    bot_api = known.bot_api_url
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as http:
        token, username = await _tried(terminal, lambda: _token(http, bot_api, terminal), TRIES)
        terminal.say(f"The bot is @{username}.")
        api_id = await _tried(terminal, lambda: _api_id(terminal), TRIES)
        api_hash = await _tried(terminal, lambda: _api_hash(terminal), TRIES)
        admin = await _admin(http, f"{bot_api}/bot{token}", username, terminal)
    text = _file(token=token, api_id=api_id, api_hash=api_hash, admin=admin)
    await asyncio.to_thread(_write, env_file, text)
    load_settings(env_file).require_for("bot", "collector")
    terminal.say(f"Wrote {env_file}. Keep a copy of SESSION_KEYS: sessions need it.")
    terminal.say("Next: `telecrew login` signs an account in, `telecrew run` starts everything.")


async def _token(http: aiohttp.ClientSession, bot_api: str, terminal: Terminal) -> tuple[str, str]:
    token = await _ask(terminal, "Bot token (from @BotFather: /newbot)", secret=True)
    load_settings(None, BOT_TOKEN=token)
    me = await _call(http, f"{bot_api}/bot{token}", "getMe")
    return token, str(me["username"])


async def _api_id(terminal: Terminal) -> str:
    answer = await _ask(terminal, "API id (my.telegram.org, API development tools)")
    if not answer.isdigit() or answer == "0":
        raise SettingsError("An API id is a number, such as 1234567.")
    return answer


async def _api_hash(terminal: Terminal) -> str:
    answer = await _ask(terminal, "API hash (beside the API id)", secret=True)
    load_settings(None, API_HASH=answer)
    return answer


async def _admin(http: aiohttp.ClientSession, bot: str, username: str, terminal: Terminal) -> str:
    terminal.say(f"Now write any message to @{username} in Telegram: whoever does is the admin.")
    typed = await _ask(terminal, "Your Telegram user id, or just Enter to wait for the message")
    if typed.strip().isdigit():
        return typed.strip()
    offset = 0
    deadline = asyncio.get_running_loop().time() + LISTEN_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        for update in await _call(http, bot, "getUpdates", offset=offset, timeout=10):
            offset = update["update_id"] + 1
            if (sender := update.get("message", {}).get("from")) is not None:
                terminal.say(f"The first admin is {sender['first_name']} ({sender['id']}).")
                return str(sender["id"])
    raise SettingsError(
        f"Nobody wrote to @{username} within two minutes. Nothing was written; try again."
    )


async def _call(http: aiohttp.ClientSession, bot: str, method: str, **fields: Any) -> Any:
    try:
        async with http.post(f"{bot}/{method}", json=fields) as response:
            answer = await response.json()
    except aiohttp.ClientError as error:
        raise SettingsError(f"The Bot API cannot be reached: {error}. Check the network.") from None
    if not answer["ok"]:
        raise SettingsError(
            f"Telegram refuses the token: {answer['description']}. @BotFather shows it: /mybots."
        )
    return answer["result"]


async def _tried(terminal: Terminal, step: Callable[[], Any], tries: int) -> Any:
    for left in reversed(range(tries)):
        try:
            return await step()
        except (SettingsError, ValueError) as error:
            if left == 0:
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
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
