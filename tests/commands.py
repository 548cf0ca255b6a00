"""What a client of MongoDB asks."""

from collections import Counter
from typing import Any

from pymongo.monitoring import CommandListener

UNCOUNTED = ("getMore", "hello")


class Tap(CommandListener):
    """Catches the name of each command that a client sends, without those that keep a stream."""

    def __init__(self) -> None:
        self.caught: Counter[str] = Counter()

    def started(self, event: Any) -> None:
        if event.command_name not in UNCOUNTED:
            self.caught[event.command_name] += 1

    def succeeded(self, event: Any) -> None: ...

    def failed(self, event: Any) -> None: ...
