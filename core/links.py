"""What an operator may write as a source: usernames and t.me links."""

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
_INVITE = re.compile(rf"{_HOSTS}(?:joinchat/|\+)([\w-]+)/?", re.IGNORECASE | re.ASCII)
_RESERVED = frozenset({"joinchat", "addstickers", "share", "proxy", "socks", "setlanguage", "iv"})


class SourceFault(StrEnum):
    """Why a text is no source that can be read by name."""

    INVITE = "invite"
    NOT_A_NAME = "not_a_name"


@dataclass(frozen=True, slots=True)
class BadSource:
    """A text that is no source, and why."""

    text: str
    fault: SourceFault


def parse_source(text: str) -> str | BadSource:
    """The canonical source, `@name` in lower case, of a username or a public t.me link."""
    stripped = text.strip().rstrip(",;，；、。")
    for pattern in (_LINK, _SUBDOMAIN, _RESOLVE, _AT):
        match = pattern.fullmatch(stripped)
        if match and match[1].lower() not in _RESERVED:
            return f"@{match[1].lower()}"
    fault = SourceFault.INVITE if _INVITE.fullmatch(stripped) else SourceFault.NOT_A_NAME
    return BadSource(stripped, fault)


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


def _words(text: str) -> Iterable[str]:
    return (word for word in re.split(r"[\s,;，；、]+", text) if word)
