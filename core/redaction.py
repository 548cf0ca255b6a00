"""Secrets out of texts: the known ones in whatever form they come, and what looks like one."""

import json
import re
from collections.abc import Iterable, Iterator
from html import escape
from urllib.parse import quote, quote_plus, unquote_plus

MASK = "[hidden]"
PIECE = 6
"""Characters of a secret that must not be seen together. Shorter secrets are found by their place
only, as the password of an address is."""

ODD = "surrogatepass"
"""What becomes of halves of characters, which the environment may hold: no error, at least."""

_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_PUBLIC = re.compile(r"\d+(?::|%3A)", re.IGNORECASE)
"""With which a bot's token begins: the bot's id, which anybody may know."""
_PHONE = re.compile(r"\+?[\d ()-]{8,}")

_PATTERNS = (
    re.compile(r"(?<!\d)\d{5,20}(?::|%3[Aa])[\w%-]{20,}"),  # a bot's token
    re.compile(r"(?<=/bot)\d+(?::|%3[Aa])[^\s/?#'\"]*"),  # whatever is sent as one
    re.compile(r"\b1[\w-]{200,}={0,2}"),  # a session as a string
    re.compile(r"\bgAAAA[\w-]{60,}={0,2}"),  # a Fernet token
    re.compile(r"(?<![\w-])[\w-]{43}=(?![\w=])"),  # a Fernet key
    re.compile(r"(?<![\w.])\+\d[\d ()-]{7,17}\d\b"),  # a phone number
)
_CONTENTS = (
    re.compile(r"(?<=, full error: ).+", re.DOTALL),  # the driver: the documents of a write
    re.compile(r"(?<=emaining data )b?['\"].+", re.DOTALL),  # Telethon: what it could not read
    re.compile(r"(?<=Remaining bytes: ).+", re.DOTALL),
    re.compile(r"(?<=input_value=).{0,200}?(?=, input_type)", re.DOTALL),  # pydantic
    re.compile(r"(?<=\bContent: ).+", re.DOTALL),  # aiogram: an answer that it could not read
)
_WORD = re.compile(r"\S+")


_OURS = ("telecrew", "telegram", "mongodb", "localhost", "127.0.0.1")
"""Words that anybody may see, and that some take for a part of their passwords."""


class Redaction:
    """Masks the secrets that it knows, pieces of them, and what looks like a secret.

    The time it takes grows with the length of the text, whatever stands in it.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._pieces: set[str] = set()
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Mask these, too, from now on."""
        for secret in secrets:
            for form in _forms(secret):
                self._pieces.update(_pieces_of(form.translate(_LOWER)))

    def text(self, text: str) -> str:
        """The text without secrets."""
        if "://" in text and "@" in text:
            text = _WORD.sub(_without_login, text)
        for pattern in _PATTERNS:
            text = pattern.sub(MASK, text)
        return self._without_pieces(text)

    def _without_pieces(self, text: str) -> str:
        if not self._pieces:
            return text
        lower, pieces = text.translate(_LOWER), self._pieces
        shown: list[str] = []
        done = 0
        for start in range(len(lower) - PIECE + 1):
            if lower[start : start + PIECE] in pieces:
                if start > done or not shown:
                    shown += [text[done:start], MASK]
                done = start + PIECE
        return "".join([*shown, text[done:]])


def without_contents(text: str) -> str:
    """An error's text without the documents, messages or answers that libraries put into it."""
    for pattern in _CONTENTS:
        text = pattern.sub(MASK, text)
    return text


def _without_login(word: re.Match[str]) -> str:
    """An address without user and password."""
    text = word[0]
    start, end = text.find("://") + 3, text.rfind("@")
    if start < 3 or end < start or ":" not in text[start:end]:
        return text
    return f"{text[:start]}{MASK}{text[end:]}"


def _forms(secret: str) -> Iterator[str]:
    """What a secret looks like in addresses, in source and in HTML."""
    for plain in {secret, unquote_plus(secret)}:
        public = _PUBLIC.match(plain)
        bare = plain[public.end() :] if public else plain
        if _PHONE.fullmatch(bare):
            yield re.sub(r"\D", "", bare)
        yield from {
            bare,
            quote(bare, safe="", errors=ODD),
            quote(bare, errors=ODD),
            quote_plus(bare, errors=ODD),
            json.dumps(bare)[1:-1],
            json.dumps(bare, ensure_ascii=False)[1:-1],
            repr(bare)[1:-1],
            ascii(bare)[1:-1],
            escape(bare),
        }


def _pieces_of(form: str) -> Iterator[str]:
    pieces = (form[start : start + PIECE] for start in range(len(form) - PIECE + 1))
    return (piece for piece in pieces if not any(piece in word for word in _OURS))
