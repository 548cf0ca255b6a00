"""What a human does in the chat with a bot: writes, presses, blocks, waits for an answer."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.bot_api.bot import BotState
from sandbox.bot_api.chats import PrivateChat
from sandbox.bot_api.entities import finished
from sandbox.bot_api.feed import Event
from sandbox.bot_api.files import StoredFile
from sandbox.bot_api.keyboards import buttons
from sandbox.bot_api.posts import Json, Post
from sandbox.bot_api.queries import Query

PAGE = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as the person sees it now. `raw` is the Bot API's Message."""

    raw: Json
    file: StoredFile | None

    @property
    def id(self) -> int:
        return self.raw["message_id"]

    @property
    def by_bot(self) -> bool:
        return self.raw["from"]["is_bot"]

    @property
    def text(self) -> str:
        """The text, or the caption of a file."""
        return self.raw.get("text") or self.raw.get("caption") or ""

    @property
    def buttons(self) -> list[list[str]]:
        rows = self.raw.get("reply_markup", {}).get("inline_keyboard", [])
        return [[button["text"] for button in row] for row in rows]

    @property
    def edited(self) -> bool:
        return "edit_date" in self.raw

    @property
    def reply_to(self) -> int | None:
        return self.raw.get("reply_to_message", {}).get("message_id")

    @property
    def document(self) -> bytes | None:
        return self.file.content if self.file else None


class Human:
    """One person in front of one bot. The page acts through it, and so may a test."""

    def __init__(self, bot: BotState, chat: PrivateChat) -> None:
        self._bot = bot
        self.chat = chat
        self.answers: list[Query] = []

    @property
    def id(self) -> int:
        return self.chat.id

    @property
    def patience(self) -> float:
        """Seconds after which a press counts as not answered."""
        return self._bot.limits.callback_seconds

    @property
    def messages(self) -> list[Seen]:
        """Everything in the chat, oldest first, edits applied, deleted ones gone."""
        return [self._seen(post) for post in self.chat.shown()]

    @property
    def last(self) -> Seen:
        """The newest message of the bot. Raises LookupError when it never wrote."""
        for post in reversed(self.chat.posts.values()):
            if post.by_bot and not post.deleted:
                return self._seen(post)
        raise LookupError("the bot has not written")

    def message(self, message_id: int) -> Seen:
        """Raises LookupError for one that is not there, or not any more."""
        post = self.chat.post(message_id)
        if post is None:
            raise LookupError(f"no message {message_id}")
        return self._seen(post)

    async def send(self, text: str, *, reply_to: int | None = None) -> int:
        """Writes to the bot; the id of the new message."""
        await self.unblock()
        self.chat.started = True
        post = self._bot.chats.add(
            self.chat, by_bot=False, text=finished(text, []), reply_to=reply_to
        )
        self._bot.updates.put({"message": self._bot.announce(self.chat, post, "message")})
        return post.id

    async def press(self, message_id: int, button: str) -> Query:
        """Presses the inline button with that data or text; a message deleted meanwhile too."""
        post = self.chat.posts[message_id]
        for each in buttons(post.markup):
            if button in (each.get("callback_data"), each["text"]) and "callback_data" in each:
                return self.press_data(message_id, each["callback_data"])
        raise LookupError(f"message {message_id} has no button {button!r}")

    def press_data(self, message_id: int, data: str) -> Query:
        """A press with any data, as a stale or hostile app may send it."""
        query = self._bot.queries.open(self.id, message_id, data)
        self.answers.append(query)
        self._bot.updates.put(
            {
                "callback_query": {
                    "id": query.id,
                    "from": self.chat.user(),
                    "chat_instance": str(self._bot.id ^ self.id),
                    "message": self._pressed(message_id),
                    "data": data,
                }
            }
        )
        return query

    async def answered(self, query: Query, timeout: float = 10) -> Query:
        """The query once the bot has answered it. Raises TimeoutError."""
        await self.wait_for(lambda _: query.answered, timeout)
        return query

    async def block(self) -> None:
        if not self.chat.blocked:
            self.chat.blocked = True
            self._membership("member", "kicked")

    async def unblock(self) -> None:
        if self.chat.blocked:
            self.chat.blocked = False
            self._membership("kicked", "member")

    def speak(self, language_code: str) -> None:
        """Changes the language of the person's app, which the bot is told with each update."""
        self.chat.language = language_code
        commands = self._bot.commands.shown_to(self.id, language_code)
        self._bot.feed.publish(self.id, {"type": "commands", "commands": commands})

    def download(self, message_id: int) -> StoredFile:
        file = self.message(message_id).file
        if file is None:
            raise LookupError(f"message {message_id} has no file")
        return file

    async def wait_for(self, predicate: Callable[["Human"], Any], timeout: float = 10) -> Any:
        """What `predicate(self)` returns once it is true; looked at after each event."""
        with self._bot.feed.watch(self.id) as events:
            async with asyncio.timeout(timeout):
                while not (result := predicate(self)):
                    await events.get()
        return result

    async def wait_for_message(self, predicate: Callable[[Seen], Any], timeout: float = 10) -> Seen:
        """The first message of the bot, oldest first, for which `predicate` holds."""
        return await self.wait_for(
            lambda me: next((m for m in me.messages if m.by_bot and predicate(m)), None), timeout
        )

    def events(self) -> Any:
        """A context with a queue of what happens in the chat from now on."""
        return self._bot.feed.watch(self.id)

    def state(self) -> Event:
        """All that a page needs to draw the chat."""
        chat = self.chat
        return {
            "type": "state",
            "person": {**chat.user(), "language_code": chat.language},
            "bot": self._bot.user,
            **self.page(),
            "commands": self._bot.commands.shown_to(chat.id, chat.language),
            "keyboard": chat.keyboard,
            "pinned": chat.pinned,
            "blocked": chat.blocked,
        }

    def page(self, before: int | None = None) -> Event:
        """The newest messages, or those before an id; `more` if there are older ones."""
        posts = [post for post in self.chat.shown() if before is None or post.id < before]
        kept = posts[-PAGE:]
        messages = [self._bot.chats.as_message(self.chat, post) for post in kept]
        return {"messages": messages, "more": len(posts) > len(kept)}

    def _seen(self, post: Post) -> Seen:
        return Seen(self._bot.chats.as_message(self.chat, post), post.file)

    def _pressed(self, message_id: int) -> Json:
        post = self.chat.post(message_id)
        if post is None:
            return {"chat": self.chat.as_json(), "message_id": message_id, "date": 0}
        return self._bot.chats.as_message(self.chat, post)

    def _membership(self, old: str, new: str) -> None:
        def member(status: str) -> Json:
            until = {"until_date": 0} if status == "kicked" else {}
            return {"user": self._bot.user, "status": status, **until}

        change = {
            "chat": self.chat.as_json(),
            "from": self.chat.user(),
            "date": int(time.time()),
            "old_chat_member": member(old),
            "new_chat_member": member(new),
        }
        self._bot.updates.put({"my_chat_member": change})
        self._bot.feed.publish(self.id, {"type": "blocked", "blocked": self.chat.blocked})
