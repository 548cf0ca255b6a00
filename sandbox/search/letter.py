"""Text that is put together with its entities, and buttons under it."""

from dataclasses import dataclass, field

from telethon.tl import TLObject, types


@dataclass(slots=True)
class Letter:
    """Offsets are in UTF-16 code units, as Telegram counts."""

    text: str = ""
    entities: list[TLObject] = field(default_factory=list)
    rows: list[list[TLObject]] = field(default_factory=list)

    def add(self, text: str, *, url: str = "", kind: type[TLObject] | None = None) -> "Letter":
        """Some text; with `url` a link, with `kind` another entity over all of it."""
        offset, length = _units(self.text), _units(text)
        if url:
            entity = types.MessageEntityTextUrl(offset=offset, length=length, url=url)
            self.entities.append(entity)
        elif kind is not None:
            self.entities.append(kind(offset=offset, length=length))
        self.text += text
        return self

    def button(self, text: str, *, data: str = "", url: str = "") -> TLObject:
        """One to put into a row: it calls back with `data`, or opens `url`."""
        kind = (
            types.InlineButtonTypeUrl(url=url)
            if url
            else types.InlineButtonTypeCallback(data=data.encode())
        )
        return types.KeyboardInlineButton(text=text, type=kind)

    @property
    def markup(self) -> types.ReplyInlineMarkup | None:
        if not self.rows:
            return None
        rows = [types.KeyboardInlineButtonRow(buttons=row) for row in self.rows]
        return types.ReplyInlineMarkup(rows=rows)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
