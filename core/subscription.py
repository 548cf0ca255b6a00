"""Live readers: which account listens to which chat, for which runs."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.chat import SHARED_BOX
from core.job import Wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """A run that listens to the chat. `keys`: who may read for it, as on its jobs."""

    run: str
    task: str
    keys: tuple[str, ...] = ("*",)

    def allows(self, account: int) -> bool:
        """Whether the account may read for this run."""
        return "*" in self.keys or f"a{account}" in self.keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One chat that is listened to. Of a box that is not shared only its account can be the reader.

    `begin`: the newest id when the first run began to listen; what is newer is wanted. `live`: a
    run wants it now, none of them being paused or stopped. `pushed`: the reader is a member, so it
    is told of what happens; else, and where `polled`, the chat is looked at by time. `top` is the
    newest id stored, `pts` the state up to which nothing is missing, `checked_at` when the chat was
    last looked at, `moved_at` when something in it last happened.
    """

    id: str
    chat: int
    box: str
    source: str
    wants: tuple[Want, ...] = ()
    begin: int = 0
    live: bool = False
    reader: int | None = None
    standby: int | None = None
    pushed: bool = False
    polled: bool = False
    refused: tuple[int, ...] = ()
    wait: Wait | None = None
    top: int | None = None
    pts: int | None = None
    checked_at: datetime | None = None
    moved_at: datetime | None = None
    rev: int = 0

    def runs(self) -> tuple[str, ...]:
        """The runs that it is for."""
        return tuple(want.run for want in self.wants)

    def tasks(self) -> tuple[str, ...]:
        """The tasks of these runs."""
        return tuple(dict.fromkeys(want.task for want in self.wants))


def subscription_id(chat: int, box: str) -> str:
    """The id of the one subscription of a chat."""
    return f"{chat}" if box == SHARED_BOX else f"{chat}:{box}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Who listens. `pushed`: the reader is a member of the chat."""

    reader: int | None = None
    standby: int | None = None
    pushed: bool = False


@dataclass(slots=True, kw_only=True)
class Crowd:
    """Who could listen: `able` are connected or about to be; `members` and `knowing` by chat.

    `load` counts the chats of each account, and grows with what is given out.
    """

    able: Collection[int]
    members: Mapping[int, Collection[int]] = field(default_factory=dict)
    knowing: Mapping[int, Collection[int]] = field(default_factory=dict)
    load: dict[int, int] = field(default_factory=dict)


def post(one: Subscription, active: Collection[str], crowd: Crowd) -> Post:
    """Who should listen now: whoever does, while he can; else the one with the fewest chats.

    `active`: the runs that want to be listened for. Members come first, since they are told of what
    happens; then those that know the chat, then anybody that may resolve its name. Who was refused
    may again once it is a member again.
    """
    wants = [want for want in one.wants if want.run in active]
    if not wants:
        return Post()
    members = crowd.members.get(one.chat, ())
    may = [a for a in _owners(one, crowd.able) if a not in one.refused or a in members]
    may = [account for account in may if any(want.allows(account) for want in wants)]
    inside = [account for account in may if account in members]
    readers = inside or [a for a in may if a in crowd.knowing.get(one.chat, ())] or may
    if not one.source.startswith("@"):
        readers = inside or [a for a in may if a in crowd.knowing.get(one.chat, ())]
    reader = _chosen(one.reader, readers, crowd.load)
    spare = [account for account in inside if account != reader]
    standby = _chosen(one.standby, spare, {})
    return Post(reader=reader, standby=standby, pushed=reader in inside)


def _owners(one: Subscription, able: Iterable[int]) -> list[int]:
    return [a for a in sorted(able) if one.box == SHARED_BOX or one.box == f"a{a}"]


def _chosen(present: int | None, among: list[int], load: dict[int, int]) -> int | None:
    if not among:
        return None
    best = min(among, key=lambda account: (load.get(account, 0), account))
    chosen = present if present is not None and present in among else best
    load[chosen] = load.get(chosen, 0) + (chosen != present)
    return chosen
