"""Updates of the bot that are being handled and that Telegram need not keep any more."""

import json
from typing import Any

from db.client import MongoDatabase
from db.errors import translates_errors


@translates_errors
class PendingUpdates:
    """The `pending_updates` collection: `_id` is `bot:update`, `raw` an update as it came, as JSON.
    What is in it when the bot starts was begun by a process that died.
    """

    def __init__(self, database: MongoDatabase) -> None:
        self._pending = database["pending_updates"]

    async def keep(self, bot: int, number: int, raw: Any) -> None:
        """Keep an update until it is handled; a second time changes nothing."""
        change = {"$setOnInsert": {"raw": json.dumps(raw)}}
        await self._pending.update_one({"_id": _key(bot, number)}, change, upsert=True)

    async def handled(self, bot: int, number: int) -> None:
        """Forget an update."""
        await self._pending.delete_one({"_id": _key(bot, number)})

    async def of(self, bot: int) -> list[Any]:
        """The updates of a bot that wait, oldest first."""
        cursor = self._pending.find({"_id": {"$gte": f"{bot}:", "$lt": f"{bot};"}})
        return [json.loads(one["raw"]) async for one in cursor.sort("_id", 1)]


def _key(bot: int, number: int) -> str:
    return f"{bot}:{number:019}"
