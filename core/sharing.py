"""How the ids of one chat are shared out among accounts. All pure."""

import math

from core.span import IntervalSet

PAGE = 100
"""Messages of a page."""

MOST_PAGES = 50
"""Pages of a range at most, where that does not make too many ranges: what an account holds on to
while others are idle."""

MOST_RANGES = 400
"""Ranges of a chat, about: each is a job."""

FEWEST_PAGES = 5
"""Pages of a range at least: each range's last page is half empty on average."""

TURNS = 2
"""Ranges for each account at least, so that a quicker one takes more of them."""


def share_out(missing: IntervalSet, *, pages: float, readers: int) -> tuple[tuple[int, int], ...]:
    """Ranges that hold about equal parts of the `missing` ids, newest first; none if one account
    should read everything.

    `pages`: how many the missing ids are about. A range may include ids that are not missing:
    whoever reads it looks again what is. Their number is a multiple of `readers`, so that accounts
    of the same pace end together.
    """
    if readers < 2 or pages < 2 * FEWEST_PAGES:
        return ()
    turns = max(TURNS, math.ceil(pages / (readers * MOST_PAGES)))
    turns = min(turns, max(MOST_RANGES // readers, 1))
    while turns > 1 and pages / (turns * readers) < FEWEST_PAGES:
        turns -= 1
    ranges = min(turns * readers, max(math.floor(pages / FEWEST_PAGES), 2), len(missing))
    return tuple(reversed(_equal(missing, ranges)))


def _equal(missing: IntervalSet, ranges: int) -> list[tuple[int, int]]:
    """Ascending ranges, each from its first missing id to its last."""
    total = len(missing)
    return [
        (missing.at(place * total // ranges), missing.at((place + 1) * total // ranges - 1))
        for place in range(ranges)
    ]
