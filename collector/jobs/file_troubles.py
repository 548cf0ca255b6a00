"""Files that did not come: when one is asked for again, and when it is given up."""

from collections import Counter

from core.errors import CrewError, Retriable, StaleReference
from core.job import MAX_ATTEMPTS

TRIES = 3
"""Times that a file may fail to come, and references that may expire before one part is there."""

ROW = 3
"""Files that fail one after another, with none between, before it is Telegram that is in trouble,
and not they."""


class Troubles:
    """What a job's files did, by their keys. A job in its last attempt gives no reason to wait for
    another."""

    def __init__(self, *, attempts: int) -> None:
        self._is_last = attempts >= MAX_ATTEMPTS
        self._tries: Counter[str] = Counter()
        self._stale: Counter[tuple[str, int]] = Counter()
        self._in_row = 0
        self._anything = False

    def came(self) -> None:
        """Telegram gave something, if only a reason."""
        self._in_row, self._anything = 0, True

    def is_broken(self, file: str, offset: int) -> bool:
        """Whether yet another expired reference means that there is no good one."""
        self._stale[file, offset] += 1
        return self._stale[file, offset] >= TRIES

    def is_given_up(self, file: str) -> bool:
        """Whether it need not be asked for again, for another message."""
        return self._tries[file] >= TRIES

    def ends(self, file: str, error: CrewError) -> bool:
        """Whether a file that failed is given up now; raises the error where it is not the file's:
        Telegram, or the line, is in trouble, and the job should come back."""
        is_first = not self._tries[file]
        self._tries[file] += TRIES if isinstance(error, StaleReference) else 1
        given_up = self.is_given_up(file)
        if not isinstance(error, Retriable):
            self.came()
        elif not self._is_last:
            self._in_row += is_first
            if self._in_row >= ROW or (given_up and not self._anything):
                raise error
        return given_up
