"""Names of senders that come later than their messages: a short update tells an id alone."""

from collections.abc import Sequence

from pymongo import UpdateOne

from db.client import Document, MongoDatabase
from db.errors import translates_errors
from db.identity import Identity, any_of, identity_of, which

_PLACES = (("sender", "id"), ("forward", "sender"))
"""Where a name belongs to an id: the field, and the id in it."""


@translates_errors
class Names:
    """Fills in names in `messages`; one that is there stays."""

    def __init__(self, database: MongoDatabase) -> None:
        self._messages = database["messages"]

    async def fill(self, documents: Sequence[Document]) -> None:
        """Give stored messages the names that these documents of them have, of the same people."""
        told = {identity_of(one): one for one in documents if _named(one)}
        if not told:
            return
        nameless = [{f"{at}.{key}": {"$exists": True}, f"{at}.name": None} for at, key in _PLACES]
        fields = {"_id": 0, "chat": 1, "box": 1, "id": 1, **{at: 1 for at, _ in _PLACES}}
        cursor = self._messages.find(any_of(told, **{"$or": nameless}), fields)
        writes = [write async for one in cursor for write in _writes(one, told[identity_of(one)])]
        if writes:
            await self._messages.bulk_write(writes, ordered=False)


def with_names(fields: Document, stored: Document) -> Document:
    """The fields, with the names of the same people that are stored and not told anew."""
    for at, key in _PLACES:
        mine, known = fields.get(at), stored.get(at)
        if mine and known and mine.get("name") is None and mine.get(key) == known.get(key):
            name = known.get("name")
            fields = fields if name is None else {**fields, at: {**mine, "name": name}}
    return fields


def _named(document: Document) -> bool:
    return any((document.get(at) or {}).get("name") is not None for at, _ in _PLACES)


def _writes(stored: Document, told: Document) -> list[UpdateOne]:
    writes = []
    identity: Identity = identity_of(stored)
    for at, key in _PLACES:
        mine, known = told.get(at) or {}, stored.get(at) or {}
        name, who = mine.get("name"), known.get(key)
        if name is not None and who is not None and mine.get(key) == who and "name" not in known:
            guard = {**which(identity), f"{at}.{key}": who, f"{at}.name": None}
            writes.append(UpdateOne(guard, {"$set": {f"{at}.name": name}}))
    return writes
