"""Whether this machine's clock may be believed: what others say that the time is.

Where the store runs on the same machine its time is ours, so Telegram is asked, too: its answers
carry its time. What a source says is kept against a clock that nobody sets and that goes on while
the machine sleeps; so a step of the wall clock shows at once, and a late answer proves less, but
nothing wrong.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from core.clock import Clock

AGREEMENT = 60.0
"""Seconds that this machine's clock may be off, the doubt of the answer included."""

FRESH = 900.0
"""Seconds for which an answer proves something; a connected account gets one a minute."""

WIDEST = 45.0
"""Seconds from the question to the answer beyond which it proves too little."""

SHARP_FOR = 3600.0
"""Seconds for which a sharper reading is preferred to a later one: clocks drift."""

STEP = 5.0
"""Seconds by which the wall clock may move against the other one between two looks."""


class TimeSource(StrEnum):
    """Whose time is known: the store's, Telegram's by the ids of its answers to accounts, the Bot
    API's by its `Date`. `clock`: this machine's own, which was set while the process ran.
    """

    MONGODB = "mongodb"
    TELEGRAM = "telegram"
    BOT_API = "bot_api"
    CLOCK = "clock"


class Verdict(StrEnum):
    """`agreed`: everybody who is needed agrees. `unproven`: somebody has not said anything lately.
    `wrong`: somebody disagrees, or the clock was set and it is not known yet whether rightly.
    """

    AGREED = "agreed"
    UNPROVEN = "unproven"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A source's unix time less the seconds of `elapsed`, between `low` and `high`, heard `at`."""

    low: float
    high: float
    at: float

    @classmethod
    def of(
        cls, unix: float, *, sent: float, received: float, precision: float = 0.0
    ) -> "Reading | None":
        """The time in an answer, rounded down to `precision`: made after the question was `sent`
        and before the answer was `received`. None where too long lies between.
        """
        if not 0 <= received - sent <= WIDEST or unix <= 0:
            return None
        return cls(low=unix - received, high=unix + precision - sent, at=received)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What may be done by this machine's clock `now`. `source`: who is missing or disagrees;
    `ahead`: by how many seconds this machine is ahead of it, at least; `telegram`: what the time is
    at least by Telegram's answers, None while it gave none.
    """

    now: datetime
    verdict: Verdict
    source: TimeSource | None = None
    ahead: float | None = None
    telegram: datetime | None = None

    @property
    def certain(self) -> datetime | None:
        """The time at Telegram, by which its messages are dated; None where nobody vouches for
        one."""
        return self.telegram or self.proven

    @property
    def timed(self) -> datetime | None:
        """The time for what can be made good; None while the clock is known to be wrong."""
        return None if self.verdict is Verdict.WRONG else self.now

    @property
    def proven(self) -> datetime | None:
        """The time for what cannot be undone; None unless it is proven."""
        return self.now if self.verdict is Verdict.AGREED else None

    def sign(self) -> "ClockSign":
        """What others are told."""
        return ClockSign(verdict=self.verdict, source=self.source, ahead=self.ahead)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSign:
    """What a worker tells of its clock, as a judgement does."""

    verdict: Verdict
    source: TimeSource | None = None
    ahead: float | None = None


def sharper(known: Reading | None, heard: Reading) -> Reading:
    """The one that says more of the time now: the narrower, unless that is old."""
    if known is None or heard.at - known.at > SHARP_FOR:
        return heard
    return heard if heard.high - heard.low <= known.high - known.low else known


class TimeJudge(Protocol):
    """Asked by everything that is done by the clock."""

    def judge(self) -> Judgement:
        """The time, and what may be done by it."""
        ...

    def knows_telegram(self) -> bool:
        """Whether an account heard of Telegram's time."""
        ...


