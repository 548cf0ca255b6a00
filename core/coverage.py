"""How much of a chat is stored, and what is known of the rest. All pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.span import IntervalSet

NOTHING = IntervalSet()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What is known of each id from `lo` to `hi`: `stored`, `absent`, `unreadable`, `undecoded` and
    `unknown` add up to all of them.

    `stored`: messages that are in the store; `unconfirmed` of them, and of the undecoded, came too
    late to prove what lies beside them, or while somebody listened: reading the chat again confirms
    them. `absent`: proven ids without a message: deleted before they could be read, never given, or
    of another topic. `unreadable`: older than what Telegram shows to any account that looked.
    `undecoded`: stored as they came, since this version does not understand them. `unknown`: nobody
    read them yet. `hidden` and `gaps` are the ranges of what was not read, `stored_gaps` those of
    the gaps in which every id is stored.
    """

    lo: int
    hi: int
    stored: int
    absent: int
    unreadable: int
    unknown: int
    unconfirmed: int
    gaps: IntervalSet
    hidden: IntervalSet
    undecoded: int = 0
    stored_gaps: IntervalSet = field(default_factory=IntervalSet)

    @property
    def confirmed(self) -> int:
        """How many ids reading proved, those without a message included."""
        return self.ids - self.unreadable - self.unknown - self.unconfirmed

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
    stored_gaps: IntervalSet = NOTHING,
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
        unconfirmed=in_gaps + lost["gaps"],
        gaps=parted.gaps,
        hidden=parted.hidden,
        undecoded=sum(lost.values()),
        stored_gaps=stored_gaps,
    )


def filled(gaps: IntervalSet, stored: Sequence[int]) -> IntervalSet:
    """Those of the gaps in which every id is stored; `stored`: how many of each are."""
    sizes = [last - first + 1 for first, last in gaps.ranges]
    each = zip(gaps.ranges, sizes, stored, strict=True)
    return IntervalSet.of(one for one, size, count in each if size == count)
