"""When this machine's clock is believed: every wrong clock, every late or missing answer."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.clock import to_milliseconds
from core.trusted_clock import (
    AGREEMENT,
    FRESH,
    STEP,
    WIDEST,
    Reading,
    TimeSource,
    TrustedClock,
    Verdict,
    told,
)

BEGAN = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
"""A minute before daylight saving begins in Europe: of no concern to a clock in UTC."""

BOTH = (TimeSource.MONGODB, TimeSource.TELEGRAM)
DAY = 86_400.0
WRONG = {
    "31 days ahead": 31 * DAY,
    "30 days ahead": 30 * DAY,
    "an hour ahead, as by a wrong zone": 3_600.0,
    "two minutes ahead": 120.0,
    "just too far ahead": AGREEMENT + 1,
    "just too far behind": -AGREEMENT - 1,
    "a day behind": -DAY,
    "ten years behind": -3_653 * DAY,
    "1970": -BEGAN.timestamp() + 10,
    "2038": 12 * 365 * DAY,
}
RIGHT = {"exact": 0.0, "3 s off": 3.0, "a leap second": 1.0, "half a minute behind": -30.0}


@dataclass
class Machine:
    """A clock, the true time, and what is heard. `ahead`: of the true time; `store`: MongoDB's."""

    ahead: float = 0.0
    store: float | None = None
    true: float = BEGAN.timestamp()
    booted: float = BEGAN.timestamp() - 5_000
    trusted: TrustedClock = field(init=False)

    def __post_init__(self) -> None:
        self.trusted = TrustedClock(self, BOTH)

    def now(self) -> datetime:
        return to_milliseconds(datetime.fromtimestamp(self.true + self.ahead, UTC))

    def elapsed(self) -> float:
        return self.true - self.booted

    def pass_(self, seconds: float) -> None:
        self.true += seconds

    def telegram(self, *, before: float = 0.1, after: float = 0.1, lie: float = 0.0) -> None:
        """An answer whose id was made some time after the question and before it came."""
        sent = self.elapsed()
        self.pass_(before)
        made = self.true + lie
        self.pass_(after)
        self.trusted.telegram(made, sent=sent, received=self.elapsed())

    def mongodb(self) -> None:
        """The embedded server has this machine's clock."""
        off = self.ahead if self.store is None else self.store
        at = self.elapsed()
        self.trusted.heard(TimeSource.MONGODB, self.true + off, sent=at, received=at)

    def hear(self) -> None:
        self.mongodb()
        self.telegram()

    def verdict(self) -> Verdict:
        return self.trusted.judge().verdict


@pytest.mark.parametrize("ahead", WRONG.values(), ids=WRONG)
def test_everything_on_one_wrong_clock_is_found_out_by_telegram(ahead: float) -> None:
    machine = Machine(ahead)
    machine.mongodb()
    assert machine.verdict() is Verdict.UNPROVEN
    machine.telegram()
    judged = machine.trusted.judge()
    assert (judged.verdict, judged.source) == (Verdict.WRONG, TimeSource.TELEGRAM)
    assert (judged.timed, judged.proven) == (None, None)
    assert judged.ahead == pytest.approx(ahead, abs=0.3)
    assert "Telegram" in (told(judged) or "")


@pytest.mark.parametrize("ahead", WRONG.values(), ids=WRONG)
def test_a_mongodb_that_alone_is_wrong_stops_timed_work_too(ahead: float) -> None:
    machine = Machine(0.0, store=ahead)
    machine.hear()
    judged = machine.trusted.judge()
    assert (judged.verdict, judged.source) == (Verdict.WRONG, TimeSource.MONGODB)


@pytest.mark.parametrize("ahead", RIGHT.values(), ids=RIGHT)
def test_a_clock_that_is_right_is_believed(ahead: float) -> None:
    machine = Machine(ahead)
    machine.hear()
    assert machine.trusted.judge().proven == machine.now()
    assert told(machine.trusted.judge()) is None


@pytest.mark.parametrize("missing", BOTH)
def test_who_is_silent_proves_nothing_and_stops_nothing_else(missing: TimeSource) -> None:
    machine = Machine()
    if missing is TimeSource.TELEGRAM:
        machine.mongodb()
    else:
        machine.telegram()
    judged = machine.trusted.judge()
    assert (judged.verdict, judged.source) == (Verdict.UNPROVEN, missing)
    assert (judged.timed, judged.proven) == (machine.now(), None)


def test_what_was_said_long_ago_proves_nothing_however_the_clock_was_set() -> None:
    machine = Machine()
    machine.hear()
    machine.pass_(FRESH - 1)
    assert machine.verdict() is Verdict.AGREED
    machine.pass_(2)
    assert machine.verdict() is Verdict.UNPROVEN


def test_a_machine_that_was_off_for_forty_days_with_a_right_clock_is_believed() -> None:
    machine = Machine(booted=BEGAN.timestamp() - 1)
    machine.pass_(40 * DAY)
    machine.hear()
    assert machine.verdict() is Verdict.AGREED


