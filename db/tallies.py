"""How many messages there are, by counts that are kept; see `docs/adr/0014-counts-are-kept.md`.

MongoDB counts by reading every key. So the ids of a chat are parted into blocks, each is counted
once, and what is written into a block makes its count void. For what is shown; what is proven is
counted anew, by `Messages.count`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from bson import ObjectId
from pymongo import DESCENDING

from db.bare import count_keys, update_each
from db.client import Collection, Document, MongoDatabase
from db.edits import AWAITED, CLEARED
from db.errors import translates_errors
from db.indexes import BODILESS, MESSAGE_KEY

BLOCK = 5_000
"""Ids of a block, from 1: 1 to 5,000 are block 0. A count of one takes 2 to 4 ms, and what is left
over at the ends no more. It is part of the data: a change of it makes every kept count void."""

Block = tuple[int, str, int]
"""A chat, a box, and which block of its ids."""

TOP = 2**31


def blocks_of(messages: Iterable[Mapping[str, Any]]) -> set[Block]:
    """The blocks that these documents are in."""
    return {(one["chat"], one["box"], (one["id"] - 1) // BLOCK) for one in messages}


async def count_bodiless(messages: Collection, query: Document) -> int:
    """How many of these messages are tombstones without a body."""
    return await count_keys(messages, {**query, "body": {"$in": [AWAITED, CLEARED]}}, BODILESS)


@translates_errors
class Tallies:
    """The `tallies` collection: a document a chat and box, with a number for each counted block.

    Whoever counts puts a mark of its own first and the number only if the mark is still there;
    whoever inserts takes numbers and marks away afterwards, before anybody hears that it is stored.
    """

    def __init__(self, database: MongoDatabase) -> None:
        self._tallies = database["tallies"]
        self._messages = database["messages"]

    async def stored(self, chat: int, box: str, *, lo: int = 1, hi: int = TOP) -> int:
        """How many messages of an id range are stored, without those that were cleared."""
        keys = await self._keys(chat, box, lo, hi)
        return keys - await count_bodiless(self._messages, _range(chat, box, lo, hi))

    async def of_chat(self, chat: int) -> int:
        """How many messages of a chat are stored, tombstones included, in all boxes."""
        boxes = await self._messages.distinct("box", {"chat": chat})
        return sum([await self._keys(chat, box, 1, TOP) for box in boxes])

    async def keep(self, chat: int, box: str) -> None:
        """Count what is not counted yet, so that nobody waits for it who looks."""
        await self._sum(chat, box, range(await self._newest(chat, box) // BLOCK))

    async def void(self, blocks: set[Block]) -> None:
        """What is kept of these blocks counts no more; after something was written into them."""
        if blocks:
            gone: dict[str, Document] = {}
            for chat, box, block in blocks:
                gone.setdefault(_name(chat, box), {})[_field(block)] = ""
            await update_each(
                self._tallies, {name: {"$unset": fields} for name, fields in gone.items()}
            )

    async def forget(self, chat: int) -> None:
        """Nothing is kept of a chat: before and after messages of it go."""
        await self._tallies.delete_many({"_id": {"$gte": f"{chat}:", "$lt": f"{chat};"}})

    async def _keys(self, chat: int, box: str, lo: int, hi: int) -> int:
        """Whole blocks by what is kept of them, the ends by a count. The block of the newest
        message is an end, too: what is counted of it would not last."""
        hi = min(hi, await self._newest(chat, box))
        blocks = range(-((1 - lo) // BLOCK), hi // BLOCK)
        if not blocks:
            return await self._count(chat, box, lo, hi)
        below = await self._count(chat, box, lo, blocks.start * BLOCK)
        above = await self._count(chat, box, blocks.stop * BLOCK + 1, hi)
        return below + above + await self._sum(chat, box, blocks)

    async def _newest(self, chat: int, box: str) -> int:
        found = self._messages.find({"chat": chat, "box": box}, {"_id": 0, "id": 1})
        async for newest in found.sort("id", DESCENDING).limit(1):
            return int(newest["id"])
        return 0

    async def _sum(self, chat: int, box: str, blocks: range) -> int:
        kept = await self._tallies.find_one({"_id": _name(chat, box)}) or {"blocks": {}}
        known = {
            block: number
            for block in blocks
            if isinstance(number := kept["blocks"].get(str(block)), int)
        }
        unknown = [block for block in blocks if block not in known]
        if unknown:
            known |= await self._settle(chat, box, unknown)
        return sum(known.values())

    async def _settle(self, chat: int, box: str, blocks: Iterable[int]) -> Mapping[int, int]:
        """Count these blocks, and keep the numbers of those that nobody wrote into meanwhile."""
        mark, where = ObjectId(), {"_id": _name(chat, box)}
        marks = {_field(block): mark for block in blocks}
        await self._tallies.update_one(where, {"$set": marks}, upsert=True)
        counted = {
            block: await self._count(chat, box, block * BLOCK + 1, (block + 1) * BLOCK)
            for block in blocks
        }
        numbers = {
            _field(block): _if_marked(f"${_field(block)}", mark, number)
            for block, number in counted.items()
        }
        await self._tallies.update_one(where, [{"$set": numbers}])
        return counted

    async def _count(self, chat: int, box: str, lo: int, hi: int) -> int:
        if lo > hi:
            return 0
        return await count_keys(self._messages, _range(chat, box, lo, hi), MESSAGE_KEY)


def _name(chat: int, box: str) -> str:
    return f"{chat}:{box}"


def _field(block: int) -> str:
    return f"blocks.{block}"


def _range(chat: int, box: str, lo: int, hi: int) -> Document:
    return {"chat": chat, "box": box, "id": {"$gte": lo, "$lte": hi}}


def _if_marked(field: str, mark: ObjectId, number: int) -> Document:
    return {"$cond": [{"$eq": [field, mark]}, number, field]}
