"""Change streams as a hint: they shorten a wait, and nothing depends on them."""

import asyncio
from typing import Any

import structlog
from pymongo.errors import OperationFailure, PyMongoError

from db.client import MongoDatabase

log = structlog.get_logger(__name__)

RETRY_SECONDS = 2.0
CHANGE_STREAMS_UNSUPPORTED = 40573
WATCHED = ("tasks", "runs", "jobs", "lookups", "accounts")


class Changes:
    """Wakes whoever waits for a change of a collection; polling stays the truth."""

    def __init__(self, database: MongoDatabase) -> None:
        self._database = database
        self._waiting = asyncio.Condition()
        self._version = dict.fromkeys(WATCHED, 0)

    async def run(self) -> None:
        """Follow the stream for ever; without a replica set, say so once and end."""
        while True:
            try:
                await self._follow()
            except OperationFailure as error:
                if error.code == CHANGE_STREAMS_UNSUPPORTED:
                    log.info("changes.unsupported", advice="polling; use a replica set")
                    return
                log.warning("changes.broken", error=str(error))
            except PyMongoError as error:
                log.info("changes.broken", error=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)

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

    async def _follow(self) -> None:
        pipeline: list[dict[str, Any]] = [
            {"$match": {"ns.coll": {"$in": list(WATCHED)}}},
            {"$project": {"ns": 1}},
        ]
        async with self._database.watch(pipeline, max_await_time_ms=1000) as stream:
            async for change in stream:
                async with self._waiting:
                    self._version[change["ns"]["coll"]] += 1
                    self._waiting.notify_all()
