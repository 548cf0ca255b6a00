"""Which of two states of a message is the newer one."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Age:
    """`date`: of the last edit, shown or not; None before any, or where Telegram tells none.
    `pts`: the number of the update that told it, or of the history that showed it."""

    date: datetime | None = None
    pts: int | None = None

    def newer_than(self, other: "Age") -> bool:
        """Whether this state came after the other; of equals neither did.

        Dates decide where both have one; else, and within a second, the numbers. A state that has
        no number is behind one that has, if the dates are the same; one that has neither was never
        edited, as far as is known. Where nothing can be compared what came last counts: history is
        read, and updates are told, as things are now.
        """
        if self.date is None and self.pts is None:
            return False
        if self.date is not None and other.date is not None and self.date != other.date:
            return self.date > other.date
        if self.pts is not None and other.pts is not None:
            return self.pts > other.pts
        if self.date == other.date:
            return self.pts is not None and other.pts is None
        return True

    def comparable(self, other: "Age") -> bool:
        """Whether more than the order of their coming tells them apart."""
        never = Age()
        dates = (self.date is None) == (other.date is None)
        numbers = (self.pts is None) == (other.pts is None)
        return dates or numbers or never in (self, other)
