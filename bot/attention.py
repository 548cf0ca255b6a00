"""Which runs the cards are to look at next: a bounded number each time, however many there are."""

from collections.abc import Iterable, Iterator, Sequence

from core.run import Run

LOOKED_AT = 20
"""Runs of one look of which a change was told."""

IN_TURN = 20
"""Runs of one look that are looked at in turn, as time alone changes what they show."""

IN_TURN_UNTOLD = 100
"""The same where no change is told."""

PROGRESS_SECONDS = 3.0
"""Seconds between two looks at a run whose state does not change; a chat is told no more often."""

TURN_SECONDS = 0.9
"""Seconds between two looks at a run of which nothing was told."""

REST = 9.0
"""A look that took a second is not repeated for so many: of very many jobs it takes long."""

MOST_SOURCES = 1000
"""Sources of the runs that are read together."""


class Attention:
    """What was told and not looked at yet. Times are of the clock that only grows."""

    def __init__(self) -> None:
        self._moved: dict[str, None] = {}
        self._got_on: dict[str, None] = {}
        self._rests: dict[str, float] = {}
        self._turns: dict[str, float] = {}

    def told(self, moved: Iterable[str], got_on: Iterable[str]) -> None:
        """Runs that were written themselves, and runs of which jobs were."""
        self._moved.update(dict.fromkeys(moved))
        self._got_on.update(dict.fromkeys(got_on))

    def take(self, now: float) -> list[str]:
        """Whom to look at: first those that moved, then those that got on a while ago."""
        wanted = list(self._moved)[:LOOKED_AT]
        for run in self._got_on:
            if len(wanted) >= LOOKED_AT:
                break
            if run not in self._moved and self._rests.get(run, now) <= now:
                wanted.append(run)
        for run in wanted:
            self._moved.pop(run, None)
            self._got_on.pop(run, None)
        return wanted

    def is_behind(self, now: float) -> bool:
        """Whether there is more to look at just now."""
        due = (run for run in self._got_on if self._rests.get(run, now) <= now)
        return bool(self._moved) or next(due, None) is not None

    def may_take_its_turn(self, run: str, now: float) -> bool:
        """Whether a run is not looked at too often if it is looked at without being told of."""
        return self._turns.get(run, now) <= now

    def looked(self, runs: Sequence[Run], now: float, *, took: float) -> None:
        """They were looked at just now, all of them in so many seconds."""
        rest = REST * took / len(runs)
        for run in runs:
            self._rests[run.id] = now + max(PROGRESS_SECONDS, rest)
            self._turns[run.id] = now + max(TURN_SECONDS, rest)

    def keep(self, runs: Iterable[str]) -> None:
        """Forget every other run."""
        kept = set(runs) | self._moved.keys() | self._got_on.keys()
        for run in [run for run in self._rests if run not in kept]:
            del self._rests[run], self._turns[run]


def bundles(runs: Iterable[Run]) -> Iterator[list[Run]]:
    """So many at once as have not too many sources together; one at least."""
    bundle: list[Run] = []
    sources = 0
    for run in runs:
        sources += len(run.spec.sources)
        if bundle and sources > MOST_SOURCES:
            yield bundle
            bundle, sources = [], len(run.spec.sources)
        bundle.append(run)
    if bundle:
        yield bundle
