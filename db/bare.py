"""MongoDB's bare commands, where what the driver makes of a call costs more than the call."""

from collections.abc import Mapping, Sequence

from pymongo.errors import AutoReconnect, BulkWriteError, ServerSelectionTimeoutError

from db.client import Collection, Document
from db.errors import refused_as_known


async def insert_new(collection: Collection, documents: Sequence[Mapping[str, object]]) -> set[int]:
    """Insert what no unique index refuses; the places of what was there already.

    It takes half of `insert_many`'s time: that makes an id and three calls for each document.
    MongoDB makes the ids that are missing. At most 100,000 documents and 48 MB. Documents that the
    first of two tries stored count as there already.
    """
    return await _write(collection, "insert", {"documents": documents})


async def update_each(collection: Collection, changes: Mapping[str, Document]) -> None:
    """Change the documents of these ids, those that are there; at most 100,000."""
    updates = [{"q": {"_id": one}, "u": change} for one, change in changes.items()]
    await _write(collection, "update", {"updates": updates})


async def count_keys(collection: Collection, query: Document, index: str) -> int:
    """How many keys of an index there are; no document is made of any."""
    command = {"count": collection.name, "query": query, "hint": index}
    return int((await collection.database.command(command))["n"])


async def _write(collection: Collection, verb: str, what: Document) -> set[int]:
    """The places of what was there already. Like the driver's own writes it is tried again once
    when the connection broke."""
    concern = collection.write_concern.document
    command = {verb: collection.name, **what, "ordered": False, "writeConcern": concern}
    try:
        reply = await collection.database.command(command)
    except ServerSelectionTimeoutError:
        raise
    except AutoReconnect:
        reply = await collection.database.command(command)
    refused, concerns = reply.get("writeErrors"), reply.get("writeConcernError")
    if not refused and not concerns:
        return set()
    return refused_as_known(
        BulkWriteError(
            {"writeErrors": refused or [], "writeConcernErrors": [concerns] if concerns else []}
        )
    )
