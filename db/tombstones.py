"""Deletions: explicit, final, and right even when they come before their message."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo import UpdateOne

from core.message import DeletionPolicy
from db.client import Document, MongoDatabase
from db.edits import AWAITED, CLEARED
from db.errors import translates_errors
from db.identity import Identity, upsert_all, which
from db.versions import Versions

_KEY = ("_id", "chat", "box", "id")


@translates_errors
class Tombstones:
    """Marks of deletion in `messages`. A message without a body has `body`: `cleared` takes none
    any more, `awaited` takes it when it comes."""

    def __init__(self, database: MongoDatabase, versions: Versions) -> None:
        self._messages = database["messages"]
        self._versions = versions

    async def set(
        self, chat: int, box: str, ids: Sequence[int], at: datetime, policy: DeletionPolicy
    ) -> None:
        """Mark messages as deleted, known or not. The earliest time stays, and what was cleared
        stays so under either policy."""
        messages: list[Identity] = [(chat, box, number) for number in dict.fromkeys(ids)]
        change = _cleared(at) if policy is DeletionPolicy.MIRROR else _kept(at)
        await upsert_all(
            self._messages, [UpdateOne(which(one), change, upsert=True) for one in messages]
        )
        if policy is DeletionPolicy.MIRROR:
            await self._versions.forget(messages)


def _earliest(at: datetime) -> Document:
    return {"$min": ["$deleted_at", at]}


def _cleared(at: datetime) -> list[Document]:
    key: dict[str, Any] = {name: f"${name}" for name in _KEY}
    return [{"$replaceWith": {**key, "deleted_at": _earliest(at), "body": CLEARED}}]


def _kept(at: datetime) -> list[Document]:
    has_body = {"$eq": [{"$type": "$date"}, "date"]}
    body = {"$cond": [has_body, "$$REMOVE", {"$ifNull": ["$body", AWAITED]}]}
    return [{"$set": {"deleted_at": _earliest(at), "body": body}}]
