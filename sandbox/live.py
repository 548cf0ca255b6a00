"""What goes on in the world: new messages, edits and deletions, by hand or at a rate."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from telethon.tl import types

from sandbox import group_talk
from sandbox.basic_group import BasicGroup
from sandbox.chat import Chat, ChatKind, Written
from sandbox.dice import Dice
from sandbox.world import World

TICK_SECONDS = 0.005
MOST_AT_ONCE = 400
_NEAR = 40
_AFTERTHOUGHTS = (" (edited)", " — correction", " 更正", " ✅", " (typo fixed)", " 补充一下")


@dataclass(slots=True, kw_only=True)
class Traffic:
    """`rate`: new messages a second over all `chats`; `edits` and `deletions` come on top, as
    shares of it."""

    chats: Sequence[Chat]
    groups: Sequence[BasicGroup]
    rate: float
    seed: int
    edits: float
    deletions: float
    until: float
    started: float
    posted: int = 0


class Live:
    """Changes are in the world at once, and pushed to whoever listens. Traffic is the same for
    the same seed, apart from its dates; `sent_at`: (chat, message) -> `time.monotonic()` of the
    first socket write."""

    def __init__(self, world: World, sent_at: "dict[tuple[int, int], float] | None" = None) -> None:
        self._world = world
        self.sent_at = {} if sent_at is None else sent_at
        self._traffic: Traffic | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.posted = self.edited = self.deleted = 0

    @property
    def running(self) -> bool:
        return self._traffic is not None

    def start(
        self,
        rate: float,
        *,
        chats: Iterable[str | int] | None = None,
        seed: int = 1,
        edits: float = 0.05,
        deletions: float = 0.02,
        seconds: float | None = None,
    ) -> None:
        """Takes the place of what ran. `chats`: usernames or ids, of basic groups too; None: every
        one of the world."""
        if rate <= 0:
            raise ValueError("rate: more than 0")
        self.stop()
        named = list(chats or (*self._world.chats, *self._living_groups()))
        groups = [self._world.groups[one] for one in named if one in self._world.groups]
        chosen = [self.chat(one) for one in named if one not in self._world.groups]
        now = time.monotonic()
        self._traffic = Traffic(
            chats=chosen,
            groups=groups,
            rate=rate,
            seed=seed,
            edits=edits,
            deletions=deletions,
            until=float("inf") if seconds is None else now + seconds,
            started=now,
        )
        self._again()

    def prepare(self, chats: Iterable[str | int] | None = None) -> None:
        """Makes the stocks of phrases and media that each chat makes at its first message (about
        20 ms each), so that no message of a measurement waits for them."""
        for one in chats or self._world.chats:
            self.chat(one).prepare()

    def stop(self) -> None:
        self._traffic = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def post(self, chat: str | int, text: str | None = None, *, times: int = 1) -> int:
        """A new message; without a text it follows from the chat's seed: anything that is said
        there, service messages and media too. Returns the (last) id."""
        there, message_id = self.chat(chat), 0
        for _ in range(times):
            message_id = there.post(_saying(there, text) if text is not None else None)
            self.posted += 1
        return message_id

    def say(self, group: int, text: str) -> dict[int, int]:
        """Somebody writes in a basic group. Returns what its id is to each account there."""
        there = self._world.groups.get(group)
        if there is None:
            raise ValueError(f"no such basic group: {group}")
        self.posted += 1
        return group_talk.say(self._world, there, text, Dice(f"say:{group}:{self.posted}"))

    def edit(self, chat: str | int, message_id: int, text: str | None = None) -> None:
        """The text is another one; without one something is added. Raises ValueError when it is
        no message with a text."""
        there = self.chat(chat)
        message, old = there.message(message_id), there.written(message_id)
        if old is None or not isinstance(message, types.Message):
            raise ValueError("there is no such message to edit")
        message.message = f"{message.message} {message_id}" if text is None else text
        if text is not None:
            message.entities = None
        now = datetime.fromtimestamp(int(time.time()), UTC)
        message.edit_date = max(now, message.edit_date or message.date)
        there.replace(message_id, old._replace(raw=bytes(message)))
        self.edited += 1

    def delete(self, chat: str | int, *ids: int) -> tuple[int, ...]:
        """Returns those that existed."""
        gone = self.chat(chat).delete(*ids)
        self.deleted += len(gone)
        return gone

    def chat(self, name: str | int) -> Chat:
        """Raises ValueError."""
        there = self._world.chats.get(name) if isinstance(name, int) else None
        if there is None and isinstance(name, str):
            there = self._world.find_chat(name.removeprefix("@"))
        if there is None:
            raise ValueError(f"no such chat: {name}")
        return there

    def summary(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "running": self.running,
            "rate": self._traffic.rate if self._traffic else 0.0,
            "posted": self.posted,
            "edited": self.edited,
            "deleted": self.deleted,
        }

    def _living_groups(self) -> list[int]:
        return [one.id for one in self._world.groups.values() if one.migrated_to is None]

    def _again(self) -> None:
        if self._traffic is not None:
            pause = max(TICK_SECONDS, min(1 / self._traffic.rate, 1.0))
            self._timer = asyncio.get_running_loop().call_later(pause, self._tick)

    def _tick(self) -> None:
        traffic, now = self._traffic, time.monotonic()
        if traffic is None:
            return
        due = int((min(now, traffic.until) - traffic.started) * traffic.rate) - traffic.posted
        for _ in range(min(due, MOST_AT_ONCE)):
            self._step(traffic)
        if now >= traffic.until and due <= MOST_AT_ONCE:
            self.stop()
        else:
            self._again()

    def _step(self, traffic: Traffic) -> None:
        """One new message, and what comes on top of it."""
        traffic.posted += 1
        dice = Dice(f"live:{traffic.seed}:{traffic.posted}")
        groups = len(traffic.groups)
        if groups and dice.below(groups + len(traffic.chats)) < groups:
            group = dice.pick(traffic.groups)
            self.say(group.id, group_talk.something(group, dice))
            return
        self.post(dice.pick(traffic.chats).id)
        if dice.chance(traffic.edits):
            self._some(dice, traffic, self._revise)
        if dice.chance(traffic.deletions):
            self._some(dice, traffic, lambda chat, message_id, _: self.delete(chat.id, message_id))

    def _some(self, dice: Dice, traffic: Traffic, act: Callable[[Chat, int, Dice], object]) -> None:
        """Does it to one of the newest messages of some chat, if there is one that was not there
        from the start."""
        if not traffic.chats:
            return
        chat = dice.pick(traffic.chats)
        ids = chat.ids()
        near = [one for one in ids[-_NEAR:] if one > chat.seeded_top]
        if near:
            act(chat, dice.pick(near), dice)

    def _revise(self, chat: Chat, message_id: int, dice: Dice) -> None:
        message = chat.message(message_id)
        if isinstance(message, types.Message):
            self.edit(chat.id, message_id, message.message + dice.pick(_AFTERTHOUGHTS))


def _saying(chat: Chat, text: str) -> "Callable[[int], Written]":
    """A plain message of this chat: of the channel itself, or of one of those who write there."""

    def make(message_id: int) -> Written:
        channel = chat.kind is ChatKind.CHANNEL
        sender = None if channel else Dice(f"{chat.id}:{message_id}").pick(list(chat.senders))
        message = types.Message(
            id=message_id,
            peer_id=types.PeerChannel(chat.id),
            from_id=None if sender is None else types.PeerUser(sender),
            date=datetime.fromtimestamp(chat.moment(message_id), UTC),
            message=text,
            post=channel or None,
            views=1 if channel else None,
            forwards=0 if channel else None,
        )
        return Written(bytes(message), () if sender is None else (sender,), ())

    return make
