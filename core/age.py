"""Which messages of a chat are too old to be kept, by what is known of their times. All pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto

FIRST = datetime(2013, 8, 1, tzinfo=UTC)
"""Nothing in Telegram is older."""

AHEAD = timedelta(days=1)
"""By how much Telegram's clock and ours may differ; what is dated later has no date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """The times of a message; a tombstone without a body has no `date` of its own."""

    id: int
    date: datetime | None = None
    deleted_at: datetime | None = None


class _Age(Enum):
    OLD = auto()
    YOUNG = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """`last`: up to this id all are too old; `ended`: behind it one is young enough."""

    last: int | None
    ended: bool


def oldest(messages: Iterable[Dated], before: datetime, now: datetime | None = None) -> Bound:
    """How far the messages, ascending by id, are all older than `before`.

    Of which nobody knows how old it is (a tombstone, a date that cannot be) is as old as what comes
    after it. What was deleted before is older than that. `now` tells which dates are to come.
    """
    last = None
    for message in messages:
        match _age(message, before, now):
            case _Age.YOUNG:
                return Bound(last=last, ended=True)
            case _Age.OLD:
                last = message.id
    return Bound(last=last, ended=False)


def _age(message: Dated, before: datetime, now: datetime | None) -> _Age:
    if message.deleted_at is not None and message.deleted_at < before:
        return _Age.OLD
    date = message.date
    if date is None or date < FIRST or (now is not None and date > now + AHEAD):
        return _Age.UNKNOWN
    return _Age.OLD if date < before else _Age.YOUNG
