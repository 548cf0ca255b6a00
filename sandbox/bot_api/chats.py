"""The chats of one bot: who wrote to it, what was said, who blocked it, which groups it is in."""

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from sandbox.bot_api.errors import bad_request, forbidden, upgraded
from sandbox.bot_api.groups import GroupChat, as_user
from sandbox.bot_api.params import Params
from sandbox.bot_api.posts import Json, Post, Posts
from sandbox.people import Person

CHAT_ID = re.compile(r"-?[0-9]{1,20}")


@dataclass(slots=True)
class PrivateChat(Posts):
    """One person and the bot. `language` is what Telegram tells the bot of the person's app."""

    person: Person
    language: str
    started: bool = False
    blocked: bool = False
    keyboard: Json | None = None
    pinned: int | None = None

    @property
    def id(self) -> int:
        return self.person.id

    def user(self) -> Json:
        return as_user(self.person, self.language)

    def as_json(self) -> Json:
        user = self.user()
        names = ("id", "first_name", "last_name", "username")
        return {"type": "private", **{name: user[name] for name in names if name in user}}

    def sender(self, post: Post, bot: Json) -> Json:
        return {"from": bot if post.by_bot else self.user()}


AnyChat: TypeAlias = PrivateChat | GroupChat


class Chats:
    def __init__(self, people: Iterable[Person], bot: Json) -> None:
        self._bot = bot
        self._by_id = {person.id: PrivateChat(person, person.language_code) for person in people}
        self.groups: dict[int, GroupChat] = {}
        self.last_id = 0

    def __iter__(self) -> Iterator[PrivateChat]:
        return iter(self._by_id.values())

    def of(self, person_id: int) -> PrivateChat | None:
        return self._by_id.get(person_id)

    def admit(self, person: Person) -> PrivateChat:
        """The chat of a person who may be new to the world."""
        chat = self._by_id.get(person.id)
        if chat is None:
            chat = self._by_id[person.id] = PrivateChat(person, person.language_code)
        return chat

    def addressed(self, params: Params) -> AnyChat:
        """The chat that a call names, whether the bot may write there or not."""
        value = params.text("chat_id")
        if not value:
            raise bad_request("chat_id is empty")
        number = int(value) if CHAT_ID.fullmatch(value) else 0
        chat = self._by_id.get(number) or self.groups.get(number)
        if chat is None:
            raise bad_request("chat not found")
        return chat

    def writable(self, params: Params) -> AnyChat:
        """The chat that a call writes into, or edits in."""
        chat = self.addressed(params)
        if isinstance(chat, GroupChat):
            if chat.moved_to is not None:
                raise upgraded(chat.moved_to)
            if chat.removed:
                raise forbidden(f"bot was kicked from the {chat.kind} chat")
            return chat
        if chat.blocked:
            raise forbidden("bot was blocked by the user")
        if not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
        return chat

    def add(self, chat: AnyChat, **fields: Any) -> Post:
        counter = chat if isinstance(chat, GroupChat) and chat.is_super else self
        counter.last_id += 1
        post = Post(id=counter.last_id, date=int(time.time()), **fields)
        chat.posts[post.id] = post
        return post

    def as_message(self, chat: AnyChat, post: Post, *, nested: bool = True) -> Json:
        """The Message object; a reply carries what it answers one level deep."""
        message: Json = {
            "message_id": post.id,
            **chat.sender(post, self._bot),
            "chat": chat.as_json(),
            "date": post.date,
        }
        if post.edited:
            message["edit_date"] = post.edited
        original = chat.post(post.reply_to) if post.reply_to and nested else None
        if original is not None:
            message["reply_to_message"] = self.as_message(chat, original, nested=False)
            if post.quote:
                position = original.text.plain.find(post.quote)
                message["quote"] = {"text": post.quote, "position": max(position, 0)}
        message |= post.content()
        if post.link_preview:
            message["link_preview_options"] = post.link_preview
        if post.protected:
            message["has_protected_content"] = True
        if markup := post.inline():
            message["reply_markup"] = markup
        return message
