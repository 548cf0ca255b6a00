"""`parse_mode=MarkdownV2`: nested marks, quotes, code; reserved characters must be escaped."""

import re
from dataclasses import dataclass, field

from sandbox.bot_api.entities import Entity, units
from sandbox.bot_api.errors import ApiError, bad_request
from sandbox.bot_api.html_markup import date_time, link

RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
MARKS = (
    ("__", "underline"),
    ("||", "spoiler"),
    ("*", "bold"),
    ("_", "italic"),
    ("~", "strikethrough"),
)
TITLES = {
    "underline": "Underline",
    "spoiler": "Spoiler",
    "bold": "Bold",
    "italic": "Italic",
    "strikethrough": "Strikethrough",
    "text_link": "TextUrl",
    "code": "Code",
    "pre": "Pre",
}


@dataclass(slots=True)
class _Open:
    kind: str
    start: int
    position: int


@dataclass(slots=True)
class _Parser:
    source: str
    position: int = 0
    out: list[str] = field(default_factory=list)
    length: int = 0
    stack: list[_Open] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    quote: int | None = None
    line_start: bool = True

    def refuse(self, reason: str, position: int) -> ApiError:
        offset = len(self.source[:position].encode())
        return bad_request(f"can't parse entities: {reason} at byte offset {offset}")

    def write(self, text: str) -> None:
        if text:
            self.out.append(text)
            self.length += units(text)
            self.line_start = text.endswith("\n")

    def at(self, mark: str) -> bool:
        return self.source.startswith(mark, self.position)

    def run(self) -> tuple[str, list[Entity]]:
        while self.position < len(self.source):
            if not (self.line_start and self._quote_line()):
                self._step()
        if self.stack:
            last = self.stack[-1]
            raise self.refuse(f"Can't find end of {TITLES[last.kind]} entity", last.position)
        self._end_quote()
        return "".join(self.out), self.entities

    def _quote_line(self) -> bool:
        """Begins, goes on with or ends a quote; true if it took characters."""
        fresh = self.at("**>")
        if fresh:
            self._end_quote()
            self.position += 2
        if not self.at(">"):
            self._end_quote()
            self.line_start = False
            return fresh
        self.position += 1
        if self.quote is None:
            self.quote = self.length
        self.line_start = False
        return True

    def _end_quote(self, kind: str = "blockquote") -> None:
        if self.quote is not None and self.length > self.quote:
            length = self.length - self.quote - (self.out[-1][-1] == "\n")
            self.entities.append({"type": kind, "offset": self.quote, "length": length})
        self.quote = None

    def _step(self) -> None:
        char = self.source[self.position]
        if char == "\\":
            self._escaped()
        elif char == "\r":
            self.position += 1
        elif self.at("```"):
            self._block()
        elif char == "`":
            self._code("`", "code", self.position + 1)
        elif char == "[":
            self._push("text_link", 1)
        elif self.at("!["):
            self._push("text_link", 2)
        elif char == "]" and self.stack and self.stack[-1].kind == "text_link":
            self._target()
        elif not self._mark():
            self._plain(char)

    def _escaped(self) -> None:
        following = self.source[self.position + 1 : self.position + 2]
        if following and 0 < ord(following) < 128:
            self.write(following)
            self.position += 2
        else:
            self.write("\\")
            self.position += 1

    def _plain(self, char: str) -> None:
        if char in RESERVED:
            raise bad_request(
                f"can't parse entities: Character '{char}' is reserved and must be escaped"
                f" with the preceding '\\'"
            )
        self.write(char)
        self.position += 1

    def _mark(self) -> bool:
        for mark, kind in MARKS:
            if self.at(mark):
                if mark == "||" and self._ends_expandable():
                    return True
                if self.stack and self.stack[-1].kind == kind:
                    self._pop(kind)
                    self.position += len(mark)
                else:
                    self._push(kind, len(mark))
                return True
        return False

    def _ends_expandable(self) -> bool:
        """`||` as the last thing of a quote folds the quote, unless it closes a spoiler."""
        rest = self.source[self.position + 2 :].lstrip("\r")
        last_line = not rest or (rest[0] == "\n" and not rest[1:].startswith(">"))
        if self.quote is None or self.stack or not last_line:
            return False
        self._end_quote("expandable_blockquote")
        self.position += 2
        return True

    def _push(self, kind: str, width: int) -> None:
        self.stack.append(_Open(kind, self.length, self.position))
        self.position += width

    def _pop(self, kind: str, **extra: object) -> None:
        opened = self.stack.pop()
        length = self.length - opened.start
        if length > 0:
            self.entities.append({"type": kind, "offset": opened.start, "length": length, **extra})

    def _target(self) -> None:
        opened = self.stack[-1]
        emoji = self.source[opened.position] == "!"
        label = "".join(self.out)[-1:]
        self.position += 1
        target = self._url() if self.at("(") else label
        found = _special(target) if emoji else link(target)
        if emoji and found is None:
            raise self.refuse("Custom emoji URL must have an emoji identifier", opened.position)
        if found is None:
            self.stack.pop()
            return
        self._pop(str(found.pop("type")), **found)

    def _url(self) -> str:
        match = re.compile(r"\(((?:\\.|[^)\\])*)\)", re.DOTALL).match(self.source, self.position)
        if match is None:
            raise self.refuse("Can't find end of a URL", self.position)
        self.position = match.end()
        return re.sub(r"\\(.)", r"\1", match[1], flags=re.DOTALL)

    def _block(self) -> None:
        match = re.compile(r"```(?:([\w+#.-]+)(?=\n))?\n?").match(self.source, self.position)
        language = match[1] if match else None
        extra = {"language": language} if language else {}
        self._code("```", "pre", match.end() if match else self.position + 3, **extra)

    def _code(self, mark: str, kind: str, begin: int, **extra: object) -> None:
        start = self.length
        pattern = re.compile(rf"((?:\\.|(?!{mark})[^\\])*){mark}", re.DOTALL)
        match = pattern.match(self.source, begin)
        if match is None:
            raise self.refuse(f"Can't find end of {TITLES[kind]} entity", self.position)
        self.write(re.sub(r"\\([\x01-\x7f])", r"\1", match[1]))
        self.position = match.end()
        self.line_start = False
        if self.length > start:
            length = self.length - start
            self.entities.append({"type": kind, "offset": start, "length": length, **extra})


def _special(target: str) -> Entity | None:
    if match := re.fullmatch(r"tg://emoji\?id=(\d+)", target):
        return {"type": "custom_emoji", "custom_emoji_id": match[1]}
    if match := re.fullmatch(r"tg://time\?unix=(\d+)(?:&format=(\w+))?", target):
        return date_time(match[1], match[2] or "")
    return None


def parse_markdown(source: str) -> tuple[str, list[Entity]]:
    return _Parser(source).run()
