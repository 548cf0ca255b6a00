"""The queue: jobs are pulled by workers, and written only by the holder of their token."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError

from core.job import (
    ENDED,
    Failure,
    Family,
    FinalCounts,
    Job,
    JobKey,
    JobState,
    Onward,
    Progress,
    Wait,
)
from core.planning import virtual_times
from core.task import AccountPolicy, Step
from db.backlog import Backlog
from db.client import Document, MongoDatabase
from db.codec import from_document, part, to_document
from db.errors import refused_as_known, translates_errors
from db.sequences import Sequences

MAX_KEYS = 150
"""Keys of one peek: measured to stay one document read."""

PEEKED = 50
"""Jobs that one look at the queue takes in."""

VIRTUAL_TIME = "vt"

_FREE: Document = {"account": None, "token": None}
_EMPTY = ("failure", "wait", "ended_at", "next_call")
_FRESH: Document = {"attempts": 0, "ready": True, "hold": False, **dict.fromkeys(_EMPTY)}

_ONE_LESS: Document = {"$max": [0, {"$subtract": ["$attempts", 1]}]}


@translates_errors
class Jobs(Backlog):
    """The `jobs` collection. `ready` is there only on queued jobs that may be claimed now."""

    def __init__(self, database: MongoDatabase, sequences: Sequences) -> None:
        super().__init__(database)
        self._sequences = sequences

    async def add(self, jobs: Sequence[Job], *, weight: float = 1.0, last: float = 0.0) -> None:
        """Queue jobs of a run; again after a crash changes nothing.

        `weight` is the share of its priority, `last` the virtual time of its last job before.
        """
        if not jobs:
            return
        start = max(last, await self._sequences.read(VIRTUAL_TIME))
        times = virtual_times(start, weight, len(jobs))
        documents = [
            {**to_document(job), "vt": vt} | ({} if job.hold else {"ready": True})
            for job, vt in zip(jobs, times, strict=True)
        ]
        try:
            await self._jobs.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            refused_as_known(error)

    async def peek(
        self, family: Family, keys: Sequence[str], *, limit: int = PEEKED, skip: int = 0
    ) -> list[Job]:
        """Claimable jobs of a family for these keys, fairest first, after the first `skip`."""
        found: list[Job] = []
        for start in range(0, len(keys), MAX_KEYS):
            query = {
                "family": family,
                "keys": {"$in": list(keys[start : start + MAX_KEYS])},
                "ready": True,
            }
            cursor = self._jobs.find(query).sort("vt", 1).skip(skip).limit(limit)
            found.extend([from_document(Job, document) async for document in cursor])
        return sorted(found, key=lambda job: job.vt)[:limit]

    async def claim(self, job: str, account: int, token: int, now: datetime) -> Job | None:
        """Take a job; None when somebody else did, or it was stopped."""
        change: Document = {
            "$set": {
                "state": JobState.RUNNING,
                "account": account,
                "token": token,
                "started_at": now,
                "wait": None,
            },
            "$unset": {"ready": ""},
            "$inc": {"attempts": 1},
        }
        document = await self._jobs.find_one_and_update(
            {"_id": job, "ready": True}, change, return_document=ReturnDocument.AFTER
        )
        return None if document is None else from_document(Job, document)

    async def passed(self, vt: float) -> None:
        """Jobs up to this place in the queue were claimed: what comes now comes behind it."""
        await self._sequences.raise_to(VIRTUAL_TIME, vt)

    async def progress(
        self,
        key: JobKey,
        progress: Progress,
        *,
        chat: int | None,
        top_id: int | None,
        note: str | None = None,
        moved: bool,
    ) -> bool:
        """Write the counts; False tells the holder that the job is no longer its own.

        `moved`: there was progress since the claim, so the attempts count anew.
        """
        change: Document = {"progress": part(progress), "chat": chat, "top_id": top_id}
        if note is not None:
            change["note"] = note
        if moved:
            change["attempts"] = 0
        return await self._held(key, {"$set": change})

    async def recount(self, key: JobKey, progress: Progress) -> bool:
        """Write the counts of a job whose holder is gone."""
        return await self._held(key, {"$set": {"progress": part(progress)}})

    async def lead_on(self, key: JobKey, onward: Sequence[Onward]) -> bool:
        """Write what is to be read after this job has ended well, in place of what was."""
        return await self._held(key, {"$set": {"onward": [part(one) for one in onward]}})

    async def narrow(self, key: JobKey, accounts: Iterable[int]) -> bool:
        """From now on the job is for these accounts."""
        return await self._held(key, {"$set": {"keys": [f"a{one}" for one in accounts]}})

    async def narrow_queued(self, job: str, accounts: Iterable[int]) -> bool:
        """The same for a job that nobody holds."""
        keys = [f"a{one}" for one in accounts]
        query = {"_id": job, "state": JobState.QUEUED}
        result = await self._jobs.update_one(query, {"$set": {"keys": keys}})
        return bool(result.matched_count)

    async def wait(self, key: JobKey, wait: Wait | None) -> bool:
        """Say why a running job does not go on; None when it does again."""
        return await self._held(key, {"$set": {"wait": None if wait is None else part(wait)}})

    async def done(self, key: JobKey, now: datetime, final: FinalCounts | None = None) -> bool:
        """End a job well, with its last counts where they are given."""
        change = _ending(JobState.DONE, now, None) | ({} if final is None else part(final))
        return await self._held(key, {"$set": change})

    async def fail(self, key: JobKey, failure: Failure, now: datetime) -> bool:
        """End a job with its reason."""
        return await self._end(key, JobState.FAILED, now, failure)

    async def cancel(self, key: JobKey, now: datetime) -> bool:
        """End a job that the operator stopped."""
        return await self._end(key, JobState.CANCELLED, now)

    async def set_aside(self, key: JobKey) -> bool:
        """Put a job whose run is paused back into the queue, on hold; its attempts count anew."""
        change: Document = {"state": JobState.QUEUED, **_FREE, "wait": None, "hold": True}
        return await self._held(key, {"$set": {**change, "attempts": 0}})

    async def hold(self, run: str) -> int:
        """Let nobody claim the queued jobs of a paused run; how many."""
        result = await self._jobs.update_many(
            {"run": run, "state": JobState.QUEUED, "hold": {"$ne": True}},
            {"$set": {"hold": True}, "$unset": {"ready": ""}},
        )
        return int(result.modified_count)

    async def unhold(self, run: str) -> int:
        """Let the queued jobs of a resumed run be claimed; those that wait, after their wait."""
        held = {"run": run, "state": JobState.QUEUED, "hold": True}
        at_once = await self._jobs.update_many(
            {**held, "wait.until": None}, {"$set": {"hold": False, "ready": True, "wait": None}}
        )
        later = await self._jobs.update_many(held, {"$set": {"hold": False}})
        return int(at_once.modified_count + later.modified_count)

    async def release(
        self,
        key: JobKey,
        *,
        wait: Wait | None = None,
        stay: bool = False,
        counts: bool = True,
        next_call: Family | None = None,
    ) -> bool:
        """Put a job back into the queue; with a wait it is not ready before the wait is over.

        `stay`: from now on it is for the account of `key` alone. `counts`: this was an attempt.
        `next_call`: what it waits for the turn of.
        """
        change: Document = {"state": JobState.QUEUED, **_FREE, "next_call": next_call}
        if stay:
            change["keys"] = [f"a{key.account}"]
        if wait is None:
            change |= {"ready": True, "wait": None}
        else:
            change["wait"] = part(wait)
        if counts:
            return await self._held(key, {"$set": change})
        return await self._held(key, [{"$set": _literally(change) | {"attempts": _ONE_LESS}}])

    async def wake(self, now: datetime) -> int:
        """Make queued jobs ready whose wait is over; how many."""
        result = await self._jobs.update_many(
            {"state": JobState.QUEUED, "wait.until": {"$lte": now}, "hold": {"$ne": True}},
            {"$set": {"ready": True, "wait": None}},
        )
        return int(result.modified_count)

    async def fail_queued(self, jobs: Sequence[str], failure: Failure, now: datetime) -> int:
        """End queued jobs that nobody can do."""
        return await self._end_queued({"_id": {"$in": list(jobs)}}, JobState.FAILED, now, failure)

    async def cancel_queued(self, run: str, now: datetime) -> int:
        """End the queued jobs of a stopped run."""
        return await self._end_queued({"run": run}, JobState.CANCELLED, now)

    async def explain_queued(self, waits: Mapping[str, Wait | None]) -> None:
        """Show why ready jobs are not taken, without making them less ready."""
        changes = [
            UpdateOne(
                {"_id": job, "ready": True},
                {"$set": {"wait": None if wait is None else part(wait)}},
            )
            for job, wait in waits.items()
        ]
        if changes:
            await self._jobs.bulk_write(changes, ordered=False)

    async def retry_failed(self, run: str, policy: AccountPolicy | None = None) -> int:
        """Queue the failed jobs of a run again; how many."""
        return await self._begin_again({"run": run, "state": JobState.FAILED}, policy)

    async def listen_again(self, run: str, sources: Sequence[str], policy: AccountPolicy) -> int:
        """Let the accounts of `policy` begin to listen to these sources anew; how many."""
        which = {"run": run, "step": Step.LISTEN, "state": JobState.DONE}
        return await self._begin_again({**which, "source": {"$in": list(sources)}}, policy)

    async def _begin_again(self, which: Document, policy: AccountPolicy | None) -> int:
        change: Document = {"state": JobState.QUEUED, **_FREE, **_FRESH}
        if policy is not None:
            change["keys"] = list(policy.keys())
        result = await self._jobs.update_many(which, {"$set": change})
        return int(result.modified_count)

    async def delete_of(self, task: str) -> int:
        """Remove the jobs of a deleted task."""
        return int((await self._jobs.delete_many({"task": task})).deleted_count)

    async def delete_of_runs(self, runs: Sequence[str]) -> int:
        """Remove the jobs of runs that are pruned."""
        result = await self._jobs.delete_many({"run": {"$in": list(runs)}})
        return int(result.deleted_count)

    async def _end(
        self, key: JobKey, state: JobState, now: datetime, failure: Failure | None = None
    ) -> bool:
        return await self._held(key, {"$set": _ending(state, now, failure)})

    async def _end_queued(
        self, which: Document, state: JobState, now: datetime, failure: Failure | None = None
    ) -> int:
        result = await self._jobs.update_many(
            {**which, "state": JobState.QUEUED},
            {"$set": _ending(state, now, failure), "$unset": {"ready": ""}},
        )
        return int(result.modified_count)

    async def _held(self, key: JobKey, update: Document | list[Document]) -> bool:
        guard = {
            "_id": key.job,
            "account": key.account,
            "token": key.token,
            "state": JobState.RUNNING,
        }
        result = await self._jobs.update_one(guard, update)
        return bool(result.matched_count)


def _literally(change: Document) -> Document:
    """The same change for a pipeline, which would take some values for expressions."""
    return {name: {"$literal": value} for name, value in change.items()}


def _ending(state: JobState, now: datetime, failure: Failure | None) -> Document:
    if state not in ENDED:
        raise ValueError(f"{state} is no ending")
    shown = None if failure is None else part(failure)
    return {"state": state, "ended_at": now, "failure": shown, "wait": None}
