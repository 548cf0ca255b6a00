"""Small worlds for tests, each with what its test is about."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sandbox.basic_group import BasicGroup
from sandbox.chat import Chat, ChatKind
from sandbox.content.library import Library
from sandbox.entrance import OPEN, Entrance
from sandbox.membership import CHANNELS_LIMIT, PREMIUM_LIMIT
from sandbox.people import ControlBot, Person, SearchBot, account
from sandbox.recipe import acquaint, discuss, make_chat, make_group, migrate
from sandbox.world import World

NEWEST = datetime(2026, 6, 1, 12, tzinfo=UTC)
TOPICS = (("en", "python"), ("zh", "tech"), ("en", "travel"), ("zh", "city"))
_CLOSED = Entrance(insiders=())


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`chats`: username -> how many messages. `passwords`: two-step passwords by the account's
    number, from 1. `gaps`: username -> ranges of ids (oldest, newest) between the first message
    and the last in which nothing is left. Chats take turns in language and topic, unless `topics`
    has another pair, and are supergroups unless `kinds` has another.

    `entrances` say how a chat or group is entered. A `private` chat has its name as title alone:
    `world.titled` finds it; one of which `entrances` says nothing has nobody inside. `linked`:
    channel -> the group with its comments. `groups`: basic groups, title -> how many messages,
    with all accounts in them unless `entrances` says else. `migrated`: basic group -> the chat
    that it became. `premium`: numbers of accounts; `channels_limits`: in how many chats others
    and they may be. `libraries`: username -> the files that its messages have, instead of what is
    said elsewhere."""

    chats: Mapping[str, int]
    accounts: int = 3
    seed: int = 1
    kinds: Mapping[str, ChatKind] = field(default_factory=dict)
    passwords: Mapping[int, str] = field(default_factory=dict)
    newest: datetime = NEWEST
    gaps: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)
    entrances: Mapping[str, Entrance] = field(default_factory=dict)
    private: Collection[str] = ()
    protected: Collection[str] = ()
    topics: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    linked: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, int] = field(default_factory=dict)
    migrated: Mapping[str, str] = field(default_factory=dict)
    dead_invites: Collection[str] = ()
    premium: Collection[int] = ()
    channels_limits: tuple[int, int] = (CHANNELS_LIMIT, PREMIUM_LIMIT)
    libraries: Mapping[str, Library] = field(default_factory=dict)

    def world(
        self,
        *,
        bots: Sequence[ControlBot],
        search_bots: Sequence[SearchBot],
        people: tuple[Person, Person],
    ) -> World:
        """The world; `people` are its operator and its stranger."""
        crew = [self._account(number) for number in range(1, self.accounts + 1)]
        chats = [self._chat(at, *one) for at, one in enumerate(self.chats.items())]
        acquaint(chats)
        named = dict(zip(self.chats, chats, strict=True))
        for channel, group in self.linked.items():
            discuss(named[channel], named[group])
        basic = self._groups(crew)
        for title, name in self.migrated.items():
            migrate(basic[title], named[name])
        operator, stranger = people
        return World(
            seed=self.seed,
            people=(*crew, *people),
            chats=chats,
            groups=basic.values(),
            bots=bots,
            search_bots=search_bots,
            dead_invites=self.dead_invites,
            channels_limits=self.channels_limits,
            operator_id=operator.id,
            stranger_id=stranger.id,
        )

    def _account(self, number: int) -> Person:
        return account(
            number,
            first_name=f"Crew {number}",
            password=self.passwords.get(number),
            premium=number in self.premium,
        )

    def _chat(self, at: int, name: str, size: int) -> Chat:
        hidden = name in self.private
        title, username = (name, "") if hidden else (name.replace("_", " ").title(), name)
        one = make_chat(
            at, self.seed, self.newest, username, title,
            self.kinds.get(name, ChatKind.SUPERGROUP),
            *self.topics.get(name, TOPICS[at % len(TOPICS)]), size,
            entrance=self.entrances.get(name, _CLOSED if hidden else OPEN),
            protected=name in self.protected,
        )  # fmt: skip
        one.gaps = tuple(self.gaps.get(name, ()))
        one.library = self.libraries.get(name)
        return one

    def _groups(self, crew: Sequence[Person]) -> dict[str, BasicGroup]:
        everybody = Entrance(insiders=tuple(person.id for person in crew))
        return {
            title: make_group(
                at, self.seed, self.newest, title, *TOPICS[at % len(TOPICS)], size,
                entrance=self.entrances.get(title, everybody),
            )
            for at, (title, size) in enumerate(self.groups.items(), 1)
        }  # fmt: skip