@pytest.mark.parametrize("seconds", [0.5, 30.0, 14 * DAY])
def test_a_suspension_is_no_step(seconds: float) -> None:
    machine = Machine()
    machine.hear()
    machine.pass_(seconds)
    assert machine.verdict() in {Verdict.AGREED, Verdict.UNPROVEN}


@pytest.mark.parametrize("step", [STEP + 0.1, -STEP - 0.1, 50.0, 31 * DAY, -DAY, -3_653 * DAY])
def test_a_step_stops_timed_work_until_both_were_heard_again(step: float) -> None:
    machine = Machine()
    machine.hear()
    assert machine.verdict() is Verdict.AGREED
    machine.pass_(1)
    machine.ahead += step
    assert machine.verdict() is Verdict.WRONG
    machine.pass_(1)
    machine.mongodb()
    assert machine.verdict() is Verdict.WRONG
    machine.telegram()
    right = abs(step) < AGREEMENT
    assert machine.verdict() is (Verdict.AGREED if right else Verdict.WRONG)
    machine.ahead -= step
    assert machine.verdict() is Verdict.WRONG
    machine.pass_(1)
    machine.hear()
    assert machine.verdict() is Verdict.AGREED


def test_a_clock_that_is_set_right_is_believed_once_it_is_heard() -> None:
    machine = Machine(31 * DAY)
    machine.hear()
    assert machine.verdict() is Verdict.WRONG
    machine.ahead = 0.0
    assert machine.verdict() is Verdict.WRONG
    machine.hear()
    assert machine.verdict() is Verdict.AGREED


def test_slewing_is_no_step() -> None:
    machine = Machine(20.0)
    for _ in range(2_000):
        machine.pass_(20)
        machine.ahead = max(machine.ahead - 0.01, 0.0)
        machine.hear()
        assert machine.verdict() is Verdict.AGREED


def test_a_clock_that_creeps_away_is_found_out() -> None:
    machine, verdicts = Machine(), []
    for _ in range(400):
        machine.pass_(2)
        machine.ahead += 0.5
        machine.hear()
        verdicts.append(machine.verdict())
    assert verdicts[0] is Verdict.AGREED
    assert verdicts[-1] is Verdict.WRONG


def test_a_virtual_machine_that_was_stopped_waits_for_the_next_answer() -> None:
    machine = Machine()
    machine.hear()
    machine.true += 10 * DAY
    machine.booted += 10 * DAY
    assert machine.verdict() is Verdict.WRONG
    machine.hear()
    assert machine.verdict() is Verdict.AGREED


@given(
    ahead=some.floats(-400, 400),
    before=some.floats(0, 60),
    after=some.floats(0, 60),
)
def test_no_delay_makes_a_wrong_clock_right_or_a_right_one_wrong(
    ahead: float, before: float, after: float
) -> None:
    machine = Machine(ahead)
    machine.telegram(before=before, after=after)
    machine.mongodb()
    verdict = machine.verdict()
    if abs(ahead) > AGREEMENT + 0.01:
        assert verdict is not Verdict.AGREED
    if abs(ahead) <= AGREEMENT - 0.01:
        assert verdict is not Verdict.WRONG
    if abs(ahead) <= AGREEMENT - WIDEST - 0.01 and before + after <= WIDEST - 0.01:
        assert verdict is Verdict.AGREED
    if abs(ahead) > AGREEMENT + WIDEST and before + after <= WIDEST - 0.01:
        assert verdict is Verdict.WRONG


@given(
    steps=some.lists(
        some.sampled_from(["pass", "step", "telegram", "mongodb", "late"]), max_size=30
    )
)
def test_whatever_happens_an_agreement_is_true(steps: Iterable[str]) -> None:
    machine = Machine()
    for number, step in enumerate(steps):
        match step:
            case "pass":
                machine.pass_(100.0 * (number + 1))
            case "step":
                machine.ahead = 31 * DAY - machine.ahead
            case "telegram":
                machine.telegram()
            case "mongodb":
                machine.mongodb()
            case "late":
                machine.telegram(before=200, after=0)
        judged = machine.trusted.judge()
        assert judged.proven is None or machine.ahead == 0.0


@pytest.mark.parametrize(
    ("unix", "sent", "received"),
    [(0.0, 1.0, 2.0), (-5.0, 1.0, 2.0), (BEGAN.timestamp(), 2.0, 1.0), (1.0e9, 0.0, WIDEST + 1)],
    ids=["no time", "before 1970", "an answer before its question", "an answer that came late"],
)
def test_what_cannot_be_is_no_reading(unix: float, sent: float, received: float) -> None:
    assert Reading.of(unix, sent=sent, received=received) is None


def test_a_bot_api_that_disagrees_stops_a_collector_beside_it() -> None:
    machine = Machine()
    machine.hear()
    at = machine.elapsed()
    off = machine.true + timedelta(days=1).total_seconds()
    machine.trusted.heard(TimeSource.BOT_API, off, sent=at, received=at, precision=1)
    assert machine.verdict() is Verdict.WRONG
