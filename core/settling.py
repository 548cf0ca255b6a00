"""Which messages are so young that lower ids may still surface. All pure."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

SETTLING = timedelta(minutes=1)
"""Younger ids may surface late, so they are stored but not proven."""

BEGAN = datetime(2013, 8, 1, tzinfo=UTC)
"""Before Telegram there were no messages."""

AHEAD = timedelta(days=1)
"""By how much more than any clock may be off a date is no date of sending."""


SLACK = timedelta(minutes=5)
"""The same where the time is Telegram's own."""


def is_dated(date: datetime, now: datetime, *, certain: bool = False) -> bool:
    """Whether a message can have been sent at its date; `certain`: `now` is Telegram's time."""
    return BEGAN <= date <= now + (SLACK if certain else AHEAD)


def lowest_young(
    dated: Iterable[tuple[int, datetime]], now: datetime, *, certain: bool = False
) -> int | None:
    """The lowest id of a page that is too young to be proven; None: none is.

    A date of 1970 or of the future says nothing of when a message was sent. Ids tell: it is as old
    as the next one above whose date can be believed, or as what is below where there is none. Where
    none can, it may be the clock that is wrong, unless it is `certain`.
    """
    young: int | None = None
    above: bool | None = None
    strange: list[int] = []
    believed = False
    for number, date in sorted(dated, reverse=True):
        if is_dated(date, now, certain=certain):
            believed, above = True, date > now - SETTLING
            young = number if above else young
        elif above:
            young = number
        elif date > now:
            strange.append(number)
    return young if believed or certain else min(strange, default=None)
