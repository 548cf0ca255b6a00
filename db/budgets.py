"""Flood windows, daily and slow use, per account and method family; they outlive restarts."""

from datetime import datetime, timedelta
from typing import Any

from pymongo import ReturnDocument

from core.job import Family
from core.pacing import Rest
from db.client import MongoDatabase
from db.codec import from_document
from db.errors import translates_errors


@translates_errors
class Budgets:
    """The `budgets` collection."""

    def __init__(self, database: MongoDatabase) -> None:
        self._budgets = database["budgets"]

    async def rests(self, account: int) -> list[Rest]:
        """What rests of each family Telegram asked for, over or not."""
        told = {"$cond": [{"$eq": ["$next_at", "$until"]}, "$seconds", None]}
        left = {"$divide": [{"$subtract": ["$next_at", "$$NOW"]}, 1000]}
        pipeline: list[dict[str, Any]] = [
            {"$match": {"account": account, "next_at": {"$exists": True}}},
            {"$project": {"family": 1, "until": "$next_at", "seconds": told, "left": left}},
        ]
        return [from_document(Rest, one) async for one in self._budgets.aggregate(pipeline)]

    async def full_times(self, account: int) -> dict[str, datetime]:
        """When each slow family may make all of its calls at once again."""
        cursor = self._budgets.find({"account": account, "full_at": {"$exists": True}})
        return {document["family"]: document["full_at"] async for document in cursor}

    async def use(self, account: int, family: Family, full_at: datetime) -> None:
        """Record a call of a slow family: when it may make all of its calls at once again."""
        await self._budgets.update_one(
            {"_id": f"a{account}:{family}"},
            {
                "$set": {"full_at": full_at},
                "$setOnInsert": {"account": account, "family": family},
            },
            upsert=True,
        )

    async def rest(self, account: int, family: str, until: datetime, seconds: float) -> None:
        """Record a flood that lasts `seconds`: no call of the family before `until`. Never shortens
        a rest."""
        await self._budgets.update_one(
            {"_id": f"a{account}:{family}"},
            {
                "$max": {"next_at": until, "until": until, "seconds": seconds},
                "$inc": {"floods": 1},
                "$setOnInsert": {"account": account, "family": family},
            },
            upsert=True,
        )

    async def used(self, account: int, now: datetime) -> dict[Family, int]:
        """How many calls of each family were made today."""
        cursor = self._budgets.find({"account": account, "day": now.date().isoformat()})
        found = {document["family"]: document["used"] async for document in cursor}
        return {family: found[family] for family in Family if family in found}

    async def spend_daily(
        self, account: int, family: Family, now: datetime, *, most: int
    ) -> int | None:
        """Use one of the day's `most` calls; how many are used then, None when they were spent."""
        day = now.date().isoformat()
        key = f"a{account}:{family}:{day}"
        await self._budgets.update_one(
            {"_id": key},
            {
                "$setOnInsert": {
                    "account": account,
                    "family": family,
                    "used": 0,
                    "day": day,
                    "ends_at": end_of_day(now),
                }
            },
            upsert=True,
        )
        document = await self._budgets.find_one_and_update(
            {"_id": key, "used": {"$lt": most}},
            {"$inc": {"used": 1}},
            return_document=ReturnDocument.AFTER,
        )
        return None if document is None else int(document["used"])


def end_of_day(now: datetime) -> datetime:
    """When the day's calls start anew."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
