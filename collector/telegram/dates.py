"""Dates as Telegram means them."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime.fromtimestamp(0, UTC)
_WRAP = timedelta(seconds=2**32)
"""Dates have 32 bits on the wire. Telethon reads those behind January 2038 as before 1970."""


def moment(date: datetime | None) -> datetime:
    """A date out of Telethon's hands; one that is missing is 0 on the wire, too."""
    if date is None:
        return _EPOCH
    return date + _WRAP if date < _EPOCH else date
