"""What an error of a job means for it: one pure decision."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.errors import (
    AccountFull,
    AccountLimited,
    AccountLost,
    ApplicationRejected,
    BeingDeleted,
    CrewError,
    FloodError,
    JoinPending,
    LeaseGone,
    Retriable,
    SourceError,
    StoreError,
)
from core.job import MAX_ATTEMPTS, Failure, Family, Job, Wait

BACK_OFF = (2.0, 5.0, 15.0, 30.0, 60.0)
"""Seconds before another attempt, by how many there were."""

OTHER_ACCOUNT_AFTER = timedelta(seconds=30)
"""How long flooded work rests before another account may take it."""


DELETED_BY_THEN = timedelta(seconds=3)
"""When it is looked again whether a chat that was being deleted may be read."""

ASK_AGAIN = timedelta(minutes=10)
"""How often somebody looks whether a request to join was answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    """End the job with its reason."""

    failure: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Back into the queue; at once, or when the wait is over. `stay`: for this account only;
    `counts`: the attempt failed, after too many of them the job does. `next_call`: it is of no use
    to begin again before this family may be called.
    """

    wait: Wait | None = None
    stay: bool = False
    counts: bool = True
    next_call: Family | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandon:
    """Write nothing: the job is no longer ours."""


Outcome = Fail | Release | Abandon


def decide(error: CrewError, job: Job, now: datetime) -> Outcome:
    """What happens to `job` after `error`."""
    match error:
        case LeaseGone():
            return Abandon()
        case FloodError(seconds=seconds, family=family):
            wait = Wait(why=error.reason, until=_flooded_until(seconds, job, now))
            return Release(wait=wait, counts=False, next_call=_known(family))
        case BeingDeleted():
            wait = Wait(why=error.reason, until=now + DELETED_BY_THEN)
            return Release(wait=wait, counts=False)
        case JoinPending():
            wait = Wait(why=error.reason, until=now + ASK_AGAIN)
            return Release(wait=wait, stay=True, counts=False, next_call=Family.INFO)
        case AccountLost() | AccountLimited() | AccountFull():
            return Fail(failure=_failure(error)) if job.is_pinned() else release(job)
        case SourceError() | ApplicationRejected():
            return Fail(failure=_failure(error))
        case Retriable() | StoreError():
            return _again(error, job, now)
    return Fail(failure=_failure(error))


def release(job: Job, *, waited: bool = False) -> Fail | Release:
    """Back into the queue at once, unless the job came back too often without progress. One that
    only `waited` for its turn has failed nothing.
    """
    if waited:
        return Release(counts=False)
    if job.attempts >= MAX_ATTEMPTS:
        return Fail(failure=Failure(reason="stalled"))
    return Release()


def _flooded_until(seconds: float, job: Job, now: datetime) -> datetime:
    flood = timedelta(seconds=seconds)
    return now + (flood if job.is_pinned() else min(flood, OTHER_ACCOUNT_AFTER))


def _known(family: str) -> Family | None:
    return next((one for one in Family if one == family), None)


def _again(error: CrewError, job: Job, now: datetime) -> Outcome:
    if job.attempts >= MAX_ATTEMPTS:
        return Fail(failure=_failure(error))
    pause = BACK_OFF[max(min(job.attempts, len(BACK_OFF)) - 1, 0)]
    return Release(wait=Wait(why=error.reason, until=now + timedelta(seconds=pause)))


def _failure(error: CrewError) -> Failure:
    return Failure(reason=error.reason, detail=error.detail)
