"""The claims of a store from before there were any: built once, from what is left of its past."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bson import ObjectId
from bson.errors import InvalidId
from pymongo import ASCENDING

from core.claim import EARLIER, Came, Claim, Past, claim_of, is_explained
from core.links import chat_id, is_invite
from core.task import Step, Task
from db.chats import bare_username
from db.claims import EVERY_CHAT, Claims
from db.client import Document, MongoDatabase
from db.codec import from_document
from db.errors import translates_errors
from db.indexes import MESSAGE_KEY

NAME = "claims"
LIVE = "live"
"""What proofs of a live reader begin with, in place of a run."""

HOPS = 2
"""From a channel to its comments, and from those to the group that they were before."""

REMEMBERED = 100
"""Chats after which it is written down how far the upgrade came."""


@dataclass(slots=True)
class _Known:
    """What is left of the past: tasks with their runs, and who claims which chat."""

    pasts: dict[str, Past] = field(default_factory=dict)
    claims: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    listening: set[tuple[str, int]] = field(default_factory=set)
    behind: dict[str, set[int]] = field(default_factory=dict)


@translates_errors
class ClaimUpgrade:
    """Any number of processes may do it at once, and again after a crash: every write is the same
    whoever does it, and what an operator decided about a chat meanwhile stays."""

    def __init__(self, database: MongoDatabase, claims: Claims) -> None:
        self._database = database
        self._upgrades = database["upgrades"]
        self._store = claims
        self._done = False

    async def ensure(self, now: datetime) -> None:
        """Returns when the store has its claims; at once where they were built before."""
        if self._done or await self._is_done():
            self._done = True
            return
        known = await self._gather(now)
        after = (await self._state()).get("after", EVERY_CHAT)
        seen = 0
        async for chat in self._stored(after):
            await self._judge(chat, known, now)
            seen += 1
            if seen % REMEMBERED == 0:
                if await self._is_done():
                    break
                await self._upgrades.update_one(
                    {"_id": NAME}, {"$max": {"after": chat}}, upsert=True
                )
            after = chat
        over = {"$set": {"done": True, "at": now}, "$max": {"after": after}}
        await self._upgrades.update_one({"_id": NAME}, over, upsert=True)
        self._done = True

    async def _state(self) -> Document:
        found: Document | None = await self._upgrades.find_one({"_id": NAME})
        return found or {}

    async def _is_done(self) -> bool:
        return bool((await self._state()).get("done"))

    async def _gather(self, now: datetime) -> _Known:
        """Claim what jobs, subscriptions, sources and related chats tell."""
        known = _Known()
        await self._read_tasks(known)
        claims: dict[tuple[str, int], Claim] = {}

        def claim(task: str, chat: int, came: Came) -> None:
            if task in known.pasts:
                known.claims[chat].add(task)
                claims.setdefault((task, chat), claim_of(task, chat, came, now))

        async for task, chat, step in self._reached():
            claim(task, chat, Came(step))
            if step == Step.LISTEN:
                known.listening.add((task, chat))
        async for task, chat in self._heard():
            claim(task, chat, Came.LISTEN)
            known.listening.add((task, chat))
        for past in known.pasts.values():
            for chat in await self._named(past, known):
                claim(past.task.id, chat, Came.NAMED)
        for _ in range(HOPS):
            for task, chat, came in await self._related(known):
                claim(task, chat, came)
        await self._store.take(claims.values())
        return known

    async def _read_tasks(self, known: _Known) -> None:
        group = {"_id": "$task", "oldest": {"$min": "$created_at"}}
        runs = self._database["runs"].aggregate([{"$group": group}], allowDiskUse=True)
        oldest = {one["_id"]: one["oldest"] async for one in runs}
        async for document in self._database["tasks"].find({}):
            task = from_document(Task, document)
            known.pasts[task.id] = Past(task=task, oldest=oldest.get(task.id))

    async def _reached(self) -> AsyncIterator[tuple[str, int, str]]:
        pipeline: list[Document] = [
            {"$match": {"chat": {"$gte": EVERY_CHAT}}},
            {"$group": {"_id": {"task": "$task", "chat": "$chat", "step": "$step"}}},
        ]
        async for row in self._database["jobs"].aggregate(pipeline, allowDiskUse=True):
            yield row["_id"]["task"], row["_id"]["chat"], row["_id"]["step"]

    async def _heard(self) -> AsyncIterator[tuple[str, int]]:
        async for one in self._database["subscriptions"].find({}, {"chat": 1, "wants": 1}):
            for want in one.get("wants", ()):
                yield want["task"], one["chat"]

    async def _named(self, past: Past, known: _Known) -> set[int]:
        """The chats of a task's sources; what it names and never read is not its own."""
        found: set[int] = set()
        for source in past.task.spec.sources if past.oldest is not None else ():
            if source not in known.behind:
                known.behind[source] = await self._behind(source)
            found |= known.behind[source]
        return found

    async def _behind(self, source: str) -> set[int]:
        if (chat := chat_id(source)) is not None:
            return {chat}
        name = {"invite": source} if is_invite(source) else {"username": bare_username(source)}
        known = await self._database["memberships"].distinct("chat", name)
        if not is_invite(source):
            known = [*known, *await self._database["chats"].distinct("_id", name)]
        return {chat for chat in known if chat}

    async def _related(self, known: _Known) -> list[tuple[str, int, Came]]:
        """What a history leads on to: comments, and the group before or after a migration."""
        links = ("discussion", "migrated_to", "migrated_from")
        query = {"$or": [{name: {"$gte": EVERY_CHAT}} for name in links]}
        found = []
        async for chat in self._database["chats"].find(query, dict.fromkeys(links, 1)):
            for task in tuple(known.claims.get(chat["_id"], ())):
                comments = known.pasts[task].task.spec.history.comments
                for name in links:
                    if (other := chat.get(name)) and (comments or name != "discussion"):
                        came = Came.COMMENTS if name == "discussion" else Came.MIGRATED
                        found.append((task, other, came))
        return found

    async def _stored(self, after: int) -> AsyncIterator[int]:
        """The chats of which anything is stored, by their ids."""
        while True:
            query = {"chat": {"$gt": after}}
            cursor = self._database["messages"].find(query, {"_id": 0, "chat": 1})
            cursor = cursor.sort("chat", ASCENDING).hint(MESSAGE_KEY).limit(1)
            found = [one["chat"] async for one in cursor]
            if not found:
                return
            after = found[0]
            yield after

    async def _judge(self, chat: int, known: _Known, now: datetime) -> None:
        """A chat of which something is stored that nobody's is, as far as is known, is an earlier
        task's as well."""
        owners = await self._owners(chat, known)
        gone, heard = await self._gone(chat)
        claimants = [known.pasts[task] for task in owners]
        others = [past for task, past in known.pasts.items() if task not in owners]
        explained = is_explained(gone, claimants, others if gone else ())
        if explained and heard:
            explained = any(_listens(past, chat, known.listening) for past in claimants)
        if not explained:
            await self._store.take([claim_of(EARLIER, chat, Came.EARLIER, now)])

    async def _owners(self, chat: int, known: _Known) -> set[str]:
        """Who claims the chat, those included that came to it while this goes on."""
        owners = {*known.claims.get(chat, ()), *await self._store.tasks_of(chat)}
        new = {"_id": {"$in": [task for task in owners if task not in known.pasts]}}
        async for document in self._database["tasks"].find(new):
            task = from_document(Task, document)
            known.pasts[task.id] = Past(task=task, oldest=None)
        return {task for task in owners if task in known.pasts}

    async def _gone(self, chat: int) -> tuple[list[datetime], bool]:
        """When the runs began that proved something of a chat and are not there any more; and
        whether a live reader proved something."""
        reader = {"$arrayElemAt": [{"$split": ["$_id", ":"]}, 0]}
        pipeline: list[Document] = [
            {"$match": {"chat": chat}},
            {"$group": {"_id": reader, "at": {"$min": "$read_at"}}},
        ]
        rows = {row["_id"]: row["at"] async for row in self._database["spans"].aggregate(pipeline)}
        heard = rows.pop(LIVE, None) is not None
        alive = await self._alive(rows)
        return [_began(run, at) for run, at in rows.items() if run not in alive], heard

    async def _alive(self, runs: Mapping[str, datetime]) -> Collection[str]:
        cursor = self._database["runs"].find({"_id": {"$in": list(runs)}}, {"_id": 1})
        return {one["_id"] async for one in cursor}


def _began(run: str, read_at: datetime) -> datetime:
    """When a run that is gone was opened: its id tells; else when it read, which was later."""
    try:
        return ObjectId(run).generation_time.astimezone(UTC)
    except InvalidId:
        return read_at


def _listens(past: Past, chat: int, listening: Collection[tuple[str, int]]) -> bool:
    return (past.task.id, chat) in listening or Step.LISTEN in past.task.spec.steps
