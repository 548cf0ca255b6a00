"""Text with its entities: offsets and lengths in UTF-16 code units, as in the Bot API."""

import re
from dataclasses import dataclass, field
from typing import Any

from sandbox.bot_api.errors import bad_request

Entity = dict[str, Any]

PRIORITY = {
    "expandable_blockquote": 0,
    "blockquote": 0,
    "pre": 1,
    "code": 1,
    "text_link": 2,
    "text_mention": 2,
    "bold": 3,
    "italic": 4,
    "underline": 5,
    "strikethrough": 6,
    "spoiler": 7,
}
GIVEN: dict[str, dict[str, type]] = {
    "bold": {},
    "italic": {},
    "underline": {},
    "strikethrough": {},
    "spoiler": {},
    "blockquote": {},
    "expandable_blockquote": {},
    "code": {},
    "pre": {"language": str},
    "text_link": {"url": str},
    "text_mention": {"user": dict},
    "custom_emoji": {"custom_emoji_id": str},
    "date_time": {"unix_time": int, "date_time_format": str},
}
NEEDED = {"url", "user", "custom_emoji_id", "unix_time"}
FOUND = (
    (
        "url",
        re.compile(
            r"(?:https?://[^\s<>\"'，。、；！？（）《》「」]+|\bt\.me/[\w/+%-]+)", re.IGNORECASE
        ),
    ),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    (
        "bot_command",
        re.compile(r"(?<![\w/@#])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/])"),
    ),
    ("mention", re.compile(r"(?<![\w@/])@[a-zA-Z][a-zA-Z0-9_]{2,31}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#/])#(?=\w*[^\W\d])\w{1,256}")),
    ("cashtag", re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?!\w)")),
    ("phone_number", re.compile(r"(?<![\w+])\+\d[\d ()-]{6,18}\d(?!\w)")),
)


def units(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text) + sum(1 for char in text if ord(char) > 0xFFFF)


@dataclass(frozen=True, slots=True)
class Text:
    plain: str = ""
    entities: list[Entity] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.plain)


def finished(plain: str, entities: list[Entity]) -> Text:
    """What Telegram keeps of a parsed text: trimmed, with links and commands found, sorted."""
    plain, entities = _trim(plain, entities)
    end = units(plain)
    kept = [_clipped(entity, end) for entity in entities if entity["offset"] < end]
    kept = [entity for entity in kept if entity["length"] > 0]
    kept = _merged(kept)
    return Text(plain, sorted(kept + _detected(plain, kept), key=_order))


def _trim(plain: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    first = min((entity["offset"] for entity in entities), default=len(plain))
    blank = len(plain) - len(plain.lstrip())
    cut = min(blank, first)
    if cut:
        entities = [{**entity, "offset": entity["offset"] - cut} for entity in entities]
    return plain[cut:].rstrip(), entities


def _clipped(entity: Entity, end: int) -> Entity:
    return {**entity, "length": min(entity["length"], end - entity["offset"])}


def _order(entity: Entity) -> tuple[int, int, int]:
    return entity["offset"], -entity["length"], PRIORITY.get(entity["type"], 8)


def _merged(entities: list[Entity]) -> list[Entity]:
    """Neighbours of one kind become one, except quotes and code blocks, which stay apart."""
    result: list[Entity] = []
    for entity in sorted(entities, key=_order):
        twin = next((other for other in reversed(result) if _continues(other, entity)), None)
        if twin is None:
            result.append(dict(entity))
        else:
            end = max(_end(twin), _end(entity))
            twin["length"] = end - twin["offset"]
    return result


def _end(entity: Entity) -> int:
    return entity["offset"] + entity["length"]


def _continues(earlier: Entity, later: Entity) -> bool:
    if later["type"] in {"pre", "blockquote", "expandable_blockquote"}:
        return False
    same = {**earlier, "offset": 0, "length": 0} == {**later, "offset": 0, "length": 0}
    return same and _end(earlier) >= later["offset"]


def _detected(plain: str, given: list[Entity]) -> list[Entity]:
    taken = [
        (entity["offset"], _end(entity))
        for entity in given
        if entity["type"] in {"code", "pre", "text_link", "text_mention", "custom_emoji"}
    ]
    found: list[Entity] = []
    wide = not plain.isascii()
    for kind, pattern in FOUND:
        for match in pattern.finditer(plain):
            value = match.group().rstrip(".,;:!?)") if kind == "url" else match.group()
            start = units(plain[: match.start()]) if wide else match.start()
            end = start + (units(value) if wide else len(value))
            if not any(start < last and first < end for first, last in taken):
                taken.append((start, end))
                found.append({"type": kind, "offset": start, "length": end - start})
    return found


def given_entities(plain: str, items: list[Any]) -> list[Entity]:
    """Entities that a bot passed itself: unknown kinds are dropped, bad ranges refused."""
    total = units(plain)
    borders = _borders(plain)
    result = []
    for item in items:
        entity = _given(item)
        if entity is None:
            continue
        offset, end = entity["offset"], entity["offset"] + entity["length"]
        if end > total:
            raise bad_request(
                f"entity beginning at UTF-16 offset {offset} ends after the end of the text"
                f" at UTF-16 offset {end}"
            )
        if offset not in borders or end not in borders:
            raise bad_request(
                f"entity beginning at UTF-16 offset {offset} ends in a middle of a UTF-16 symbol"
            )
        result.append(entity)
    return result


def _borders(plain: str) -> set[int] | range:
    if plain.isascii():
        return range(len(plain) + 1)
    borders, position = {0}, 0
    for char in plain:
        position += 2 if ord(char) > 0xFFFF else 1
        borders.add(position)
    return borders


def _given(item: Any) -> Entity | None:
    if not isinstance(item, dict):
        raise bad_request("can't parse entities: expected an Object of type MessageEntity")
    kind, offset, length = item.get("type"), item.get("offset"), item.get("length")
    if not isinstance(kind, str):
        raise bad_request("can't parse entities: can't find field \"type\"")
    if not isinstance(offset, int) or not isinstance(length, int):
        raise bad_request("can't parse entities: offset and length must be of type Integer")
    if kind not in GIVEN or offset < 0 or length <= 0:
        return None
    extra = {name: item[name] for name, of in GIVEN[kind].items() if isinstance(item.get(name), of)}
    if len(extra) < len(NEEDED & GIVEN[kind].keys()):
        return None
    return {"type": kind, "offset": offset, "length": length, **extra}
