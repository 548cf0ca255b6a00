"""What is proven of each chat."""

from collections.abc import Sequence
from dataclasses import dataclass

from bson import ObjectId

from core.job import JobKey, JobState
from core.span import WHOLE_CHAT, Counted, IntervalSet, Span
from db.client import Document, MongoDatabase
from db.codec import part
from db.errors import translates_errors

FEW = 20
"""Spans of one owner that need not be put together."""

_BOUNDS = ("lo", "hi", "cut")


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What a job, and the run that it is of, proved of a chat until now.

    `ranges` are the run's. `counted` is what the job counted in its own spans; `uncounted` are
    those of its ranges that were proven by a version that did not count there.
    """

    ranges: IntervalSet
    counted: Counted
    uncounted: IntervalSet


@translates_errors
class Spans:
    """The `spans` collection: documents that grow downwards, one a range that a job reads."""

    def __init__(self, database: MongoDatabase) -> None:
        self._spans = database["spans"]
        self._jobs = database["jobs"]

    async def open(self, key: JobKey, span: Span) -> str:
        """Begin a span down from `hi` in which nothing is proven yet; its name.

        Before the first of its messages is stored: what purges them takes the span with it, or
        closes it, and what is read afterwards proves nothing by it.
        """
        name = f"{key.job}:{key.token}:{span.hi}:{ObjectId()}"
        empty = {"lo": span.hi + 1, "cut": None, "new": 0, "known": 0}
        await self._spans.insert_one({"_id": name, **part(span), **empty})
        return name

    async def extend(
        self,
        key: JobKey,
        span: Span,
        *,
        opened: str | None = None,
        counted: Counted = Counted(),  # noqa: B008 - frozen
    ) -> bool:
        """Record that `span` is proven, in the one that was `opened` (or a new one): its `lo` moves
        down, and what was `counted` in it since the last time is added, in one write. False, and
        nothing is written, if the job is not `key`'s any more or what it read was purged; who is no
        job of the queue has none to lose.

        Only after every message in it was acknowledged by a majority.
        """
        if not await self._holds(key):
            return False
        name = opened or await self.open(key, span)
        change = {
            "$min": {"lo": span.lo},
            "$set": {"read_at": span.read_at, "floor": span.floor},
            "$inc": {"new": counted.new, "known": counted.known},
        }
        result = await self._spans.update_one({"_id": name, "cut": None}, change)
        return bool(result.matched_count)

    async def _holds(self, key: JobKey) -> bool:
        job = await self._jobs.find_one({"_id": key.job}, {"account": 1, "token": 1, "state": 1})
        mine = (key.account, key.token, JobState.RUNNING)
        return job is None or (job["account"], job["token"], job["state"]) == mine

    async def coverage(self, chat: int, box: str, scope: str = WHOLE_CHAT) -> IntervalSet:
        """The union of a chat's spans; those of the whole chat prove each topic, too."""
        cursor = self._spans.find(
            {"chat": chat, "box": box, "scope": {"$in": list({scope, WHOLE_CHAT})}},
            {"_id": 0, "lo": 1, "hi": 1},
        )
        return IntervalSet.of([(row["lo"], row["hi"]) async for row in cursor])

    async def before(
        self, chat: int, box: str, job: str, run: str, scope: str = WHOLE_CHAT
    ) -> Before:
        """What a job begins with that was released and claimed again, and what others of its run
        count."""
        ours = await self._of_owner(chat, box, run, scope)
        mine = _outermost([span for span in ours if span["_id"].startswith(f"{job}:")])
        return Before(
            ranges=_ranges(ours),
            counted=_sum(mine),
            uncounted=_ranges([span for span in mine if "new" not in span]),
        )

    async def counted(self, job: str) -> Counted:
        """What a job counted in its spans, of whichever chat."""
        named = {"_id": {"$gte": f"{job}:", "$lt": f"{job};"}}
        found = [span async for span in self._spans.find(named)]
        scopes = {(span["chat"], span["box"], span["scope"]) for span in found}
        return _sum([span for one in scopes for span in _outermost(_within(found, *one))])

    async def join(
        self, chat: int, box: str, owner: str, *, scope: str = WHOLE_CHAT, above: int = FEW
    ) -> int:
        """Put the spans whose job is `owner` together, if there are more than `above`; how many
        they were. Nobody may be extending one of them. What is proven stays proven all the while,
        and what is purged meanwhile stays purged.
        """
        mine = await self._of_owner(chat, box, owner, scope)
        if len(mine) <= above:
            return 0
        joined, gone = 0, [span["_id"] for span in mine if span["lo"] > span["hi"]]
        for lo, hi in IntervalSet.of((span["lo"], span["hi"]) for span in mine).ranges:
            inside = [span for span in mine if lo <= span["lo"] <= span["hi"] <= hi]
            if len(inside) == 1:
                continue
            kept = max(inside, key=lambda span: span["read_at"])
            unchanged = {"_id": kept["_id"], **{name: kept.get(name) for name in _BOUNDS}}
            wide = {"$set": {"lo": lo, "hi": hi, **part(_sum(inside))}}
            if (await self._spans.update_one(unchanged, wide)).matched_count:
                gone += [span["_id"] for span in inside if span is not kept]
                joined += len(inside)
        await self._spans.delete_many({"_id": {"$in": gone}})
        return joined

    async def _of_owner(self, chat: int, box: str, owner: str, scope: str) -> list[Document]:
        where = {"chat": chat, "box": box, "scope": scope}
        named = {"_id": {"$gte": f"{owner}:", "$lt": f"{owner};"}}
        return [span async for span in self._spans.find({**named, **where})]

    async def cut(self, chat: int, box: str, last: int) -> None:
        """Nothing up to the id `last` is proven any more, nor by a span that is open now."""
        where = {"chat": chat, "box": box}
        await self._spans.delete_many({**where, "hi": {"$lte": last}})
        await self._spans.update_many(where, {"$max": {"lo": last + 1}, "$set": {"cut": last}})

    async def readers(self, chat: int) -> set[int]:
        """The accounts that proved something of a chat."""
        return {int(account) for account in await self._spans.distinct("account", {"chat": chat})}

    async def forget(self, chat: int) -> int:
        """Nothing of a chat is proven any more; how many spans went."""
        result = await self._spans.delete_many({"chat": chat})
        return int(result.deleted_count)


def _ranges(spans: Sequence[Document]) -> IntervalSet:
    return IntervalSet.of((span["lo"], span["hi"]) for span in spans)


def _within(spans: Sequence[Document], chat: int, box: str, scope: str) -> list[Document]:
    where = (chat, box, scope)
    return [span for span in spans if (span["chat"], span["box"], span["scope"]) == where]


def _sum(spans: Sequence[Document]) -> Counted:
    each = [Counted(new=span.get("new", 0), known=span.get("known", 0)) for span in spans]
    return sum(each, Counted())


def _outermost(spans: Sequence[Document]) -> list[Document]:
    """Without those that lie inside another: they were put together, and a crash left them."""
    found: list[Document] = []
    for span in sorted(spans, key=lambda one: (one["lo"], -one["hi"])):
        if not found or span["hi"] > found[-1]["hi"]:
            found.append(span)
    return found
