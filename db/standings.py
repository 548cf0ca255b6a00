"""What of a run's jobs decides its state, without reading them all."""

from collections.abc import Sequence
from typing import Any

from core.job import ENDED, JobState, Wait
from core.run import Run, RunState, Standing
from core.task import Step
from db.client import Document, MongoDatabase
from db.codec import from_document
from db.errors import translates_errors

FEW = 60
"""Jobs of a run up to which they are simply read."""

_SEEN: Document = {"_id": 0, "state": 1, "wait": 1, "step": 1, "hold": 1}

_OPEN = (JobState.RUNNING, JobState.QUEUED)


@translates_errors
class Standings:
    """Looks into the `jobs` collection: a bounded number of documents, however many a run has."""

    def __init__(self, database: MongoDatabase) -> None:
        self._jobs = database["jobs"]

    async def of_run(self, run: str) -> tuple[Standing, frozenset[bool]]:
        """Where a run's jobs stand, and whether queued ones are held, or are not; of many jobs only
        whether some are held as the first one is.
        """
        cursor = self._jobs.find({"run": run}, _SEEN).sort("_id", 1).limit(FEW + 1)
        rows = [row async for row in cursor]
        if len(rows) <= FEW:
            return _standing(rows), frozenset(_holds(rows))
        rows = [row async for row in self._jobs.aggregate(_lookups(run, _OPEN))]
        if not rows:
            rows = [row async for row in self._jobs.aggregate(_lookups(run, tuple(ENDED)))]
            rows += await self._overlooked(run)
        return _standing(rows), frozenset(_holds(rows))

    async def of_small_runs(
        self, runs: Sequence[str]
    ) -> dict[str, tuple[Standing, frozenset[bool]]]:
        """`of_run` of each of them by one question, an empty one included; of none where they have
        too many jobs together.
        """
        most = FEW * len(runs)
        query, seen = {"run": {"$in": list(runs)}}, {**_SEEN, "_id": 1, "run": 1}
        rows = [row async for row in self._jobs.find(query, seen).limit(most + 1)]
        if len(rows) > most:
            return {}
        by_run: dict[str, list[Document]] = {run: [] for run in runs}
        for row in sorted(rows, key=lambda one: str(one["_id"])):
            by_run[row["run"]].append(row)
        return {run: (_standing(some), frozenset(_holds(some))) for run, some in by_run.items()}

    async def _overlooked(self, run: str) -> list[Document]:
        """A job that was claimed or given back between two of the lookups, so that none saw it: a
        run does not end while it has one.
        """
        still_open = {"run": run, "state": {"$in": list(_OPEN)}}
        return [row async for row in self._jobs.find(still_open, _SEEN).limit(1)]

    async def astray(self, runs: Sequence[Run]) -> list[str]:
        """Those of these open runs whose stored state their jobs do not bear out at first sight, or
        whose queued jobs are not held as they are to be: by keys of an index alone.
        """
        pipeline: list[dict[str, Any]] = [
            {"$match": {"run": {"$in": [run.id for run in runs]}, "state": {"$in": list(_OPEN)}}},
            {
                "$group": {
                    "_id": {"run": "$run", "state": "$state"},
                    "free": {"$sum": {"$cond": [{"$gt": ["$wait.why", None]}, 0, 1]}},
                    "held": {"$sum": {"$cond": ["$hold", 1, 0]}},
                    "jobs": {"$sum": 1},
                }
            },
        ]
        found: dict[str, dict[str, Document]] = {run.id: {} for run in runs}
        async for row in self._jobs.aggregate(pipeline):
            found[row["_id"]["run"]][row["_id"]["state"]] = row
        return [run.id for run in runs if _is_astray(run, found[run.id])]


def _lookups(run: str, states: Sequence[JobState]) -> list[dict[str, Any]]:
    """One job of each kind that matters, each found by its index."""
    wanted: list[Document] = []
    for state in states:
        of_state = {"run": run, "state": state}
        if state in ENDED:
            wanted.append(of_state)
        else:
            wanted += [{**of_state, "wait.why": None}, {**of_state, "wait.why": {"$gt": ""}}]
    if JobState.DONE in states:
        wanted.append(
            {"run": run, "state": JobState.DONE, "wait.why": None, "step": Step.LISTEN},
        )
    pipelines: list[list[dict[str, Any]]] = [
        [{"$match": one}, {"$limit": 1}, {"$project": _SEEN}] for one in wanted
    ]
    others = [{"$unionWith": {"coll": "jobs", "pipeline": one}} for one in pipelines[1:]]
    return [*pipelines[0], *others]


def _standing(rows: Sequence[Document]) -> Standing:
    return Standing(
        states=frozenset(JobState(row["state"]) for row in rows),
        running=_wait_of(rows, JobState.RUNNING),
        queued=_wait_of(rows, JobState.QUEUED),
        listening=any(row["step"] == Step.LISTEN and row["state"] == JobState.DONE for row in rows),
    )


def _wait_of(rows: Sequence[Document], state: JobState) -> Wait | None:
    waits = [row.get("wait") for row in rows if row["state"] == state]
    first = next(iter(waits), None)
    return from_document(Wait, first) if first and all(waits) else None


def _holds(rows: Sequence[Document]) -> list[bool]:
    return [bool(row.get("hold")) for row in rows if row["state"] == JobState.QUEUED]


def _is_astray(run: Run, open_jobs: dict[str, Document]) -> bool:
    running, queued = (open_jobs.get(state) for state in _OPEN)
    if not run.planned or run.status.state is RunState.PAUSED or (running or queued) is None:
        return True
    paused = run.intent == "pause"
    if queued is not None and queued["held"] != (queued["jobs"] if paused else 0):
        return True
    deciding, state = (running, RunState.RUNNING) if running else (queued, RunState.QUEUED)
    expected = state if deciding and deciding["free"] else RunState.WAITING
    return run.status.state is not expected
