"""Calls of the Bot API before a bot runs: what came back, whoever answered, without the token."""

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from core.redaction import Redaction

SECONDS = 10.0
LARGEST_ANSWER = 4_000_000
REFUSED = (401, 404)
NETWORK = "Look at the network and at BOT_API_URL; where Telegram is blocked, use a proxy."


class NoAnswer(Exception):
    """What came back is no answer of a Bot API. `what` happened, and `advice`; neither shows the
    token."""

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(f"{what}. {advice}")
        self.what = what
        self.advice = advice


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer of the Bot API. `result` is an empty object where the call was refused; `date` as
    in its header."""

    status: int
    ok: bool
    result: Any
    description: str
    date: str

    @property
    def refuses_token(self) -> bool:
        """Whether no bot has this token."""
        return not self.ok and self.status in REFUSED


def place_of(server: str) -> str:
    """The server's host, and its port if that is said: all of its address that may be shown."""
    try:
        host, port = urlsplit(server).hostname or "", urlsplit(server).port
    except ValueError:
        return ""
    return f"{host}:{port}" if port else host


async def call(
    http: aiohttp.ClientSession,
    server: str,
    token: str,
    method: str,
    fields: Mapping[str, Any] | None = None,
    *,
    seconds: float = SECONDS,
) -> Answer:
    """Call once and follow no redirect, which would take the token elsewhere. Raises NoAnswer."""
    place = place_of(server)
    url = f"{server}/bot{token}/{method}"
    try:
        async with (
            asyncio.timeout(seconds),
            http.request(
                "GET" if fields is None else "POST", url, json=fields, allow_redirects=False
            ) as response,
        ):
            return _read(place, response, await _body(response), Redaction([token]))
    except TimeoutError:
        raise NoAnswer(f"{place} does not answer within {seconds:g} s", NETWORK) from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise NoAnswer(f"{place} does not answer ({_why(error)})", NETWORK) from None


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """What came, up to a size that no answer has."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            break
    return bytes(body)


def _read(place: str, response: aiohttp.ClientResponse, body: bytes, hidden: Redaction) -> Answer:
    status = response.status
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise _foreign(place, response, body) from None
    if not isinstance(told, dict) or not isinstance(told.get("ok"), bool):
        what = f"{place} answers with JSON that is not of the Bot API (status {status})"
        raise NoAnswer(what, _not_a_server(place))
    return Answer(
        status=status,
        ok=told["ok"],
        result=told.get("result", {}),
        description=hidden.text(str(told.get("description", ""))),
        date=response.headers.get("Date", ""),
    )


def _foreign(place: str, response: aiohttp.ClientResponse, body: bytes) -> NoAnswer:
    """Something else than a Bot API answered."""
    status = f"status {response.status}"
    if response.status // 100 == 3:
        target = place_of(response.headers.get("Location", "")) or "another page"
        what = f"{place} sends us on to {target} ({status}) instead of answering"
    elif not body:
        what = f"{place} answers with nothing ({status})"
    else:
        kind = response.content_type.partition(";")[0]
        what = f"{place} answers with {kind}, which is not JSON ({status})"
    if response.status >= 500:
        return NoAnswer(what, f"A gateway before it may have trouble: try again. {NETWORK}")
    return NoAnswer(what, _not_a_server(place))


def _not_a_server(place: str) -> str:
    return (
        f"Is BOT_API_URL a Bot API server, and does nothing stand between here and {place}, such "
        "as the login page of a network?"
    )


def _why(error: Exception) -> str:
    """The kind of trouble, never its text: that may hold the address with the token in it."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "its name cannot be looked up"
        case aiohttp.ClientConnectorCertificateError():
            return "its certificate is not accepted"
        case aiohttp.ClientSSLError():
            return "no TLS there"
        case aiohttp.ClientConnectorError():
            code = error.os_error.errno
            return os.strerror(code) if code and code > 0 else "no connection"
        case aiohttp.InvalidURL() | ValueError():
            return "BOT_API_URL is no address"
        case aiohttp.ServerDisconnectedError():
            return "it hung up"
        case _:
            return type(error).__name__
