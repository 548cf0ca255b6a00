"""A message of a chat, and its shape in the Bot API."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.bot_api.entities import Text
from sandbox.bot_api.files import StoredFile
from sandbox.bot_api.keyboards import Markup

Json = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Post:
    """`text` is the caption where there is a file. Dates are Unix seconds. `sender`: in a group the
    fields of a Message that say whose it is; `service`: those of one that tells what happened.
    """

    id: int
    by_bot: bool
    date: int
    text: Text
    file: StoredFile | None = None
    markup: Markup | None = None
    reply_to: int | None = None
    quote: str | None = None
    link_preview: Json | None = None
    protected: bool = False
    edited: int | None = None
    deleted: bool = False
    sender: Json | None = None
    service: Json | None = None

    def content(self) -> Json:
        """Text or file, as the fields of a Message."""
        if self.service is not None:
            return self.service
        if self.file is None:
            return _filled({"text": self.text.plain, "entities": self.text.entities})
        caption = {"caption": self.text.plain, "caption_entities": self.text.entities}
        if self.file.is_photo:
            return {"photo": self.file.as_photo(), **_filled(caption)}
        return {"document": self.file.as_document(), **_filled(caption)}

    def inline(self) -> Markup | None:
        if self.markup and "inline_keyboard" in self.markup:
            return self.markup
        return None

    def same_as(self, text: Text, markup: Markup | None) -> bool:
        return self.text == text and self.inline() == markup

    def summary(self) -> str:
        name = self.file.name if self.file else ""
        return self.text.plain or name


@dataclass(slots=True, kw_only=True)
class Posts:
    """What was written in a chat."""

    posts: dict[int, Post] = field(default_factory=dict)

    def post(self, message_id: int) -> Post | None:
        post = self.posts.get(message_id)
        return None if post is None or post.deleted else post

    def shown(self) -> Iterator[Post]:
        return (post for post in self.posts.values() if not post.deleted)


def _filled(fields: Json) -> Json:
    return {name: value for name, value in fields.items() if value}
