"""Texts from outside, fit for where people see them: names, titles, messages, answers of servers.

They may hold codes that move a terminal's cursor, signs that turn the direction of writing, line
ends that forge a line of their own, signs that nobody sees, and halves of characters.
"""

import re

NOTHING_VISIBLE = "?"
"""What is shown of a text that has something, but nothing to see."""

_HALF = re.compile(r"[\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_BLANK = re.compile(r"[^\S\n\t ]|[\u115f\u1160\u2800\u3164\uffa0]")
_JOINED = re.compile(r"(?<=[^\s\u200c\u200d])[\u200c\u200d](?=[^\s\u200c\u200d])")
_FLAG = re.compile(r"(?<=\U0001f3f4)[\U000e0030-\U000e007a]{2,6}\U000e007f")
_HIDDEN = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\ufeff\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_OBEYED = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_UNSEEN = re.compile(rf"{_HIDDEN.pattern[:-1]}\t\n\r\x0b\x0c\x85\u2028\u2029\ud800-\udfff]")


def one_line(text: str) -> str:
    """The text as one line without what is not seen; `?` where nothing is left of it."""
    if _is_plain(text):
        return text
    line = " ".join(_LINE_END.sub(" ", several_lines(text)).split())
    return line or (NOTHING_VISIBLE if text else "")


def several_lines(text: str) -> str:
    """The text with its line ends, without what is not seen. Joiners inside of words and emoji
    stay, and so do flags."""
    if _is_plain(text):
        return text
    text = _LINE_END.sub("\n", _HALF.sub("\ufffd", text))
    kept = {match.start() for match in _JOINED.finditer(text)}
    for flag in _FLAG.finditer(text):
        kept.update(range(*flag.span()))
    text = _HIDDEN.sub(lambda match: match[0] if match.start() in kept else "", text)
    return _BLANK.sub(" ", text)


def escaped(text: str, *, keep: str = "") -> str:
    """The text with what is not seen written out, as `\\x1b`; nothing of it is lost."""
    if text.isprintable():
        return text
    return _UNSEEN.sub(lambda match: match[0] if match[0] in keep else _written(match[0]), text)


def safe_json(text: str) -> str:
    """The same JSON, with what a terminal or an editor could obey written as `\\uXXXX`."""
    return _OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _is_plain(text: str) -> bool:
    return text.isprintable() and not _BLANK.search(text)


def _written(sign: str) -> str:
    return sign.encode("unicode_escape").decode()
