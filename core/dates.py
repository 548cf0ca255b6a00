"""Dates as Telegram tells them: whole seconds that fit into 31 bits. All pure."""

import math
from datetime import UTC, datetime, timedelta
from enum import Enum

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST, LAST = 1, 2**31 - 1
"""The seconds that a request may name: 0 and what is below is taken for no date at all."""


class Beyond(Enum):
    """A moment that no date of Telegram can say."""

    PAST = "past"
    FUTURE = "future"


def second_from(moment: datetime) -> datetime | Beyond:
    """The first whole second that is not before `moment`: what is older than the one is older than
    the other, since messages have whole seconds.
    """
    seconds = math.ceil((moment - _EPOCH) / timedelta(seconds=1))
    if seconds < FIRST:
        return Beyond.PAST
    if seconds > LAST:
        return Beyond.FUTURE
    return _EPOCH + timedelta(seconds=seconds)


def just_after(moment: datetime) -> datetime:
    """The first moment after the second of `moment`, so that what is of that second is before it;
    the last of all moments for those that have none.
    """
    try:
        return moment.replace(microsecond=0) + timedelta(seconds=1)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
