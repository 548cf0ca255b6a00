"""How much of a chat is stored, and what is known of the rest. All pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.span import IntervalSet

NOTHING = IntervalSet()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What is known of each id from `lo` to `hi`: the five counts add up to all of them.

    `stored`: messages that are in the store. `absent`: proven ids without a message: deleted before
    they could be read, never given, or of another topic. `unreadable`: older than what Telegram
    shows to any account that looked. `undecoded`: stored as they came, since this version does not
    understand them. `unknown`: nobody read them yet. `hidden` and `gaps` are the
    ranges of these two.
    """

    lo: int
    hi: int
    stored: int
    absent: int
    unreadable: int
    unknown: int
    gaps: IntervalSet
    hidden: IntervalSet
    undecoded: int = 0

    @property
    def ids(self) -> int:
        """How many ids there are."""
        return max(self.hi - self.lo + 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Regions:
    """The ids of a chat, parted by what is known of them."""

    proven: IntervalSet
    hidden: IntervalSet
    gaps: IntervalSet


def regions(lo: int, hi: int, proven: IntervalSet, floors: Iterable[int]) -> Regions:
    """Part [lo, hi]. `floors`: the lowest id that each account sees which may read the chat; what
    is below all of them is hidden, unless it was read before.
    """
    floor = min(floors, default=1)
    missing = proven.missing(lo, hi)
    return Regions(
        proven=proven.within(lo, hi),
        hidden=missing.within(lo, min(floor - 1, hi)),
        gaps=missing.within(max(floor, lo), hi),
    )


def measure(
    lo: int,
    hi: int,
    parted: Regions,
    *,
    in_proven: int,
    in_hidden: int,
    in_gaps: int,
    undecoded: IntervalSet = NOTHING,
) -> Coverage:
    """The coverage, with how many messages are stored in each region, and the ids of those that are
    not understood."""
    lost = {
        part: sum(len(undecoded.within(*one)) for one in of.ranges)
        for part, of in (
            ("proven", parted.proven),
            ("hidden", parted.hidden),
            ("gaps", parted.gaps),
        )
    }
    return Coverage(
        lo=lo,
        hi=hi,
        stored=in_proven + in_hidden + in_gaps,
        absent=len(parted.proven) - in_proven - lost["proven"],
        unreadable=len(parted.hidden) - in_hidden - lost["hidden"],
        unknown=len(parted.gaps) - in_gaps - lost["gaps"],
        gaps=parted.gaps,
        hidden=parted.hidden,
        undecoded=sum(lost.values()),
    )
