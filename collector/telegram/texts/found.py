"""What was found of texts and links, and what is made of it."""

import re
from collections.abc import Iterable

from collector.telegram.texts.decision import LINK, PIECE

Found = list[tuple[str, str]]
"""A kind and a text each, in the order of the wire; the kind of a link is `LINK`."""

_PLAIN = re.compile(r"^(?:https?://)?(?:www\.)?(.*?)/?$", re.IGNORECASE | re.DOTALL)


def join(found: Found, start: int, kind: str, *, links: bool = False) -> None:
    """Make one text of the pieces from `start` on. `links`: that text is a link, too."""
    tail = found[start:]
    text = "".join(piece for mark, piece in tail if mark == PIECE)
    found[start:] = [one for one in tail if one[0] != PIECE]
    if text:
        found.insert(start, (kind, text))
        if links:
            found.append((LINK, text))


def sorted_out(
    found: Found, links: Iterable[str], file_name: str | None
) -> tuple[Found, list[str]]:
    """The texts, and the links behind those of the message's own text. What the text or the file
    says already is left out; so is a link that differs by its scheme or a slash at its end."""
    known = {_plain(link): link for link in links}
    texts: Found = []
    for kind, text in found:
        if kind == LINK:
            known.setdefault(_plain(text), text)
        elif text.strip() and not (kind == "file_name" and text == file_name):
            texts.append((kind, text))
    every = dict.fromkeys(links)
    every.update(dict.fromkeys(known.values()))
    return texts, list(every)


def _plain(link: str) -> str:
    match = _PLAIN.match(link)
    text = link if match is None else match[1]
    host, slash, path = text.partition("/")
    return f"{host.lower()}{slash}{path}"
