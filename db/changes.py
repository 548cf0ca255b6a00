"""Change streams as a hint: they shorten a wait, and nothing depends on them."""

import asyncio
import time
from typing import Any

import structlog
from pymongo.errors import PyMongoError

from core.told_once import ToldOnce
from db.client import MongoDatabase

log = structlog.get_logger(__name__)

RETRY_SECONDS = 2.0
CHANGE_STREAMS_UNSUPPORTED = 40573
MOST_TOLD = 300
"""Characters of an error: the driver tells of each server at length."""

WATCHED = ("tasks", "runs", "jobs", "lookups", "accounts", "operators")

QUEUE = "queue"
"""Not a collection: the jobs that came, went or changed their state, without their progress."""

ORDERS = "orders"
"""Not a collection: the runs that came or went, and those of which somebody wants something."""

_UPDATED = "$updateDescription.updatedFields"
STATE = {"$ifNull": [f"{_UPDATED}.state", f"{_UPDATED}.ready"]}
"""What of a changed job matters to the queue; missing in a change of anything else."""

ORDER_FIELDS = ("intent", "planned", "asks", "chosen_at", "open", "opening")
"""What of a changed run may ask for work: more is wanted of it, or it makes room for others."""

_ORDER = {f"order.{field}": f"{_UPDATED}.{field}" for field in ORDER_FIELDS}

_NO_PROGRESS: list[dict[str, Any]] = [
    {"ns.coll": {"$ne": "jobs"}},
    {"operationType": {"$ne": "update"}},
    {f"{_UPDATED[1:]}.state": {"$exists": True}},
    {f"{_UPDATED[1:]}.ready": {"$exists": True}},
]

TOGETHER = 0.1
"""Seconds for changes to come in one answer of the stream: asked for each alone they cost more than
what they tell of."""

DRAINED = 0.05
"""Seconds for what came in one answer to be taken."""

HEARD = 3.0
"""Seconds without an answer of the stream after which it is not relied on; it answers each second
even when nothing changed."""


class Changes:
    """Wakes whoever waits for a change of a collection; polling stays the truth."""

    def __init__(self, database: MongoDatabase) -> None:
        self._database = database
        self._waiting = asyncio.Condition()
        self._version = dict.fromkeys((*WATCHED, QUEUE, ORDERS), 0)
        self._heard_at = float("-inf")
        self._trouble = ToldOnce()
        self._moved: set[str] | None = None
        self._got_on: set[str] = set()
        self._spares = False
        self.begun = 0
        """How often the stream began: what happened before that was not told."""

    def keep_runs(self) -> None:
        """From now on `take_runs` tells which runs changed."""
        self._moved = set() if self._moved is None else self._moved

    def spare_progress(self) -> None:
        """The progress of jobs need not be told, unless somebody else here keeps runs."""
        self._spares = True

    def take_runs(self) -> tuple[set[str], set[str]]:
        """The runs that were written, and those of which jobs were, since this was asked before."""
        moved, got_on = self._moved or set(), self._got_on
        if self._moved is not None:
            self._moved, self._got_on = set(), set()
        return moved, got_on

    async def run(self) -> None:
        """Follow the stream for ever; without a replica set, say so once and end."""
        while True:
            try:
                while await self._follow():
                    await self.hint()
            except PyMongoError as error:
                if getattr(error, "code", None) == CHANGE_STREAMS_UNSUPPORTED:
                    log.info("changes.unsupported", advice="polling; use a replica set")
                    return
                if self._trouble.failed(type(error).__name__):
                    log.warning("changes.broken", error=str(error)[:MOST_TOLD])
            self._heard_at = float("-inf")
            await self.hint()
            await asyncio.sleep(RETRY_SECONDS)

    def lively(self) -> bool:
        """Whether changes are told at once just now, so that polling may be rarer."""
        return time.monotonic() - self._heard_at < HEARD

    async def hint(self) -> None:
        """Wake everybody: something may have changed that the stream does not tell."""
        async with self._waiting:
            for name in self._version:
                self._version[name] += 1
            self._waiting.notify_all()

    def mark(self) -> dict[str, int]:
        """The present version of each collection, to be given to `wait` later."""
        return dict(self._version)

    async def wait(self, *collections: str, since: dict[str, int], timeout: float) -> bool:
        """Until one of the collections changed after `since`, or `timeout` seconds went by."""

        def changed() -> bool:
            return any(self._version[name] != since[name] for name in collections)

        try:
            async with asyncio.timeout(timeout), self._waiting:
                await self._waiting.wait_for(changed)
        except TimeoutError:
            return False
        return True

    def _is_sparing(self) -> bool:
        return self._spares and self._moved is None

    async def _follow(self) -> bool:
        """Until the stream ends, or is to tell more from now on: whether it is to begin anew."""
        watched: dict[str, Any] = {"ns.coll": {"$in": list(WATCHED)}}
        spares = self._is_sparing()
        pipeline: list[dict[str, Any]] = [
            {"$match": {**watched, "$or": _NO_PROGRESS} if spares else watched},
            {"$project": {"ns": 1, "documentKey": 1, "operationType": 1, "state": STATE, **_ORDER}},
        ]
        async with self._database.watch(pipeline, max_await_time_ms=1000) as stream:
            await self._take(await stream.try_next())
            self.begun += 1
            await self.hint()
            paused_at = 0.0
            while stream.alive:
                if spares and not self._is_sparing():
                    return True
                change = await stream.try_next()
                await self._take(change)
                if change is not None and time.monotonic() - paused_at > DRAINED:
                    await asyncio.sleep(TOGETHER)
                    paused_at = time.monotonic()
        return False

    async def _take(self, change: dict[str, Any] | None) -> None:
        self._heard_at = time.monotonic()
        if (told := self._trouble.worked()) is not None:
            log.info("changes.again", **told)
        if change is None:
            return
        name = change["ns"]["coll"]
        self._keep(name, str(change.get("documentKey", {}).get("_id", "")))
        async with self._waiting:
            self._version[name] += 1
            if name == "jobs" and (change["operationType"] != "update" or "state" in change):
                self._version[QUEUE] += 1
            if name == "runs" and _is_order(change):
                self._version[ORDERS] += 1
            self._waiting.notify_all()

    def _keep(self, name: str, document: str) -> None:
        """Of which run a change tells: the id of a job begins with its run's."""
        if self._moved is None:
            return
        if name == "runs":
            self._moved.add(document)
        elif name == "jobs":
            self._got_on.add(document.partition(":")[0])


def _is_order(change: dict[str, Any]) -> bool:
    """Not that it is planned now, which is how a planning ends."""
    order = dict(change.get("order", {}))
    if order.get("planned") is True:
        del order["planned"]
    return change["operationType"] != "update" or bool(order)
