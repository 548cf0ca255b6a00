"""Text with entities: a chat's stock of phrases, joined into messages."""

import re
from dataclasses import dataclass
from functools import lru_cache

from telethon.tl import types

from sandbox import tl
from sandbox.content import phrases_en, phrases_zh
from sandbox.dice import Dice

STOCK = 331
"""A prime, so that no message says one thing twice."""
_SLOT = re.compile(r"\{(\w+)\}")
_MARK = re.compile(
    r"```(?P<lang>\w*)\n(?P<pre>.+?)\n```|\*\*(?P<bold>.+?)\*\*|__(?P<italic>.+?)__"
    r"|~~(?P<strike>.+?)~~"
    r"|\|\|(?P<spoiler>.+?)\|\||`(?P<code>.+?)`|\[(?P<label>.+?)\]\((?P<url>\S+?)\)"
    r"|(?P<link>https?://[^\s,。]+)|(?P<mention>@[A-Za-z0-9_]{4,32})|(?P<hashtag>#\w+)",
    re.DOTALL,
)
_ENTITIES = {
    "bold": types.MessageEntityBold,
    "italic": types.MessageEntityItalic,
    "strike": types.MessageEntityStrike,
    "spoiler": types.MessageEntitySpoiler,
    "code": types.MessageEntityCode,
    "link": types.MessageEntityUrl,
    "mention": types.MessageEntityMention,
    "hashtag": types.MessageEntityHashtag,
}


@dataclass(frozen=True, slots=True)
class Phrase:
    """`units`: UTF-16 code units. An entity: constructor, offset, length, what follows."""

    text: str
    units: int
    entities: tuple[tuple[bytes, int, int, bytes], ...]


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def parse(marked: str) -> Phrase:
    """Text with marks -> phrase."""
    text, entities, done = "", [], 0
    for match in _MARK.finditer(marked):
        text += marked[done : match.start()]
        constructor, inner, extra = _entity(match)
        entities.append((constructor, units(text), units(inner), extra))
        text += inner
        done = match.end()
    text += marked[done:]
    return Phrase(text, units(text), tuple(entities))


class Words:
    """What people of one chat say about a topic of theirs, and, if `chatty`, about nothing."""

    def __init__(self, seed: str, *, language: str, topic: str, glue: str, chatty: bool) -> None:
        source = phrases_zh if language == "zh" else phrases_en
        dice = Dice(f"words:{seed}:{topic}")
        templates = source.TOPICS[topic] * 2 + (source.EVERYDAY if chatty else ())
        said = dict.fromkeys(_fill(dice.pick(templates), source.SLOTS, dice) for _ in range(1200))
        phrases = [parse(marked) for marked in list(said)[:STOCK]]
        self._phrases = [(one.text.encode(), one.units, one.entities) for one in phrases]
        if len(self._phrases) < STOCK:
            raise ValueError(f"too few phrases about {topic}")
        self._glue = glue.encode()
        self._glue_units = units(glue)
        self._alone = [self._join(at, 1, 0) for at in range(STOCK)]

    def write(self, count: int, first: int, number: int) -> tuple[bytes, bytes]:
        """(text as TL string, vector of entities or nothing): one phrase or up to four, chosen by
        two draws from 0 to 65535 and any number."""
        at = first * STOCK >> 16
        if count < 30_000:
            return self._alone[at]
        many = 2 if count < 50_000 else 3 if count < 60_000 else 4
        stride = 1 + (number * 31 + first) % (STOCK - 1)
        return self._join(at, many, stride)

    def _join(self, at: int, many: int, stride: int) -> tuple[bytes, bytes]:
        texts, entities, begun = [], [], 0
        for _ in range(many):
            text, width, marks = self._phrases[at]
            texts.append(text)
            for constructor, offset, length, extra in marks:
                entities.append(constructor + tl.two_integers(begun + offset, length) + extra)
            begun += width + self._glue_units
            at = (at + stride) % STOCK
        text = tl.string(self._glue.join(texts))
        return text, tl.vector(entities) if entities else b""


@lru_cache(maxsize=64)
def words_of(seed: str, *, language: str, topic: str, glue: str, chatty: bool) -> Words:
    """What the chat with this seed says; made once, however many worlds have that chat."""
    return Words(seed, language=language, topic=topic, glue=glue, chatty=chatty)


def _fill(template: str, slots: dict[str, tuple[str, ...]], dice: Dice) -> str:
    return _SLOT.sub(lambda match: dice.pick(slots[match[1]]), template)


def _entity(match: re.Match[str]) -> tuple[bytes, str, bytes]:
    """(constructor, the text that stays, what follows offset and length)."""
    kind = match.lastgroup or ""
    if match["pre"] is not None:
        return _constructor(types.MessageEntityPre), match["pre"], _tail(match["lang"])
    if match["label"] is not None:
        return _constructor(types.MessageEntityTextUrl), match["label"], _tail(match["url"])
    return _constructor(_ENTITIES[kind]), match[kind], b""


def _constructor(entity: type) -> bytes:
    return entity.CONSTRUCTOR_ID.to_bytes(4, "little")  # type: ignore[attr-defined]


def _tail(text: str) -> bytes:
    return tl.string(text.encode())
