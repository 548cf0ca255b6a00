"""What messages said before they were edited."""

from collections.abc import Iterable, Sequence
from functools import cmp_to_key
from typing import Any

from pymongo import UpdateOne

from core.edit_order import Age
from core.message import AROUND, Version
from db.client import Document, MongoDatabase
from db.codec import version_of
from db.errors import translates_errors
from db.identity import Identity, any_of, identity_of, upsert_all, which

MOST_VERSIONS = 20
"""Versions that are kept of a message: the newest."""

CONTENT = ("text", "entities", "media", "texts")
"""What of a message is kept when an edit changes it."""

_AGE = ("edit_date", "pts")


@translates_errors
class Versions:
    """The `versions` collection: one document a message, its former contents oldest first."""

    def __init__(self, database: MongoDatabase) -> None:
        self._versions = database["versions"]

    async def keep(self, documents: Sequence[Document]) -> None:
        """Keep what these documents of messages say; the same one twice changes nothing."""
        await upsert_all(self._versions, [_addition(document) for document in documents])

    async def of(self, chat: int, box: str, message: int) -> list[Version]:
        """The former contents of a message, oldest first, each different from the one before."""
        document = await self._versions.find_one(which((chat, box, message)))
        kept = [] if document is None else sorted(document["versions"], key=_IN_ORDER)
        changes = [
            one for before, one in zip([None, *kept], kept, strict=False) if differs(before, one)
        ]
        return [version_of(one) for one in changes]

    async def forget(self, messages: Iterable[Identity]) -> None:
        """Remove what is kept of these messages."""
        if wanted := list(messages):
            await self._versions.delete_many(any_of(wanted))

    async def forget_until(self, chat: int, box: str, last: int) -> None:
        """Remove what is kept of the messages up to the id `last`."""
        await self._versions.delete_many({"chat": chat, "box": box, "id": {"$lte": last}})

    async def forget_chat(self, chat: int) -> int:
        """Remove what is kept of a chat's messages; of how many."""
        result = await self._versions.delete_many({"chat": chat})
        return int(result.deleted_count)


def differs(one: Document | None, other: Document) -> bool:
    """Whether two documents of a message say different things."""
    return (
        one is None
        or any(one.get(name) != other.get(name) for name in CONTENT if name != "texts")
        or _texts_differ(one, other)
    )


def _texts_differ(one: Document, other: Document) -> bool:
    """Not by what changes around a message, nor by texts that were not kept once."""
    mine, yours = _own_texts(one), _own_texts(other)
    return bool(mine and yours) and mine != yours


def _own_texts(document: Document) -> list[Document]:
    return [one for one in document.get("texts") or () if not one["kind"].startswith(AROUND)]


def _compared(one: Document, other: Document) -> int:
    mine, yours = (Age(each.get("edit_date"), each.get("pts")) for each in (one, other))
    if not mine.comparable(yours):
        return 0
    return mine.newer_than(yours) - yours.newer_than(mine)


_IN_ORDER = cmp_to_key(_compared)


def _addition(document: Document) -> UpdateOne:
    version = {name: document[name] for name in (*_AGE, *CONTENT) if document.get(name) is not None}
    if (hidden := document.get("hidden_edit_date")) is not None:
        version.setdefault("edit_date", hidden)
    known = {"$ifNull": ["$versions", []]}
    ordered: dict[str, Any] = {
        "$sortArray": {
            "input": {"$setUnion": [known, [{"$literal": version}]]},
            "sortBy": dict.fromkeys(_AGE, 1),
        }
    }
    newest = {"$slice": [ordered, -MOST_VERSIONS]}
    return UpdateOne(which(identity_of(document)), [{"$set": {"versions": newest}}], upsert=True)
