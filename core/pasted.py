"""Text as people paste it, taken apart: what may be a name or a link, and lines of words.

Whatever separates, in any script: white space, commas, semicolons, bullets, brackets, quotes,
marks that are not seen. All pure.
"""

import re
import unicodedata
from functools import lru_cache
from html import unescape

_IN_LINKS = r"A-Za-z0-9\-._~:/?#!$&'*+=%"
_REST_OF_LINK = rf"(?:[{_IN_LINKS}]|(?<=[/#=])@)*"
_HOSTS = r"(?:t\.me|telegram\.(?:me|dog)|web[kaz]?\.telegram\.org)"
_PIECE = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]*[A-Za-z0-9_]@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
    rf"|(?<![A-Za-z0-9])tg:{_REST_OF_LINK}"
    rf"|https?:/+{_REST_OF_LINK}"
    rf"|(?<![A-Za-z0-9_-])(?:[A-Za-z0-9_-]+\.)*{_HOSTS}(?![A-Za-z0-9_-]|\.[A-Za-z])(?:[/?#:]{_REST_OF_LINK})?"
    r"|@[A-Za-z0-9_]+",
    re.IGNORECASE,
)
"""A mail address (so that it is taken for no name), a link, or a name with its sign."""

_MARKDOWN = re.compile(r"!?\[([^\[\]]*)\]\(\s*<?([^\s<>()]+)>?(?:\s+[^()]*)?\)")
_ANCHOR = re.compile(
    r"<a\s[^<>]*?href\s*=\s*([\"'“”]?)([^\s\"'“”<>]+)\1[^<>]*>.*?</a\s*>", re.IGNORECASE | re.DOTALL
)
_TAG = re.compile(
    r"</?(?:a|b|blockquote|br|code|del|div|em|h[1-6]|i|ins|li|ol|p|pre|s|span|strike|strong|tg-[a-z]+|u|ul)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{1,3}")
"""Of a list, rather than of a chat."""

_LIST_COMMA = re.compile(r"^(\s*\d{1,3})、", re.MULTILINE)
_BULLETS = frozenset("-*+=_~.:&/#'")
_ENDS = ".!?:'*~=&#$%/"
_LIST_SIGNS = re.compile(r"^(?:\(?\d{1,3}[.)]\s+|[-*+·・–—]\s*)+")
_JOINERS = "\u200c\u200d"
_SOFT_HYPHEN = "\u00ad"
_MINUS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"))


def pieces(text: str) -> list[str]:
    """What may be names or links, each by itself and without what stands around it; also whatever
    else was written, a word each, so that it can be named."""
    apart = _apart(_plain(_unlinked(text)))
    found = [piece for word in apart.split() for piece in _pieces_of(word)]
    return [piece for piece in found if len(found) == 1 or not _NUMBER.fullmatch(piece)]


def lines(text: str) -> list[str]:
    """The phrases of a text: lines, and what commas, semicolons and bullets keep apart; each
    without list signs, white space in it being one blank."""
    marked = "".join(_for_phrases(sign) for sign in _LIST_COMMA.sub(r"\1. ", text))
    phrases = (" ".join(phrase.split()) for phrase in marked.split("\n"))
    return [stripped for phrase in phrases if (stripped := _LIST_SIGNS.sub("", phrase))]


def tidy(text: str) -> str:
    """A short text as if typed on a plain keyboard: full-width signs and digits of any script made
    ASCII, unseen marks gone, dashes alike, white space one blank, no stop at its end."""
    shown = (_digit(sign) for sign in _plain(text) if unicodedata.category(sign) != "Cf")
    return " ".join("".join(shown).translate(_MINUS).split()).rstrip(" .!。！")


def _plain(text: str) -> str:
    return "".join(_narrow(sign) for sign in text)


@lru_cache(maxsize=4096)
def _narrow(sign: str) -> str:
    """A sign for what it is a full-width, small or vertical form of."""
    if unicodedata.decomposition(sign).startswith(("<wide>", "<narrow>", "<small>", "<vertical>")):
        narrow = unicodedata.normalize("NFKC", sign)
        return narrow if len(narrow) == 1 else " "
    return "" if sign == _SOFT_HYPHEN else sign


def _unlinked(text: str) -> str:
    """Links that stand behind words instead of these words."""
    text = _ANCHOR.sub(lambda match: f" {unescape(match[2])} ", text)
    text = _MARKDOWN.sub(lambda match: f" {match[2]} ", text)
    return _TAG.sub(" ", text)


@lru_cache(maxsize=4096)
def _parts(sign: str) -> bool:
    """Whether a sign keeps names apart: all but letters, digits, and what links are made of."""
    if sign.isascii():
        return not (sign.isalnum() or sign in "-._~:/?#@!$&'*+=%")
    return unicodedata.category(sign)[0] not in "LN"


def _apart(text: str) -> str:
    minus = re.sub(r"[\u2010-\u2013\u2212](?=\d)", "-", text)
    return "".join(" " if _parts(sign) else sign for sign in minus)


def _pieces_of(word: str) -> list[str]:
    matches = list(_PIECE.finditer(word))
    if not matches:
        stripped = _stripped(word)
        return [stripped or word] if stripped or set(word) - _BULLETS else []
    found, at = [], 0
    for match in matches:
        found.append(_stripped(word[at : match.start()]))
        found.append(_ended(match[0], before=word[match.start() - 1 : match.start()]))
        at = match.end()
    found.append(_stripped(word[at:]))
    return [one for one in found if one]


def _stripped(word: str) -> str:
    """A word without the signs around it, of which one may begin an invite or an id."""
    if not any(sign.isalnum() for sign in word):
        return ""
    rest = word.lstrip(_ENDS).rstrip(_ENDS)
    if rest[0] == "_":
        return rest.strip("_")
    signs = len(rest) - len(rest.lstrip("+-"))
    return rest[signs - 1 :] if signs else rest


def _ended(piece: str, *, before: str) -> str:
    ended = piece.rstrip(_ENDS)
    return ended.rstrip("_") if before == "_" else ended


@lru_cache(maxsize=4096)
def _for_phrases(sign: str) -> str:
    """What a sign is among words: itself, a blank, nothing, or the end of a phrase."""
    name, category = unicodedata.name(sign, ""), unicodedata.category(sign)
    if sign in "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029":
        return "\n"
    if category.startswith("P") and re.search(r"\b(?:COMMA|SEMICOLON|BULLET)\b", name):
        return "\n"
    if (
        name.startswith("BULLET ")
        or name.endswith("BULLET")
        or sign in "|｜"
        or "\u25a0" <= sign <= "\u25ff"
    ):
        return "\n"
    if sign in _JOINERS:
        return sign
    if sign == _SOFT_HYPHEN:
        return ""
    if category in {"Cf", "Cc", "Cs"} or category.startswith("Z"):
        return " "
    return _narrow(sign)


def _digit(sign: str) -> str:
    number = unicodedata.decimal(sign, None)
    return sign if number is None else str(number)
