"""Text with entities: a stock of phrases a chat, joined into messages by dice."""

import re
from dataclasses import dataclass

from telethon.tl import types

from sandbox import tl
from sandbox.content import phrases_en, phrases_zh
from sandbox.dice import Dice

STOCK = 320
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


def stock(seed: str, *, language: str, topic: str) -> list[Phrase]:
    """What people of one chat say. `topic` is a key of the language's TOPICS."""
    source = phrases_zh if language == "zh" else phrases_en
    dice = Dice(f"stock:{seed}:{topic}")
    templates = source.TOPICS[topic] * 2 + source.EVERYDAY
    return [parse(_fill(dice.pick(templates), source.SLOTS, dice)) for _ in range(STOCK)]


def write(phrases: list[Phrase], dice: Dice, glue: str) -> tuple[bytes, bytes]:
    """One to four phrases -> (text as TL string, vector of entities or nothing)."""
    count = (1, 1, 1, 1, 2, 2, 3, 4)[dice.below(8)]
    texts, entities, at = [], [], 0
    for _ in range(count):
        phrase = dice.pick(phrases)
        for constructor, offset, length, extra in phrase.entities:
            place = tl.integer(at + offset) + tl.integer(length)
            entities.append(constructor + place + extra)
        texts.append(phrase.text)
        at += phrase.units + len(glue)
    text = tl.string(glue.join(texts).encode())
    return text, tl.vector(entities) if entities else b""


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
