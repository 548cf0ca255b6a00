"""One pure decision from an error to what becomes of the job."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import (
    AccountLost,
    DailyLimit,
    FloodError,
    JoinPending,
    LeaseGone,
    Paced,
    Retriable,
    SourceUnknown,
    StoreError,
    Unexpected,
)
from core.job import MAX_ATTEMPTS, Family, Job, JobState
from core.options import HistoryOptions
from core.outcome import Abandon, Fail, Release, decide
from core.task import Step

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PINNED = Job(
    id="r:0",
    run="r",
    task="t",
    step=Step.HISTORY,
    source="@name",
    options=HistoryOptions(),
    keys=("a7",),
    family=Family.HISTORY,
    state=JobState.RUNNING,
    created_at=NOW,
    attempts=1,
)
AUTOMATIC = replace(PINNED, keys=("*",))


def test_a_flooded_pinned_job_waits_out_the_whole_flood() -> None:
    outcome = decide(FloodError(900, "history"), PINNED, NOW)
    assert isinstance(outcome, Release)
    assert outcome.wait is not None
    assert outcome.wait.until == NOW + timedelta(seconds=900)


def test_a_flooded_automatic_job_is_not_thrown_at_the_next_account_at_once() -> None:
    outcome = decide(FloodError(900, "history"), AUTOMATIC, NOW)
    assert isinstance(outcome, Release)
    assert outcome.wait is not None
    assert outcome.wait.until == NOW + timedelta(seconds=30)


def test_a_lost_account_fails_what_is_pinned_and_frees_what_is_not() -> None:
    error = AccountLost(reason="session_revoked")
    assert isinstance(decide(error, PINNED, NOW), Fail)
    assert decide(error, AUTOMATIC, NOW) == Release()


@pytest.mark.parametrize("error", [SourceUnknown(), Unexpected("?")])
def test_faults_of_the_source_or_ours_end_the_job_with_their_reason(error: SourceUnknown) -> None:
    outcome = decide(error, AUTOMATIC, NOW)
    assert isinstance(outcome, Fail)
    assert outcome.failure.reason == error.reason


@pytest.mark.parametrize("error", [Retriable(), StoreError("down")])
def test_passing_faults_are_tried_again_with_growing_pauses(error: Retriable) -> None:
    pauses = []
    for attempts in range(1, MAX_ATTEMPTS):
        outcome = decide(error, replace(PINNED, attempts=attempts), NOW)
        assert isinstance(outcome, Release)
        assert outcome.wait is not None
        assert outcome.wait.until is not None
        pauses.append(outcome.wait.until - NOW)
    assert pauses == sorted(pauses)
    assert isinstance(decide(error, replace(PINNED, attempts=MAX_ATTEMPTS), NOW), Fail)


def test_a_job_of_somebody_else_is_left_alone() -> None:
    assert decide(LeaseGone(), PINNED, NOW) == Abandon()


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (FloodError(900, "history"), "flood"),
        (Paced(300, "join"), "paced"),
        (DailyLimit(9000, "join"), "daily_limit"),
        (JoinPending(), "join_pending"),
    ],
)
def test_waiting_for_a_turn_is_no_failed_attempt(error: FloodError, why: str) -> None:
    outcome = decide(error, replace(PINNED, attempts=MAX_ATTEMPTS), NOW)
    assert isinstance(outcome, Release)
    assert not outcome.counts
    assert outcome.wait is not None
    assert outcome.wait.why == why


def test_what_fails_counts() -> None:
    outcome = decide(Retriable(), PINNED, NOW)
    assert isinstance(outcome, Release)
    assert outcome.counts
