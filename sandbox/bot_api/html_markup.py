"""`parse_mode=HTML`: the few tags of Telegram, anything else refused with its byte offset."""

import re
from dataclasses import dataclass, field

from sandbox.bot_api.entities import Entity, units
from sandbox.bot_api.errors import ApiError, bad_request

SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
}
OTHER = {"a", "span", "tg-emoji", "tg-time", "blockquote"}
TOKEN = re.compile(
    r"<(?P<close>/)?(?P<tag>[a-zA-Z0-9-]*)(?P<attributes>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>"
    r"|&(?P<name>lt|gt|amp|quot);"
    r"|&\#(?:x(?P<hex>[0-9a-fA-F]{1,6})|(?P<decimal>\d{1,7}));",
)
ATTRIBUTE = re.compile(r"([a-zA-Z-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


@dataclass(slots=True)
class _Open:
    tag: str
    attributes: dict[str, str]
    start: int
    first: int


@dataclass(slots=True)
class _Parser:
    source: str
    out: list[str] = field(default_factory=list)
    length: int = 0
    stack: list[_Open] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)

    def refuse(self, reason: str, position: int) -> ApiError:
        offset = len(self.source[:position].encode())
        return bad_request(f"can't parse entities: {reason} at byte offset {offset}")

    def write(self, text: str) -> None:
        self.out.append(text)
        self.length += units(text)

    def run(self) -> tuple[str, list[Entity]]:
        position = 0
        while position < len(self.source):
            position = self._step(position)
        if self.stack:
            tag = self.stack[-1].tag
            reason = (
                f"can't parse entities: Can't find end tag corresponding to start tag \"{tag}\""
            )
            raise bad_request(reason)
        return "".join(self.out), self.entities

    def _step(self, position: int) -> int:
        char = self.source[position]
        if char not in "<&":
            found = re.compile("[<&]").search(self.source, position)
            end = found.start() if found else len(self.source)
            self.write(self.source[position:end])
            return end
        token = TOKEN.match(self.source, position)
        if token is None:
            if char == "<":
                raise self.refuse("Unclosed start tag", position)
            self.write("&")
            return position + 1
        if char == "&":
            self.write(_character(token))
        elif token["close"]:
            self._close(token["tag"].lower(), position)
        else:
            self._open(token, position)
        return token.end()

    def _open(self, token: re.Match[str], position: int) -> None:
        tag = token["tag"].lower()
        if tag not in SIMPLE and tag not in OTHER:
            raise self.refuse(f'Unsupported start tag "{tag}"', position)
        attributes = {
            match[1].lower(): _unescaped(match[2] or match[3] or match[4] or "")
            for match in ATTRIBUTE.finditer(token["attributes"])
        }
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise self.refuse('Tag "span" must have class "tg-spoiler"', position)
        self.stack.append(_Open(tag, attributes, self.length, len(self.out)))

    def _close(self, tag: str, position: int) -> None:
        if not self.stack:
            raise self.refuse("Unexpected end tag", position)
        opened = self.stack.pop()
        if tag not in ("", opened.tag):
            reason = f'expected "</{opened.tag}>", found "</{tag}>"'
            offset = len(self.source[:position].encode())
            raise bad_request(
                f"can't parse entities: Unmatched end tag at byte offset {offset}, {reason}"
            )
        length = self.length - opened.start
        extra = self._meaning(opened)
        if length > 0 and extra is not None:
            self._add(
                {"type": extra.pop("type"), "offset": opened.start, "length": length, **extra}
            )

    def _add(self, entity: Entity) -> None:
        last = self.entities[-1] if self.entities else None
        if entity["type"] == "pre" and last is not None and last["type"] == "code":
            whole = (last["offset"], last["length"]) == (entity["offset"], entity["length"])
            if whole:
                self.entities.pop()
                entity |= {"language": last["language"]} if "language" in last else {}
        if entity["type"] == "code" and not any(each.tag == "pre" for each in self.stack):
            entity.pop("language", None)
        self.entities.append(entity)

    def _meaning(self, opened: _Open) -> Entity | None:
        tag, attributes = opened.tag, opened.attributes
        if tag == "a":
            return link(attributes.get("href") or "".join(self.out[opened.first :]))
        if tag == "blockquote":
            return {"type": "expandable_blockquote" if "expandable" in attributes else tag}
        if tag == "tg-emoji":
            return {"type": "custom_emoji", "custom_emoji_id": attributes.get("emoji-id", "")}
        if tag == "tg-time":
            return date_time(attributes.get("unix", ""), attributes.get("format", ""))
        if tag == "code" and attributes.get("class", "").startswith("language-"):
            return {"type": "code", "language": attributes["class"].removeprefix("language-")}
        return {"type": "spoiler" if tag == "span" else SIMPLE[tag]}


def link(target: str) -> Entity | None:
    """A link's entity without its place; None for what Telegram would not make clickable."""
    if match := re.fullmatch(r"tg://user\?id=(\d+)", target):
        user = {"id": int(match[1]), "is_bot": False, "first_name": ""}
        return {"type": "text_mention", "user": user}
    if re.match(r"(?:https?|tg|ton|mailto|tel):", target, re.IGNORECASE):
        return {"type": "text_link", "url": target}
    if re.match(r"[\w-]+(?:\.[\w-]+)+(?:[/?#:]|$)", target):
        return {"type": "text_link", "url": f"http://{target}"}
    return None


def date_time(unix: str, layout: str) -> Entity:
    if not unix.isdigit():
        raise bad_request("can't parse entities: invalid date-time specified")
    entity: Entity = {"type": "date_time", "unix_time": int(unix)}
    return entity | ({"date_time_format": layout} if layout else {})


def _character(token: re.Match[str]) -> str:
    if token["name"]:
        return NAMED[token["name"]]
    code = int(token["hex"], 16) if token["hex"] else int(token["decimal"])
    usable = 0 < code < 0x110000 and not 0xD800 <= code < 0xE000
    return chr(code) if usable else token[0]


def _unescaped(value: str) -> str:
    return TOKEN.sub(lambda match: _character(match) if match[0][0] == "&" else match[0], value)


def parse_html(source: str) -> tuple[str, list[Entity]]:
    return _Parser(source.replace("\r", "")).run()
