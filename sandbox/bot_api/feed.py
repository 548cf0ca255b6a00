"""What happens in a person's chat, told to whoever looks on: open pages and waiting tests."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Event = dict[str, Any]
KEPT = 1000


class Feed:
    def __init__(self) -> None:
        self._watchers: dict[int, set[asyncio.Queue[Event | None]]] = defaultdict(set)
        self.changed: Callable[[], None] = lambda: None

    def publish(self, person_id: int, event: Event) -> None:
        for queue in tuple(self._watchers[person_id]):
            if queue.full():
                self._cut(queue)
            queue.put_nowait(event)
        self.changed()

    @contextmanager
    def watch(self, person_id: int) -> Iterator[asyncio.Queue[Event | None]]:
        """A queue of events from now on. None ends it: the watcher was too slow or all closes."""
        queue: asyncio.Queue[Event | None] = asyncio.Queue(KEPT)
        self._watchers[person_id].add(queue)
        try:
            yield queue
        finally:
            self._watchers[person_id].discard(queue)

    def close(self) -> None:
        for queues in self._watchers.values():
            for queue in tuple(queues):
                self._cut(queue)
                queue.put_nowait(None)

    @staticmethod
    def _cut(queue: asyncio.Queue[Event | None]) -> None:
        """A watcher that lost events must start anew, so it is told to, and nothing else."""
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)
