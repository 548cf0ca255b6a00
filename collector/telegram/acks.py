"""Receipts for what Telegram sent, gathered: each alone costs half of what asking for a page does.

Telegram's own clients wait with them too, for up to half a minute.
"""

import asyncio
from collections.abc import Callable

MOST = 16
"""Receipts that wait for one another."""

LONGEST = 1.0
"""Seconds that the first of them waits."""


class Acks(set[int]):
    """Ids to acknowledge. False until they are due, and `wake` is called when that is by time.

    Whoever sends them clears it.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        super().__init__()
        self._wake = wake
        self._timer: asyncio.TimerHandle | None = None
        self._late = False

    def __bool__(self) -> bool:
        return self._late or len(self) >= MOST

    def add(self, message: int, /) -> None:
        super().add(message)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LONGEST, self._fall_due)

    def clear(self) -> None:
        super().clear()
        self._late = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fall_due(self) -> None:
        self._late = True
        self._wake()
