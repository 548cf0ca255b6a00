"""Proven ranges of message ids, and arithmetic on sets of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

WHOLE_CHAT = "chat"
"""The scope of a span that was read from the chat itself, not from one topic."""


def scope_of(topic: int | None) -> str:
    """The scope of what is read of a topic of a forum, or of the whole chat."""
    return WHOLE_CHAT if topic is None else f"topic:{topic}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many messages a job stored as the first, and how many it found stored before."""

    new: int = 0
    known: int = 0

    def __add__(self, other: "Counted") -> "Counted":
        """The sum."""
        return Counted(new=self.new + other.new, known=self.known + other.known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """All that existed in [lo, hi] of a chat when it was read is stored.

    `floor` is the lowest id that the reading account may see at all.
    """

    chat: int
    box: str
    lo: int
    hi: int
    account: int
    read_at: datetime
    scope: str = WHOLE_CHAT
    floor: int = 1


@dataclass(frozen=True, slots=True)
class IntervalSet:
    """Disjoint closed ranges of integers, ascending, never adjacent."""

    ranges: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, ranges: Iterable[tuple[int, int]]) -> "IntervalSet":
        """The union of any ranges; those with lo > hi are empty."""
        merged: list[tuple[int, int]] = []
        for lo, hi in sorted(r for r in ranges if r[0] <= r[1]):
            if merged and lo <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(hi, merged[-1][1]))
            else:
                merged.append((lo, hi))
        return cls(tuple(merged))

    def missing(self, lo: int, hi: int) -> "IntervalSet":
        """What of [lo, hi] this set does not cover."""
        gaps: list[tuple[int, int]] = []
        start = lo
        for first, last in self.ranges:
            if last < start:
                continue
            if first > hi:
                break
            if first > start:
                gaps.append((start, first - 1))
            start = last + 1
        if start <= hi:
            gaps.append((start, hi))
        return IntervalSet(tuple(gaps))

    def within(self, lo: int, hi: int) -> "IntervalSet":
        """What of [lo, hi] this set covers."""
        return IntervalSet(
            tuple(
                (max(first, lo), min(last, hi))
                for first, last in self.ranges
                if last >= lo and first <= hi
            )
        )

    def without(self, other: "IntervalSet") -> "IntervalSet":
        """What of this set the other one does not cover."""
        return IntervalSet(tuple(gap for one in self.ranges for gap in other.missing(*one).ranges))

    def at(self, place: int) -> int:
        """The integer at a place, from 0 and ascending; raises IndexError."""
        for first, last in self.ranges:
            if place <= last - first:
                return first + place
            place -= last - first + 1
        raise IndexError(place)

    def __len__(self) -> int:
        """How many integers the set holds."""
        return sum(last - first + 1 for first, last in self.ranges)


def proven_by_page(offset: int, ids: Iterable[int]) -> tuple[int, int] | None:
    """The range that one descending page of history proves; None for an empty one.

    `offset` is the request's `offset_id`: 0 asks for the newest, o for ids below o.
    """
    seen = list(ids)
    if not seen:
        return None
    return (min(seen), max(seen) if offset == 0 else offset - 1)
