"""What people do in a group with a bot: write, press, take it out, make it a supergroup."""

import time

from sandbox.bot_api.bot import BotState
from sandbox.bot_api.entities import finished
from sandbox.bot_api.groups import SUPERGROUP_BASE, GroupChat, as_user
from sandbox.bot_api.keyboards import buttons
from sandbox.bot_api.person import Seen
from sandbox.bot_api.posts import Json, Post
from sandbox.bot_api.queries import Query
from sandbox.people import Person


class Gathering:
    """A group and one bot. Unless it `reads_all`, the bot hears as Telegram's privacy mode has it:
    commands that name no other bot, replies to it, its name, and what happens to the group.
    """

    def __init__(self, bot: BotState, chat: GroupChat) -> None:
        self._bot = bot
        self.chat = chat

    @property
    def id(self) -> int:
        return self.chat.id

    @property
    def messages(self) -> list[Seen]:
        """Everything in the group, oldest first, edits applied, deleted ones gone."""
        return [self._seen(post) for post in self.chat.shown()]

    def message(self, message_id: int) -> Seen:
        """Raises LookupError for one that is not there, or not any more."""
        post = self.chat.post(message_id)
        if post is None:
            raise LookupError(f"no message {message_id}")
        return self._seen(post)

    def say(self, person: int, text: str, *, reply_to: int | None = None) -> int:
        """One of its people writes; the id of the message."""
        return self._write(self.chat.by(person), text, reply_to)

    def say_anonymously(self, text: str) -> int:
        """An administrator writes in the name of the group."""
        return self._write(self.chat.by_anonymous_admin(), text)

    def say_as_channel(self, channel_id: int, title: str, text: str) -> int:
        """Somebody writes in the name of a channel."""
        return self._write(self.chat.by_channel(channel_id, title), text)

    def press(self, person: int, message_id: int, button: str) -> Query:
        """Press the inline button with that data or text."""
        post = self.chat.posts[message_id]
        for each in buttons(post.markup):
            if button in (each.get("callback_data"), each["text"]) and "callback_data" in each:
                return self._press(person, post, each["callback_data"])
        raise LookupError(f"message {message_id} has no button {button!r}")

    def take_bot_out(self, by: int) -> None:
        """The bot may not write here any more, and hears nothing."""
        self.chat.removed = True
        change = {
            "chat": self.chat.as_json(),
            "from": as_user(self.chat.people[by]),
            "date": int(time.time()),
            "old_chat_member": {"user": self._bot.user, "status": "member"},
            "new_chat_member": {"user": self._bot.user, "status": "left"},
        }
        self._bot.updates.put({"my_chat_member": change})

    def migrate(self, by: int) -> "Gathering":
        """The supergroup that it becomes. What was written before stays behind: nothing of it can
        be edited any more, and the supergroup numbers its messages anew.
        """
        chat = self.chat
        new = GroupChat(
            id=-SUPERGROUP_BASE + chat.id,
            title=chat.title,
            people=chat.people,
            reads_all=chat.reads_all,
        )
        self._bot.chats.groups[new.id] = new
        self._happened(chat, by, {"migrate_to_chat_id": new.id})
        chat.moved_to = new.id
        self._happened(new, by, {"migrate_from_chat_id": chat.id})
        return Gathering(self._bot, new)

    def _happened(self, chat: GroupChat, by: int, service: Json) -> None:
        text = finished("", [])
        post = self._bot.chats.add(
            chat, by_bot=False, text=text, sender=chat.by(by), service=service
        )
        self._bot.updates.put({"message": self._bot.announce(chat, post, "message")})

    def _write(self, sender: Json, text: str, reply_to: int | None = None) -> int:
        post = self._bot.chats.add(
            self.chat, by_bot=False, text=finished(text, []), sender=sender, reply_to=reply_to
        )
        message = self._bot.announce(self.chat, post, "message")
        if not self.chat.removed and (self.chat.reads_all or self._is_meant(text, reply_to)):
            self._bot.updates.put({"message": message})
        return post.id

    def _is_meant(self, text: str, reply_to: int | None) -> bool:
        original = self.chat.post(reply_to) if reply_to else None
        if original is not None and original.by_bot:
            return True
        name = f"@{self._bot.user['username']}".lower()
        first = text.split(maxsplit=1)[0].lower() if text.strip() else ""
        if first.startswith("/") and "@" in first:
            return first.endswith(name)
        return first.startswith("/") or name in text.lower()

    def _press(self, person: int, post: Post, data: str) -> Query:
        query = self._bot.queries.open(person, post.id, data)
        self._bot.updates.put(
            {
                "callback_query": {
                    "id": query.id,
                    "from": as_user(self.chat.people[person]),
                    "chat_instance": str(self._bot.id ^ self.id),
                    "message": self._bot.chats.as_message(self.chat, post),
                    "data": data,
                }
            }
        )
        return query

    def _seen(self, post: Post) -> Seen:
        return Seen(self._bot.chats.as_message(self.chat, post), post.file)


def gather(
    bot: BotState, title: str, people: list[Person], *, supergroup: bool, reads_all: bool
) -> Gathering:
    """A new group of these people and the bot."""
    number = 4_000_001 + len(bot.chats.groups)
    chat = GroupChat(
        id=-SUPERGROUP_BASE - number if supergroup else -number,
        title=title,
        people={person.id: person for person in people},
        reads_all=reads_all,
    )
    bot.chats.groups[chat.id] = chat
    return Gathering(bot, chat)
