"""What an operator may write as a source: usernames, t.me links, invite links and ids.

A canonical source is `@name` in lower case, `+HASH` of an invite link, or a marked id (`-100123`).
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from core.pasted import pieces

_USERNAME = r"[A-Za-z][A-Za-z0-9_]{3,31}"
_NAME = re.compile(rf"@?({_USERNAME})", re.ASCII)
_HASH = re.compile(r"\+([\w-]*[A-Za-z_-][\w-]*)", re.ASCII)
_INVITE = re.compile(r"[\w-]+", re.ASCII)
_ID = re.compile(r"-\d{5,16}", re.ASCII)
_BARE_ID = re.compile(r"\d{1,13}", re.ASCII)
_CHANNELS = -1_000_000_000_000
"""Behind which the marked ids of channels and supergroups begin: this, less the bare id."""

_HOSTS = frozenset({"t.me", "telegram.me", "telegram.dog"})
_WEB_APPS = re.compile(r"web[kaz]?\.telegram\.org")
_FOLDERS = frozenset({"addlist"})
_PEOPLE = frozenset({"contact", "m", "message", "user"})
_OTHERS = frozenset(
    {
        "addemoji",
        "addstickers",
        "addtheme",
        "auction",
        "bg",
        "call",
        "confirmphone",
        "giftcode",
        "invoice",
        "iv",
        "joinchat",
        "login",
        "msg",
        "nft",
        "passport",
        "proxy",
        "setlanguage",
        "share",
        "socks",
        "stargift",
        "stars",
        "theme",
    }
)
"""First parts of paths that lead to something else than a chat; none of them is a name."""


class SourceFault(StrEnum):
    """Why a text is no source: it is none at all; a word that could be a name, without its sign;
    a link to a person, to a folder of chats, or to something else in Telegram.
    """

    NOT_A_NAME = "not_a_name"
    BARE_WORD = "bare_word"
    PERSON = "person"
    FOLDER = "folder"
    OTHER_LINK = "other_link"


@dataclass(frozen=True, slots=True)
class BadSource:
    """A text that is no source, and why."""

    text: str
    fault: SourceFault


def parse_source(text: str) -> str | BadSource:
    """The canonical source of a username, a link, an invite link or a marked id, however it was
    pasted; a name needs no sign here.
    """
    stripped = text.strip()
    if _HASH.fullmatch(stripped) or _ID.fullmatch(stripped):
        return stripped
    found = pieces(stripped)
    if len(found) != 1:
        return BadSource(stripped, SourceFault.NOT_A_NAME)
    read = _read(found[0])
    if read is SourceFault.BARE_WORD:
        return f"@{found[0].lower()}"
    return BadSource(stripped, read) if isinstance(read, SourceFault) else read


def parse_sources(text: str) -> tuple[tuple[str, ...], tuple[BadSource, ...]]:
    """All sources of a text, each once in the order given, and what could not be read. A word that
    could be a name is a `BARE_WORD`, unless an underscore in it tells that it is one.
    """
    good: dict[str, None] = {}
    bad: dict[BadSource, None] = {}
    for piece in pieces(text):
        read = _read(piece)
        if read is SourceFault.BARE_WORD and "_" in piece:
            good[f"@{piece.lower()}"] = None
        elif isinstance(read, SourceFault):
            bad[BadSource(piece, read)] = None
        else:
            good[read] = None
    return tuple(good), tuple(bad)


def is_public_name(source: str) -> bool:
    """Whether a text is the canonical source of a public name."""
    return source.startswith("@") and _NAME.fullmatch(source) is not None


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


def _read(piece: str) -> str | SourceFault:
    """The canonical source of one piece of a text."""
    if _HASH.fullmatch(piece) or _ID.fullmatch(piece):
        return piece
    if match := _NAME.fullmatch(piece):
        name = match[1].lower()
        if name in _OTHERS | _FOLDERS | _PEOPLE:
            return SourceFault.NOT_A_NAME
        return f"@{name}" if piece.startswith("@") else SourceFault.BARE_WORD
    if piece.lower().startswith("tg:"):
        return _in_app(piece)
    if "://" in piece or "." in piece:
        return _on_the_web(piece)
    return SourceFault.NOT_A_NAME


def _in_app(link: str) -> str | SourceFault:
    """What a `tg:` link leads to."""
    kind, _, query = link[len("tg:") :].lstrip("/").partition("?")
    asked = dict(parse_qsl(query, keep_blank_values=True))
    verb = kind.strip("/").lower()
    if verb in {"resolve", "boost"} and "domain" in asked:
        return _named(asked["domain"])
    if verb in {"privatepost", "boost"} and "channel" in asked:
        return _private(asked["channel"])
    if verb == "join":
        return _invited(asked.get("invite", ""))
    if verb in _FOLDERS:
        return SourceFault.FOLDER
    is_person = verb in _PEOPLE or "phone" in asked or "user_id" in asked
    return SourceFault.PERSON if is_person else SourceFault.OTHER_LINK


def _on_the_web(link: str) -> str | SourceFault:
    """What a link with a host leads to."""
    try:
        parts = urlsplit(link if "://" in link else f"https://{link}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return SourceFault.NOT_A_NAME
    if host in _HOSTS:
        return _at_path(parts)
    if _WEB_APPS.fullmatch(host):
        return _in_web_app(parts)
    name, _, domain = host.rpartition(".t.me")
    return _named(name) if name and not domain else SourceFault.NOT_A_NAME


def _at_path(parts: SplitResult) -> str | SourceFault:
    way = [unquote(part) for part in parts.path.split("/") if part]
    first, then = (*way, "", "")[:2]
    match first.lower():
        case "s":
            return _named(then)
        case "joinchat":
            return _invited(then)
        case "c":
            return _private(then)
        case "boost":
            asked = dict(parse_qsl(parts.query))
            return _named(then) if then else _private(asked.get("c", ""))
        case kind if kind in _FOLDERS:
            return SourceFault.FOLDER
        case kind if kind in _PEOPLE or re.fullmatch(r"\+\d+", kind):
            return SourceFault.PERSON
        case kind if kind in _OTHERS or kind.startswith("$") or not kind:
            return SourceFault.OTHER_LINK
    return _invited(first[1:]) if first[0] in "+ " else _named(first)


def _in_web_app(parts: SplitResult) -> str | SourceFault:
    """The chat that is open in Telegram's apps for browsers."""
    asked = dict(parse_qsl(parts.fragment.partition("?")[2] or parts.query))
    if link := asked.get("tgaddr"):
        return _in_app(link)
    shown = asked.get("p", parts.fragment.partition("?")[0])
    if shown.startswith("@"):
        return _named(shown)
    number = shown.partition("_")[0]
    return number if _ID.fullmatch(number) else SourceFault.OTHER_LINK


def _named(name: str) -> str | SourceFault:
    match = _NAME.fullmatch(name)
    if match is None:
        return SourceFault.NOT_A_NAME
    lower = match[1].lower()
    return SourceFault.OTHER_LINK if lower in _OTHERS | _FOLDERS | _PEOPLE else f"@{lower}"


def _invited(code: str) -> str | SourceFault:
    return f"+{code}" if _INVITE.fullmatch(code) else SourceFault.NOT_A_NAME


def _private(bare: str) -> str | SourceFault:
    if not _BARE_ID.fullmatch(bare) or not int(bare):
        return SourceFault.NOT_A_NAME
    return str(_CHANNELS - int(bare))
