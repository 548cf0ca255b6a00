"""Telegram's two doors: the Bot API and the data centre of the accounts."""

import asyncio
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from app.bot_api import Answer, NoAnswer, call
from app.doctor.clock import look_at_clock
from app.doctor.finding import Finding, bad, good, poor
from core.data_centre import DataCentre
from core.settings import ADVICE, Settings

CONNECT_SECONDS = 10.0


async def look_at_bot_api(settings: Settings) -> list[Finding]:
    """Whether the server answers and knows the token, and what time it has."""
    token, server = settings.bot_token.get_secret_value(), settings.bot_api_url
    if not token:
        return []
    try:
        async with aiohttp.ClientSession() as session:
            me = await call(session, server, token, "getMe")
            if (refusal := _refusal(me)) is not None:
                return [refusal]
            hook = await call(session, server, token, "getWebhookInfo")
    except NoAnswer as trouble:
        return [bad("Bot API", trouble.what, trouble.advice)]
    named = good("Bot API", f"the bot is @{me.result['username']}")
    return [named, *_judge_hook(hook), *_judge_date(me.date)]


def _refusal(me: Answer) -> Finding | None:
    """What a server says that knows the Bot API and gives no bot."""
    if me.refuses_token:
        return bad("Bot API", "the token is not accepted", f"BOT_TOKEN: {ADVICE['BOT_TOKEN']}.")
    if not me.ok:
        what = f"it refuses to say who the bot is (status {me.status}): {me.description}"
        return bad("Bot API", what, "Try again in a minute; then look at BOT_API_URL.")
    if not isinstance(me.result, dict) or not me.result.get("username"):
        return bad("Bot API", "it does not say who the bot is", "Look at BOT_API_URL.")
    return None


def _judge_hook(hook: Answer) -> list[Finding]:
    if not (hook.ok and isinstance(hook.result, dict) and hook.result.get("url")):
        return []
    advice = "End what serves it; starting the bot takes the webhook away."
    return [poor("Bot API", "a webhook is set, so another program may serve this bot", advice)]


def _judge_date(date: str) -> list[Finding]:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, TypeError):
        return []
    if moment.tzinfo is None:
        return []
    return [look_at_clock("Telegram's clock", (datetime.now(UTC) - moment).total_seconds())]


async def look_at_data_centre(settings: Settings) -> list[Finding]:
    """Whether the accounts' server can be reached and its key can be read."""
    findings = [await _look_at_address(settings.telegram_dc)]
    if settings.telegram_dc.kind == "custom" and settings.telegram_rsa_key is not None:
        findings.append(look_at_rsa_key(settings.telegram_rsa_key))
    return findings


async def _look_at_address(centre: DataCentre) -> Finding:
    place = f"DC {centre.id} at {centre.host}:{centre.port}"
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(centre.host, centre.port)
            writer.close()
            await writer.wait_closed()
    except (OSError, TimeoutError, ValueError) as error:
        advice = "Look at the network and at TELEGRAM_DC; where Telegram is blocked, use a proxy."
        return bad("Telegram", f"{place} cannot be reached ({type(error).__name__})", advice)
    return good("Telegram", f"{place} can be reached")


def look_at_rsa_key(path: Path) -> Finding:
    """Whether the file holds a public RSA key."""
    advice = "Set TELEGRAM_RSA_KEY to the path of the server's public key (PEM)."
    try:
        text = path.read_bytes()
    except OSError as error:
        return bad("Telegram", f"{path} cannot be read: {error.strerror}", advice)
    if _is_rsa(text):
        return good("Telegram", f"{path} holds a public key")
    return bad("Telegram", f"{path} holds no public RSA key", advice)


def _is_rsa(text: bytes) -> bool:
    try:
        return isinstance(load_pem_public_key(text), RSAPublicKey)
    except (ValueError, UnsupportedAlgorithm):
        return False
