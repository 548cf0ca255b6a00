"""The queue of updates of one bot, and long polling with its offsets."""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable
from typing import Any

from sandbox.bot_api.errors import ApiError, conflict

Update = dict[str, Any]

NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
MAX_LIMIT = 100
MAX_TIMEOUT = 50
OTHER_POLLER = (
    "terminated by other getUpdates request; make sure that only one bot instance is running"
)
HOOKED = (
    "can't use getUpdates method while webhook is active;"
    " use deleteWebhook to delete the webhook first"
)


class UpdateQueue:
    def __init__(self, first_id: int) -> None:
        self.next_id = first_id
        self.changed: Callable[[], None] = lambda: None
        self._pending: deque[Update] = deque()
        self._allowed: set[str] | None = None
        self._poller: asyncio.Future[None] | None = None
        self.arrived = asyncio.Event()
        self.polls = 0
        """How many getUpdates have begun, those that wait still among them."""

    def __len__(self) -> int:
        return len(self._pending)

    @property
    def allowed(self) -> list[str] | None:
        return sorted(self._allowed) if self._allowed else None

    @property
    def waited_on(self) -> bool:
        return self._poller is not None

    def allow(self, kinds: list[Any] | None) -> None:
        """Kinds from now on; None keeps what was said last, empty is everything but three."""
        if kinds is not None:
            self._allowed = {str(kind) for kind in kinds} or None

    def put(self, update: Update, *, unasked: bool = False) -> int | None:
        """Queues `{kind: object}`; returns its id, or None if the bot does not want the kind and
        the update is not an `unasked` one."""
        if not unasked and not self._wanted(update):
            return None
        update_id = self.next_id
        self.next_id += 1
        self._pending.append({**update, "update_id": update_id})
        self.arrived.set()
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(None)
        self.changed()
        return update_id

    def _wanted(self, update: Update) -> bool:
        kinds = update.keys() - {"update_id"}
        if self._allowed is None:
            return not kinds or not kinds <= NOT_BY_DEFAULT
        return bool(kinds & self._allowed)

    async def poll(self, offset: int, limit: int, timeout: float) -> list[Update]:
        """One getUpdates. A poll that is still waiting is ended by it with a conflict."""
        self.polls += 1
        self._end_other()
        self._confirm(offset)
        limit = limit if 1 <= limit <= MAX_LIMIT else MAX_LIMIT
        if not self._pending and timeout > 0:
            await self._wait(min(timeout, MAX_TIMEOUT))
        return list(itertools.islice(self._pending, limit))

    async def _wait(self, timeout: float) -> None:
        poller = self._poller = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout):
                await poller
        except TimeoutError:
            return
        finally:
            if self._poller is poller:
                self._poller = None

    def _end_other(self) -> None:
        self.interrupt(conflict(OTHER_POLLER))

    def interrupt(self, error: ApiError) -> None:
        if self._poller is not None and not self._poller.done():
            self._poller.set_exception(error)
        self._poller = None

    def pending(self) -> list[Update]:
        """What nobody has confirmed, oldest first."""
        return list(self._pending)

    def restore(self, pending: list[Update], next_id: int, allowed: list[str] | None) -> None:
        """Goes on where another queue ended."""
        self._pending.extend(pending)
        self.next_id = next_id
        self.allow(allowed)
        if pending:
            self.arrived.set()

    def _confirm(self, offset: int) -> None:
        before = len(self._pending)
        if offset < 0:
            while len(self._pending) > -offset:
                self._pending.popleft()
        while self._pending and self._pending[0]["update_id"] < offset:
            self._pending.popleft()
        if len(self._pending) < before:
            self.changed()

    def take(self) -> Update | None:
        """The oldest update, for a webhook."""
        if not self._pending:
            self.arrived.clear()
            return None
        return self._pending.popleft()

    def give_back(self, updates: list[Update]) -> None:
        self._pending.extendleft(reversed(updates))

    def clear(self) -> None:
        self._pending.clear()
