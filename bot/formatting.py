"""Times, spans, bars and names as people read them."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.i18n import Html, Texts
from core.account import Account
from core.foreign import one_line

BAR_CELLS = 14
MOST_NAMES = 6
FULL, EMPTY = "█", "░"


def bar(share: float) -> str:
    """A progress bar of constant width; `share` from 0 to 1."""
    cells = min(max(share, 0.0), 1.0) * BAR_CELLS
    full = math.floor(cells)
    return FULL * full + EMPTY * (BAR_CELLS - full)


def moment(when: datetime, zone: ZoneInfo, now: datetime) -> str:
    """The time in the operator's zone; with its date unless that is today."""
    local = when.astimezone(zone)
    if local.date() == now.astimezone(zone).date():
        return local.strftime("%H:%M")
    return local.strftime("%Y-%m-%d %H:%M")


def exact_moment(when: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Like `moment`, with seconds where the time is near."""
    if abs(when - now) < timedelta(minutes=10):
        return when.astimezone(zone).strftime("%H:%M:%S")
    return moment(when, zone, now)


def day(when: datetime, zone: ZoneInfo) -> str:
    """The date in the operator's zone."""
    return when.astimezone(zone).date().isoformat()


def span(texts: Texts, seconds: float) -> Html:
    """A length of time in its two largest units at most."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return texts("span-seconds", seconds=whole)
    if whole < 3600:
        return texts("span-minutes", minutes=math.ceil(whole / 60))
    hours, rest = divmod(whole, 3600)
    if hours < 48:
        return texts("span-hours", hours=hours, minutes=rest // 60)
    return texts("span-days", days=hours // 24)


def shorten(text: str, most: int) -> str:
    """One line of at most `most` characters."""
    line = " ".join(one_line(text).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def account_names(texts: Texts, numbers: Sequence[int], accounts: Mapping[int, Account]) -> Html:
    """The accounts of these numbers, the first few of them by name."""
    names = []
    for number in numbers[:MOST_NAMES]:
        known = accounts.get(number)
        name = "?" if known is None else shorten(known.name, 24)
        names.append(texts("account-name", name=name, number=str(number)))
    if len(numbers) > MOST_NAMES:
        names.append(texts("and-more", count=len(numbers) - MOST_NAMES))
    return Html(", ".join(names))
