"""What an operator may write as a source: usernames, t.me links, invite links and ids.

A canonical source is `@name` in lower case, `+HASH` of an invite link, or a marked id (`-100123`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_USERNAME = r"[A-Za-z][A-Za-z0-9_]{3,31}"
_HOSTS = r"(?:https?://)?(?:www\.)?(?:t\.me|telegram\.me|telegram\.dog)/"
_AT = re.compile(rf"@?({_USERNAME})", re.ASCII)
_LINK = re.compile(rf"{_HOSTS}(?:s/)?({_USERNAME})(?:/\d+)*/?(?:\?\S*)?", re.IGNORECASE | re.ASCII)
_SUBDOMAIN = re.compile(rf"(?:https?://)?({_USERNAME})\.t\.me/?", re.IGNORECASE | re.ASCII)
_RESOLVE = re.compile(rf"tg://resolve\?domain=({_USERNAME})(?:&\S*)?", re.IGNORECASE | re.ASCII)
_INVITE = re.compile(rf"{_HOSTS}(?:joinchat/|\+|%2B)([\w-]+)/?", re.IGNORECASE | re.ASCII)
_JOIN = re.compile(r"tg://join\?invite=([\w-]+)(?:&\S*)?", re.IGNORECASE | re.ASCII)
_HASH = re.compile(r"\+([\w-]*[A-Za-z_-][\w-]*)", re.ASCII)
_PRIVATE = re.compile(rf"{_HOSTS}c/(\d{{1,13}})(?:/\d+)*/?(?:\?\S*)?", re.IGNORECASE | re.ASCII)
_POST = re.compile(r"tg://privatepost\?channel=(\d{1,13})(?:&\S*)?", re.IGNORECASE | re.ASCII)
_ID = re.compile(r"(-\d{5,16})", re.ASCII)
_CHANNELS = -1_000_000_000_000
"""Behind which the marked ids of channels and supergroups begin: this, less the bare id."""

_RESERVED = frozenset(
    {"joinchat", "addstickers", "addlist", "share", "proxy", "socks", "setlanguage", "iv", "login"}
)


class SourceFault(StrEnum):
    """Why a text is no source."""

    NOT_A_NAME = "not_a_name"


@dataclass(frozen=True, slots=True)
class BadSource:
    """A text that is no source, and why."""

    text: str
    fault: SourceFault


def parse_source(text: str) -> str | BadSource:
    """The canonical source of a username, a link, an invite link or a marked id."""
    stripped = text.strip().rstrip(",;，；、。")
    for pattern in (_INVITE, _JOIN, _HASH):
        if match := pattern.fullmatch(stripped):
            return f"+{match[1]}"
    for pattern in (_PRIVATE, _POST):
        if (match := pattern.fullmatch(stripped)) and int(match[1]):
            return str(_CHANNELS - int(match[1]))
    if match := _ID.fullmatch(stripped):
        return match[1]
    for pattern in (_LINK, _SUBDOMAIN, _RESOLVE, _AT):
        match = pattern.fullmatch(stripped)
        if match and match[1].lower() not in _RESERVED:
            return f"@{match[1].lower()}"
    return BadSource(stripped, SourceFault.NOT_A_NAME)


def parse_sources(text: str) -> tuple[tuple[str, ...], tuple[BadSource, ...]]:
    """All sources of a text, each once in the order given, and what could not be read."""
    good: dict[str, None] = {}
    bad: list[BadSource] = []
    for word in _words(text):
        parsed = parse_source(word)
        if isinstance(parsed, BadSource):
            bad.append(parsed)
        else:
            good[parsed] = None
    return tuple(good), tuple(bad)


def is_invite(source: str) -> bool:
    """Whether a canonical source is an invite link: nobody can read it before joining."""
    return source.startswith("+")


def chat_id(source: str) -> int | None:
    """The marked id that a canonical source names, None for names and invites."""
    return int(source) if source.startswith("-") else None


def link_to(source: str) -> str:
    """The link that opens a canonical source in Telegram; the id itself where there is none."""
    if source.startswith("@"):
        return f"https://t.me/{source[1:]}"
    if is_invite(source):
        return f"https://t.me/{source}"
    marked = int(source)
    return f"https://t.me/c/{_CHANNELS - marked}/1" if marked < _CHANNELS else source


def _words(text: str) -> Iterable[str]:
    return (word for word in re.split(r"[\s,;，；、]+", text) if word)
