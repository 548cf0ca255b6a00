"""What is to happen in some seconds, as long as the server runs."""

import asyncio
from collections.abc import Callable


class Later:
    def __init__(self) -> None:
        self._timers: set[asyncio.TimerHandle] = set()

    def after(self, seconds: float, act: Callable[[], object]) -> None:
        def due() -> None:
            self._timers.discard(timer)
            act()

        timer = asyncio.get_running_loop().call_later(seconds, due)
        self._timers.add(timer)

    def cancel(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
