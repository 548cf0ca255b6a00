"""Workers that lease one account, in a world where time passes as a plan has it.

The workers' side is the product's own `Leases`; the store keeps the rules of MongoDB: each request
is done at one moment, before its answer or after its caller gave up. Workers of version 0.1 are
here as they were: they compare MongoDB's clock with `until`.
"""

import heapq
import itertools
from collections.abc import Awaitable, Callable, Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from structlog.testing import capture_logs

from collector.lease import Leases
from core.account import Account, AccountState, Lease
from core.errors import StoreError
from core.lease_watch import HeldLease
from db.leases import LeaseTable

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNT = 1
MARGIN = 0.2
LONGEST_MARGIN = 2.0
THE_ACCOUNT = Account(
    id=ACCOUNT, name="One", username=None, telegram_id=1, phone="+1", state=AccountState.READY,
    is_default=True, created_at=EPOCH,
)  # fmt: skip


@dataclass(frozen=True)
class Request:
    """How one request goes: the way there and back, and what else happens around it.

    `pause` comes before it: the worker, or its machine, stood still. `step` moves MongoDB's clock.
    """

    there: float = 0.01
    back: float = 0.01
    fate: str = "answered"
    pause: float = 0.0
    step: float = 0.0


FATES = ("answered", "answer_lost", "request_lost", "done_late")


class _Sleep:
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __await__(self) -> Generator["_Sleep", None, None]:
        yield self


class World:
    """True time, MongoDB's clock, and everybody's next moment."""

    def __init__(self) -> None:
        self.now = 0.0
        self.wall = 0.0
        self._turns = itertools.count()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self.members: list[Member] = []
        self.worst = 0
        self.takings: list[tuple[float, str]] = []

    def at(self, moment: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._turns), what))

    def start(self, work: Any) -> None:
        def go() -> None:
            sleep = work.send(None)
            self.at(self.now + sleep.seconds, go)

        self.at(self.now, go)

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self._events and self._events[0][0] <= end:
            self.now, _, what = heapq.heappop(self._events)
            what()
            holders = [one.name for one in self.members if one.may_write()]
            self.worst = max(self.worst, len(holders))
        self.now = end


@dataclass
class Clock:
    """A worker's own: it starts anywhere and may go a little too fast or too slowly."""

    world: World
    rate: float
    start: float

    def now(self) -> datetime:
        return EPOCH

    def elapsed(self) -> float:
        return self.start + self.world.now * self.rate


@dataclass
class Store:
    """One account's document."""

    world: World
    lease: Lease | None = None
    token: int = 0

    def mongo_now(self) -> datetime:
        moment = EPOCH + timedelta(seconds=self.world.now + self.world.wall)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def held_by(self, worker: str, seconds: float) -> Account:
        self.token += 1
        until = self.mongo_now() + timedelta(seconds=seconds)
        self.lease = Lease(worker=worker, token=self.token, until=until, seconds=seconds)
        self.world.takings.append((self.world.now, worker))
        return replace(THE_ACCOUNT, lease=self.lease)


class Door:
    """The store as one worker reaches it, in the place of `AccountLeases`."""

    def __init__(self, store: Store, plan: Iterator[Request]) -> None:
        self._store = store
        self._plan = plan

    async def ask(self, work: Callable[[], Any]) -> Any:
        """One request, as the plan has it."""
        request, world = next(self._plan), self._store.world
        await _Sleep(request.pause)
        world.wall += request.step
        if request.fate == "request_lost":
            await _Sleep(request.there)
            raise StoreError("lost")
        if request.fate == "done_late":
            world.at(world.now + request.there + request.back + 0.001, lambda: work() and None)
            await _Sleep(request.there)
            raise StoreError("timed out")
        await _Sleep(request.there)
        answer = work()
        await _Sleep(request.back)
        if request.fate == "answer_lost":
            raise StoreError("lost")
        return answer

    async def look(self) -> LeaseTable:
        return await self.ask(self._look)

    def _look(self) -> LeaseTable:
        lease = self._store.lease
        if lease is None:
            return LeaseTable(held={}, free=frozenset({ACCOUNT}), takeable=frozenset())
        left = (lease.until - self._store.mongo_now()).total_seconds()
        held = {ACCOUNT: HeldLease(lease=lease, left=left)}
        return LeaseTable(held=held, free=frozenset(), takeable=frozenset({ACCOUNT}))

    async def take(self, _: Collection[int], worker: str, *, seconds: float) -> Account | None:
        def work() -> Account | None:
            return None if self._store.lease else self._store.held_by(worker, seconds)

        return await self.ask(work)

    async def take_over(
        self, _: int, seen: Lease, worker: str, *, seconds: float
    ) -> Account | None:
        def work() -> Account | None:
            return self._store.held_by(worker, seconds) if self._store.lease == seen else None

        return await self.ask(work)

    async def renew(self, worker: str, tokens: Mapping[int, int], *, seconds: float) -> set[int]:
        def work() -> set[int]:
            lease = self._store.lease
            if lease is None or (lease.worker, {ACCOUNT: lease.token}) != (worker, dict(tokens)):
                return set()
            self._store.lease = replace(
                lease,
                until=self._store.mongo_now() + timedelta(seconds=seconds),
                beat=lease.beat + 1,
                seconds=seconds,
            )
            return {ACCOUNT}

        return await self.ask(work)

    async def give_back(self, tokens: Mapping[int, int]) -> None:
        def work() -> None:
            if self._store.lease and self._store.lease.token == tokens.get(ACCOUNT):
                self._store.lease = None

        await self.ask(work)


