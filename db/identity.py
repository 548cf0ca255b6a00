"""Which message a document is, and how several are asked for at once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from pymongo.errors import BulkWriteError

from db.client import Collection, Document
from db.errors import refused_as_known

Identity = tuple[int, str, int]
"""The chat, the box and the id of a message."""


def identity_of(document: Document) -> Identity:
    """The identity in a message's document."""
    return document["chat"], document["box"], document["id"]


def which(identity: Identity) -> Document:
    """The query for one message."""
    chat, box, number = identity
    return {"chat": chat, "box": box, "id": number}


def any_of(identities: Iterable[Identity], **more: object) -> Document:
    """The query for several messages, one range of the index for each chat."""
    chats: dict[tuple[int, str], list[int]] = defaultdict(list)
    for chat, box, number in identities:
        chats[chat, box].append(number)
    asked = [
        {"chat": chat, "box": box, "id": {"$in": sorted(set(ids))}, **more}
        for (chat, box), ids in chats.items()
    ]
    return asked[0] if len(asked) == 1 else {"$or": asked}


async def upsert_all(collection: Collection, writes: Sequence[object]) -> None:
    """Do every upsert. One that another writer's insert overtook finds its document when it is
    tried again."""
    left = list(writes)
    while left:
        try:
            await collection.bulk_write(left, ordered=False)
        except BulkWriteError as error:
            left = [left[place] for place in sorted(refused_as_known(error))]
        else:
            return
