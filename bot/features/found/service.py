"""What may be done with the groups that a run found. No Telegram in here."""

from dataclasses import dataclass
from enum import StrEnum

from bot.access import require
from bot.errors import BotError, Gone
from bot.features.newtask.adding import MAX_SOURCES, MAX_WAITING
from core.clock import Clock
from core.found import FoundGroup, Verdict
from core.operator import Operator, Role
from core.options import JoinPolicy
from core.run import Run
from core.task import Step
from db.database import Database

SIZE = 8


class Purpose(StrEnum):
    """What the list is for: `choose` what is joined, `collect` by a new task, only to be `seen`."""

    CHOOSE = "choose"
    COLLECT = "collect"
    SEEN = "seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in which list an operator is: its run, page (from 0), and fewest members (0: any)."""

    run: str
    page: int = 0
    members: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPage:
    """A page of the list. `total` groups are in it, `counts` of each verdict in the whole run."""

    place: Place
    run: Run
    purpose: Purpose
    groups: tuple[FoundGroup, ...]
    pages: int
    total: int
    counts: dict[Verdict, int]


class FoundService:
    """Looks at the list, ticks it, and says what shall happen with the ticked ones."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def page(self, place: Place) -> FoundPage:
        """A page; a number beyond the last gives the last. Raises Gone."""
        run = await self._run(place.run)
        members = place.members or None
        groups, total = await self._database.found.page(
            place.run, place.page, SIZE, members=members
        )
        pages = max((total + SIZE - 1) // SIZE, 1)
        if place.page >= pages:
            last = Place(run=place.run, page=pages - 1, members=place.members)
            return await self.page(last)
        tally = await self._database.found.tally([place.run])
        return FoundPage(
            place=place,
            run=run,
            purpose=purpose_of(run),
            groups=tuple(groups),
            pages=pages,
            total=total,
            counts=tally.get(place.run, {}),
        )

    async def tick(self, operator: Operator, place: Place, rank: int, *, ticked: bool) -> None:
        """Tick one group, or take its tick away; twice changes nothing."""
        await self._changeable(operator, place.run)
        await self._database.found.tick(place.run, [rank], ticked=ticked)

    async def tick_page(self, operator: Operator, place: Place) -> None:
        """Tick every group of a page."""
        await self._changeable(operator, place.run)
        ranks = [group.rank for group in (await self.page(place)).groups]
        await self._database.found.tick(place.run, ranks, ticked=True)

    async def tick_all(self, operator: Operator, place: Place, *, ticked: bool) -> None:
        """Tick every group that has enough members, or take the ticks of all away."""
        await self._changeable(operator, place.run)
        members = place.members or None if ticked else None
        await self._database.found.tick_all(place.run, ticked=ticked, members=members)

    async def may_choose(self, operator: Operator, run: str) -> int:
        """How many groups are ticked to be joined. Raises BotError where that is no choice yet."""
        found = await self._changeable(operator, run)
        if purpose_of(found) is not Purpose.CHOOSE:
            raise BotError("error-stale")
        if not found.asks:
            raise BotError("found-still-searching")
        return await self._ticked(run)

    async def choose(self, operator: Operator, run: str) -> int:
        """Let the ticked groups be joined, and no other; how many they are. Raises BotError."""
        count = await self.may_choose(operator, run)
        await self._database.found.drop_open(run)
        if not await self._database.runs.chosen(run, self._clock.now()):
            raise BotError("found-chosen-already")
        return count

    async def collect(self, operator: Operator, run: str) -> list[str]:
        """The sources that were ticked for a new task. Raises BotError where they are too many."""
        require(operator, Role.OPERATOR)
        await self._run(run)
        count = await self._ticked(run)
        if count > MAX_SOURCES + MAX_WAITING:
            raise BotError("wizard-too-many-sources", most=MAX_SOURCES + MAX_WAITING)
        return await self._database.found.sources(run, Verdict.CHOSEN)

    async def _ticked(self, run: str) -> int:
        count = await self._database.found.count(run, Verdict.CHOSEN)
        if not count:
            raise BotError("found-none-ticked")
        return count

    async def _changeable(self, operator: Operator, run: str) -> Run:
        require(operator, Role.OPERATOR)
        found = await self._run(run)
        if purpose_of(found) is Purpose.SEEN:
            raise BotError("found-chosen-already" if found.chosen_at else "found-only-seen")
        return found

    async def _run(self, run: str) -> Run:
        found = await self._database.runs.get(run)
        if found is None:
            raise Gone("error-run-gone")
        return found


def purpose_of(run: Run) -> Purpose:
    """What the list of a run is for now."""
    if set(run.spec.steps) <= {Step.SEARCH}:
        return Purpose.COLLECT
    asked = run.spec.join.policy is JoinPolicy.ASK and run.chosen_at is None
    return Purpose.CHOOSE if asked and run.is_open() else Purpose.SEEN
