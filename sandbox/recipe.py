"""How chats are made of a seed: one at a time, and two that belong together."""

from datetime import datetime

from sandbox.basic_group import BasicGroup
from sandbox.chat import Chat, ChatKind
from sandbox.dice import Dice
from sandbox.entrance import OPEN, Entrance
from sandbox.threads import BLOCK, Discussion

GROUP_ID = 4_100_000_000
"""Basic groups have ids from here on."""


def chat_id(at: int) -> int:
    """Of the chat number `at` of a world."""
    return 1_500_000_000 + at * 7_919


def make_chat(
    at: int, seed: int, newest: datetime, username: str, title: str, kind: ChatKind, language: str,
    topic: str, size: int, *, entrance: Entrance = OPEN, protected: bool = False,
) -> Chat:  # fmt: skip
    """Number `at` of a world; without a username a private one."""
    until = int(newest.timestamp())
    dice = Dice(f"chat:{seed}:{at}")
    link = f"t.me/{username}" if username else "private"
    return Chat(
        id=chat_id(at),
        username=username,
        title=title,
        about=f"{title} · {link}",
        kind=kind,
        language=language,
        topic=topic,
        seed=seed,
        size=size,
        members=size * 3 + dice.between(40, 9_000),
        created=until - size * dice.between(300, 900) - 3600,
        newest=until,
        entrance=entrance,
        protected=protected,
    )


def make_group(
    at: int, seed: int, newest: datetime, title: str, language: str, topic: str, size: int,
    *, entrance: Entrance, people: int = 12,
) -> BasicGroup:  # fmt: skip
    """Basic group number `at` of a world; `people` are in it besides the accounts."""
    source = make_chat(
        900_000 + at, seed, newest, "", title, ChatKind.SUPERGROUP, language, topic, size
    )
    about = f"{title} · basic group"
    known = len(source.senders)
    return BasicGroup(
        id=GROUP_ID + at,
        title=title,
        about=about,
        source=source,
        size=min(people, known),
        entrance=entrance,
    )


def discuss(channel: Chat, group: Chat) -> None:
    """The group holds the comments on the channel's posts."""
    channel.linked_id, group.linked_id = group.id, channel.id
    posts = min(1.0, group.size / BLOCK / max(1, channel.size))
    group.created = channel.newest - int((channel.newest - channel.created) * posts)
    channel.discussion = group.discussion = Discussion(channel, group)


def migrate(group: BasicGroup, chat: Chat) -> None:
    """The chat is what became of the group, long ago."""
    group.migrated_to, chat.migrated_from = chat.id, group.id
    until = chat.created
    group.source.newest, group.source.created = until, until - group.source.size * 600


def acquaint(chats: list[Chat]) -> None:
    """Messages of each are forwarded from any of the public ones."""
    public = [chat.id for chat in chats if chat.public]
    for chat in chats:
        chat.also_here = tuple(other for other in public if other != chat.id)