def judge(
    now: datetime,
    elapsed: float,
    readings: Mapping[TimeSource, Reading],
    *,
    needs: Collection[TimeSource],
    stepped_at: float | None = None,
) -> Judgement:
    """The only place that decides it. `stepped_at`: when the clock was set, by `elapsed`; only what
    was heard since counts then.
    """
    since = max(elapsed - FRESH, float("-inf") if stepped_at is None else stepped_at)
    fresh = {one: reading for one, reading in readings.items() if since <= reading.at <= elapsed}
    missing = [one for one in needs if one not in fresh]
    for source, reading in sorted(fresh.items()):
        low, high = (now.timestamp() - elapsed - edge for edge in (reading.high, reading.low))
        if low > AGREEMENT or high < -AGREEMENT:
            ahead = low if low > 0 else high
            return Judgement(now=now, verdict=Verdict.WRONG, source=source, ahead=ahead)
        if source in needs and max(-low, high) > AGREEMENT:
            missing.append(source)
    if missing and stepped_at is not None:
        return Judgement(now=now, verdict=Verdict.WRONG, source=TimeSource.CLOCK)
    if missing:
        return Judgement(now=now, verdict=Verdict.UNPROVEN, source=min(missing))
    return Judgement(now=now, verdict=Verdict.AGREED)


class TrustedClock:
    """One process's. `needs`: whose agreement what cannot be undone waits for."""

    def __init__(self, clock: Clock, needs: Collection[TimeSource]) -> None:
        self._clock = clock
        self._needs = frozenset(needs)
        self._readings: dict[TimeSource, Reading] = {}
        self._sharpest: Reading | None = None
        self._stepped_at: float | None = None
        self._base = self._drift()

    def elapsed(self) -> float:
        """Seconds of the clock that nobody sets."""
        return self._clock.elapsed()

    def heard(
        self,
        source: TimeSource,
        unix: float,
        *,
        sent: float,
        received: float,
        precision: float = 0.0,
    ) -> None:
        """What a source said that the time is; `sent` and `received` by `elapsed`."""
        reading = Reading.of(unix, sent=sent, received=received, precision=precision)
        if reading is not None:
            self._readings[source] = reading

    def telegram(self, unix: float, *, sent: float, received: float) -> None:
        """What Telegram said to an account."""
        self.heard(TimeSource.TELEGRAM, unix, sent=sent, received=received)
        if (heard := Reading.of(unix, sent=sent, received=received)) is not None:
            self._sharpest = sharper(self._sharpest, heard)

    def telegram_reading(self) -> Reading | None:
        """What is known best of Telegram's time; None where no account heard of it."""
        return self._sharpest

    def knows_telegram(self) -> bool:
        """Whether an account heard of Telegram's time."""
        return self._sharpest is not None

    def judge(self) -> Judgement:
        """The time, and what may be done by it."""
        elapsed, now = self._clock.elapsed(), self._clock.now()
        if abs((drift := now.timestamp() - elapsed) - self._base) > STEP:
            self._stepped_at = elapsed
        self._base = drift
        judged = judge(now, elapsed, self._readings, needs=self._needs, stepped_at=self._stepped_at)
        if judged.verdict is Verdict.AGREED:
            self._stepped_at = None
        return replace(judged, telegram=self._at_telegram(elapsed))

    def _at_telegram(self, elapsed: float) -> datetime | None:
        """By a clock that nobody sets, so an answer of long ago is as good as one of now."""
        reading = self._readings.get(TimeSource.TELEGRAM)
        if reading is None or reading.at > elapsed:
            return None
        return datetime.fromtimestamp(reading.low + elapsed, UTC)

    def _drift(self) -> float:
        return self._clock.now().timestamp() - self._clock.elapsed()


def told(judged: Judgement) -> str | None:
    """Why things wait, in a few English words; None when nothing does."""
    names = {
        TimeSource.MONGODB: "MongoDB's",
        TimeSource.TELEGRAM: "Telegram's",
        TimeSource.BOT_API: "the Bot API's",
        TimeSource.CLOCK: "this machine's",
    }
    if judged.source is None:
        return None
    name = names[judged.source]
    if judged.verdict is Verdict.UNPROVEN:
        return f"the clock is not compared with {name} yet: what cannot be undone waits"
    if judged.ahead is None:
        return "the clock was set while the process ran: timed work waits until all clocks agree"
    way = "ahead of" if judged.ahead > 0 else "behind"
    return f"this machine is {abs(judged.ahead):.0f} s {way} {name} clock: timed work waits"