class OldDoor(Door):
    """As version 0.1 asked: MongoDB compares its clock with `until`."""

    async def take_by_clock(self, worker: str, seconds: float) -> Account | None:
        margin = timedelta(seconds=min(seconds * MARGIN, LONGEST_MARGIN))

        def work() -> Account | None:
            lease = self._store.lease
            if lease is not None and lease.until >= self._store.mongo_now() - margin:
                return None
            account = self._store.held_by(worker, seconds)
            assert account.lease is not None
            self._store.lease = replace(account.lease, seconds=None)
            return account

        return await self.ask(work)

    async def renew_by_clock(self, worker: str, token: int, seconds: float) -> bool:
        def work() -> bool:
            lease, now = self._store.lease, self._store.mongo_now()
            if lease is None or (lease.worker, lease.token) != (worker, token):
                return False
            if lease.until <= now:
                return False
            self._store.lease = replace(lease, until=now + timedelta(seconds=seconds))
            return True

        return await self.ask(work)


class Member:
    """A worker of today."""

    def __init__(
        self, store: Store, name: str, plan: Sequence[Request], *, seconds: float, clock: Clock
    ) -> None:
        self.name = name
        self.seconds = seconds
        self.clock = clock
        self.door = Door(store, itertools.chain(plan, itertools.repeat(Request())))
        self.leases = Leases(name, self.door, clock, seconds=seconds, most=1)  # type: ignore[arg-type]
        self.alive = True

    def may_write(self) -> bool:
        return any(self.leases.may_write(*held)() for held in self.leases.tokens.items())

    async def work(self) -> None:
        while True:
            await _Sleep(min(self.seconds / 6, 2.0))
            while not self.alive:
                await _Sleep(1e9)
            self.leases.expired()
            await _attempt(self._turn)

    async def _turn(self) -> None:
        if self.leases.silent_for() >= self.seconds / 6:
            await self.leases.renew()
        await self.leases.take(await self.leases.look())


class OldMember(Member):
    """A worker of version 0.1."""

    def __init__(
        self, store: Store, name: str, plan: Sequence[Request], *, seconds: float, clock: Clock
    ) -> None:
        super().__init__(store, name, plan, seconds=seconds, clock=clock)
        self.door: OldDoor = OldDoor(store, itertools.chain(plan, itertools.repeat(Request())))
        self.token: int | None = None
        self.deadline = 0.0
        self.tended_at = float("-inf")

    def may_write(self) -> bool:
        return self.token is not None and self.clock.elapsed() < self.deadline

    async def _turn(self) -> None:
        if self.token is not None and self.deadline <= self.clock.elapsed():
            self.token = None
        asked_at = self.clock.elapsed()
        if self.token is not None and asked_at - self.tended_at >= self.seconds / 6:
            held = await self.door.renew_by_clock(self.name, self.token, self.seconds)
            self.token = self.token if held else None
            self.deadline, self.tended_at = asked_at + self.seconds * (1 - MARGIN), asked_at
        if self.token is None:
            asked_at = self.clock.elapsed()
            account = await self.door.take_by_clock(self.name, self.seconds)
            if account is not None and account.lease is not None:
                self.token = account.lease.token
                self.deadline = asked_at + self.seconds * (1 - MARGIN)


async def _attempt(step: Callable[[], Awaitable[None]]) -> None:
    try:
        await step()
    except StoreError:
        await _Sleep(1.0)


@dataclass
class Crew:
    """A world with its members; `play` lets it go on."""

    world: World = field(default_factory=World)

    def __post_init__(self) -> None:
        self.store = Store(self.world)

    def add(
        self,
        plan: Sequence[Request] = (),
        *,
        kind: type[Member] = Member,
        seconds: float = 30.0,
        rate: float = 1.0,
        start: float = 0.0,
    ) -> Member:
        name = f"{kind.__name__}{len(self.world.members)}"
        member = kind(self.store, name, plan, seconds=seconds, clock=Clock(self.world, rate, start))
        self.world.members.append(member)
        self.world.start(member.work())
        return member

    def play(self, seconds: float) -> None:
        with capture_logs():
            self.world.run(seconds)
