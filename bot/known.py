"""Who is an operator, known by heart: an update of anybody else asks nobody."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog

from core.clock import Clock
from core.operator import Operator
from db.database import Database

log = structlog.get_logger(__name__)

TOLD_SECONDS = 15.0
UNTOLD_SECONDS = 1.0
"""Between two looks at who is an operator, where changes are told and where they are not."""

NEW_SECONDS = 3.0
"""How long ago somebody may have written who turns out to be a new operator."""

STRANGER_LOG_SECONDS = 60.0
STRANGERS_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class _Turned:
    at: float
    person: int
    raw: Any


class KnownOperators:
    """Follows the operators of the store. Who was removed a moment ago may still be known: what is
    done for somebody asks the store once more.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._operators: dict[int, Operator] = {}
        self._turned: deque[_Turned] = deque(maxlen=STRANGERS_REMEMBERED)
        self._logged: dict[int, float] = {}
        self._admit: Callable[[Any], object] = lambda _: None

    def admits(self, admit: Callable[[Any], object]) -> None:
        """`admit` gets what a new operator sent before it was known that he is one."""
        self._admit = admit

    def get(self, person: int) -> Operator | None:
        """The operator; None for a stranger."""
        return self._operators.get(person)

    def know(self, operator: Operator) -> None:
        """So the store has it now."""
        self._operators[operator.id] = operator

    def forget(self, person: int) -> None:
        """He is none any more."""
        self._operators.pop(person, None)

    async def load(self) -> None:
        """Ask the store."""
        found = {operator.id: operator for operator in await self._database.operators.all()}
        new = found.keys() - self._operators.keys()
        self._operators = found
        since = self._clock.elapsed() - NEW_SECONDS
        for one in [one for one in self._turned if one.person in new]:
            self._turned.remove(one)
            if one.at >= since:
                self._admit(one.raw)

    async def run(self) -> None:
        """Ask again whenever somebody was added or removed, for ever."""
        changes = self._database.changes
        while True:
            mark = changes.mark()
            await self._database.outage.attempt("operators", self.load)
            pause = TOLD_SECONDS if changes.lively() else UNTOLD_SECONDS
            await changes.wait("operators", since=mark, timeout=pause)

    def turn_away(self, person: int, raw: Any = None) -> None:
        """A stranger causes nothing but a log line, at most one a minute each."""
        now = self._clock.elapsed()
        if raw is not None:
            self._turned.append(_Turned(now, person, raw))
        if now - self._logged.get(person, -STRANGER_LOG_SECONDS) < STRANGER_LOG_SECONDS:
            return
        if len(self._logged) >= STRANGERS_REMEMBERED:
            self._logged.clear()
        self._logged[person] = now
        log.info("stranger.ignored", user=person)
