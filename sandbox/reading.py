"""A part of a chat, or of an account's box, that is read by pages like a whole chat."""

from bisect import bisect_left
from collections.abc import Callable, Sequence

from sandbox.chat import Written


class Reading:
    """`ids` ascend and never change below their top."""

    def __init__(
        self,
        ids: Sequence[int],
        written: Callable[[int], Written | None],
        date: Callable[[int], int],
    ) -> None:
        self._ids = ids
        self._written = written
        self._date = date

    @property
    def count(self) -> int:
        return len(self._ids)

    @property
    def top_id(self) -> int:
        return self._ids[-1] if self._ids else 0

    def ids(self) -> Sequence[int]:
        return self._ids

    def rank(self, message_id: int) -> int:
        """How many of its ids are below `message_id`."""
        return bisect_left(self._ids, message_id)

    def first_id_since(self, date: int) -> int:
        at = bisect_left(self._ids, date, key=self._date)
        return self._ids[at] if at < len(self._ids) else self.top_id + 1

    def page(self, oldest: int, newest: int) -> list[Written]:
        """The messages of ranks `oldest` to `newest` (excluded), newest first."""
        found = (self._written(message_id) for message_id in reversed(self._ids[oldest:newest]))
        return [one for one in found if one is not None]
