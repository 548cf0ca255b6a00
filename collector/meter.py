"""What the worker counts, for whoever serves metrics."""

from typing import Protocol


class Meter(Protocol):
    """Counters; every method returns at once and never raises."""

    def stored(self, messages: int) -> None:
        """Messages that were new to the store."""
        ...

    def recorded(self, news: int, *, seconds: float, waiting: int) -> None:
        """News of chats that are listened to were stored, `seconds` after the first of them was
        heard, while others were `waiting`.
        """
        ...

    def called(self, family: str) -> None:
        """A call to Telegram was allowed to go out."""
        ...

    def waited(self, family: str, seconds: float) -> None:
        """A call had to wait, by pace or by flood."""
        ...
