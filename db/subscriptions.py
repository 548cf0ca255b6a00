"""Subscriptions: which account listens to which chat; guarded, so any worker may hand them out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo import ReturnDocument, UpdateOne

from core.chat import SHARED_BOX
from core.job import JobState, Wait
from core.run import Intent
from core.subscription import Post, Subscription, Want, subscription_id
from core.task import Step
from db.client import Document, MongoDatabase
from db.codec import from_document, part
from db.errors import translates_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A chat that a done job of the step `listen` opened for a run."""

    chat: int
    box: str
    source: str
    want: Want
    begin: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What a reader has to tell of its chat: fields of `core.subscription.Subscription`."""

    id: str
    reader: int
    top: int | None
    pts: int | None
    checked_at: datetime | None
    moved_at: datetime | None
    polled: bool


@translates_errors
class Subscriptions:
    """The `subscriptions` collection, one document a chat and box."""

    def __init__(self, database: MongoDatabase) -> None:
        self._subscriptions = database["subscriptions"]
        self._runs = database["runs"]
        self._jobs = database["jobs"]
        self._chats = database["chats"]

    async def want(self, begun: Begun) -> None:
        """A run listens to a chat; again changes nothing."""
        key = {"_id": subscription_id(begun.chat, begun.box)}
        await self._subscriptions.update_one(
            key,
            {
                "$setOnInsert": {
                    "chat": begun.chat,
                    "box": begun.box,
                    "source": begun.source,
                    "wants": [],
                    "begin": begun.begin,
                    "live": False,
                    "reader": None,
                    "standby": None,
                    "rev": 0,
                }
            },
            upsert=True,
        )
        await self._subscriptions.update_one(
            {**key, "wants.run": {"$ne": begun.want.run}},
            {
                "$push": {"wants": part(begun.want)},
                "$min": {"begin": begun.begin},
                "$set": {"refused": []},
                "$inc": {"rev": 1},
            },
        )

    async def allow(self, begun: Begun) -> None:
        """A run that listens to a chat already says who may read for it."""
        other = {"run": begun.want.run, "keys": {"$ne": list(begun.want.keys)}}
        await self._subscriptions.update_one(
            {"_id": subscription_id(begun.chat, begun.box), "wants": {"$elemMatch": other}},
            {"$set": {"wants.$": part(begun.want), "refused": []}, "$inc": {"rev": 1}},
        )

    async def all(self, *, limit: int = 10_000) -> list[Subscription]:
        """Every subscription."""
        cursor = self._subscriptions.find({}).sort("_id", 1).limit(limit)
        return [from_document(Subscription, document) async for document in cursor]

    async def of_run(self, run: str) -> list[Subscription]:
        """What is listened to for a run."""
        cursor = self._subscriptions.find({"wants.run": run}).sort("_id", 1)
        return [from_document(Subscription, document) async for document in cursor]

    async def get(self, chat: int, box: str) -> Subscription | None:
        """The subscription of a chat."""
        document = await self._subscriptions.find_one({"_id": subscription_id(chat, box)})
        return None if document is None else from_document(Subscription, document)

    async def listening_runs(self) -> dict[str, Intent]:
        """The open runs that listen, and what their operators want."""
        query = {"open": True, "spec.steps": Step.LISTEN}
        cursor = self._runs.find(query, {"intent": 1})
        return {document["_id"]: Intent(document["intent"]) async for document in cursor}

    async def begun(self, runs: Iterable[str]) -> list[Begun]:
        """What the done jobs of these runs opened."""
        query = {"run": {"$in": list(runs)}, "step": Step.LISTEN, "state": JobState.DONE}
        found: list[Begun] = []
        async for job in self._jobs.find(query):
            if job.get("chat") is None:
                continue
            want = Want(run=job["run"], task=job["task"], keys=tuple(job["keys"]))
            shared = job["chat"] < -1_000_000_000_000
            box = "" if shared else f"a{job['account']}"
            found.append(
                Begun(
                    chat=job["chat"],
                    box=box,
                    source=job["source"],
                    want=want,
                    begin=job.get("top_id") or 0,
                )
            )
        followed = await self._followed([one.chat for one in found if one.box])
        return [one for one in found if (one.chat, one.want.run) not in followed]

    async def _followed(self, groups: list[int]) -> set[tuple[int, str]]:
        """Of basic groups that migrated, the runs that listen to their supergroups by now."""
        if not groups:
            return set()
        query = {"_id": {"$in": groups}, "migrated_to": {"$ne": None}}
        became = {
            subscription_id(one["migrated_to"], SHARED_BOX): one["_id"]
            async for one in self._chats.find(query, {"migrated_to": 1})
        }
        cursor = self._subscriptions.find({"_id": {"$in": list(became)}}, {"wants": 1})
        return {(became[one["_id"]], want["run"]) async for one in cursor for want in one["wants"]}

    async def keep(self, one: Subscription, wants: Sequence[Want]) -> None:
        """It is for these runs from now on, if nobody changed it since `rev`; without any it goes.

        For a run that is new to it every account may try again.
        """
        key = {"_id": one.id, "rev": one.rev}
        if not wants:
            await self._subscriptions.delete_one(key)
            return
        change: Document = {"wants": [part(want) for want in wants]}
        if any(want.run not in one.runs() for want in wants):
            change["refused"] = []
        await self._subscriptions.update_one(key, {"$set": change, "$inc": {"rev": 1}})

    async def give(
        self, one: Subscription, to: Post, *, live: bool, wait: Wait | None
    ) -> Subscription | None:
        """Let others listen, if nobody changed that since `rev`."""
        change: Document = {
            "reader": to.reader,
            "standby": to.standby,
            "pushed": to.pushed,
            "live": live,
            "wait": None if wait is None else part(wait),
        }
        document = await self._subscriptions.find_one_and_update(
            {"_id": one.id, "rev": one.rev},
            {"$set": change, "$inc": {"rev": 1}},
            return_document=ReturnDocument.AFTER,
        )
        return None if document is None else from_document(Subscription, document)

    async def refuse(self, subscription: str, account: int, why: str) -> None:
        """The account cannot read the chat: another one is needed."""
        await self._subscriptions.update_one(
            {"_id": subscription, "reader": account},
            {
                "$set": {"reader": None, "wait": part(Wait(why=why))},
                "$addToSet": {"refused": account},
                "$inc": {"rev": 1},
            },
        )

    async def watched(self, batch: Sequence[Watched]) -> None:
        """Keep what readers tell; of a chat that another reads by now it is not taken."""
        writes = [
            UpdateOne(
                {"_id": one.id, "reader": one.reader},
                {
                    "$set": {
                        "top": one.top,
                        "pts": one.pts,
                        "checked_at": one.checked_at,
                        "moved_at": one.moved_at,
                        "polled": one.polled,
                    }
                },
            )
            for one in batch
        ]
        if writes:
            await self._subscriptions.bulk_write(writes, ordered=False)
