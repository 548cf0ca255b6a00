"""The groups that a bot is in: basic groups, supergroups, and what becomes of one as the other."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.bot_api.posts import Json, Post, Posts
from sandbox.people import Person

SUPERGROUP_BASE = 1_000_000_000_000
ANONYMOUS_ADMIN: Json = {
    "id": 1087968824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}
CHANNEL_SENDER: Json = {
    "id": 136817688,
    "is_bot": True,
    "first_name": "Channel",
    "username": "Channel_Bot",
}
"""Who stands in `from` where a chat wrote: the group itself, or a channel."""


@dataclass(slots=True)
class GroupChat(Posts):
    """A group as the bot sees it. `last_id`: of a supergroup, which numbers its messages itself; a
    basic group's are numbered with the bot's private chats. `moved_to`: the supergroup that it
    became. `reads_all`: the bot hears more than what is meant for it.
    """

    id: int
    title: str
    people: dict[int, Person] = field(default_factory=dict)
    reads_all: bool = False
    removed: bool = False
    moved_to: int | None = None
    last_id: int = 0
    keyboard: Json | None = None
    pinned: int | None = None

    @property
    def is_super(self) -> bool:
        return self.id < -SUPERGROUP_BASE

    @property
    def kind(self) -> str:
        return "supergroup" if self.is_super else "group"

    def as_json(self) -> Json:
        whole = {} if self.is_super else {"all_members_are_administrators": False}
        return {"id": self.id, "title": self.title, "type": self.kind, **whole}

    def by(self, person_id: int) -> Json:
        """How a message of one of its people says whose it is."""
        return {"from": as_user(self.people[person_id])}

    def by_anonymous_admin(self) -> Json:
        return {"from": ANONYMOUS_ADMIN, "sender_chat": self.as_json()}

    def by_channel(self, channel_id: int, title: str) -> Json:
        chat = {"id": channel_id, "title": title, "type": "channel"}
        return {"from": CHANNEL_SENDER, "sender_chat": chat}

    def sender(self, post: Post, bot: Json) -> Json:
        return {"from": bot} if post.by_bot else dict(post.sender or {})


def as_user(person: Person, language: str = "") -> Json:
    """The User object of a person."""
    user: Json = {"id": person.id, "is_bot": False, "first_name": person.first_name}
    optional: dict[str, Any] = {
        "last_name": person.last_name,
        "username": person.username,
        "language_code": language or person.language_code,
    }
    return user | {name: value for name, value in optional.items() if value}
