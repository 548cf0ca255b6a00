"""`claim.N`: a peek and a claim with N jobs queued, those of other accounts at the head."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

from bench.figures import Figure, quantile
from bench.stage import CLOCK, Stage
from core.job import Family, Job, JobState
from core.options import HistoryOptions
from core.planning import peek_keys
from core.task import Step
from db.client import MongoDatabase
from db.codec import to_document
from db.database import Database

SIZES = (100, 10_000, 100_000)
NAMES = tuple(f"claim.{size}" for size in SIZES)
OURS = range(1, 21)
OTHERS = range(1_000, 1_500)
SAMPLES, QUICK_SAMPLES = 300, 40
QUICK_SHARE = 10
BATCH = 5_000


async def measure(stage: Stage, wanted: Sequence[str]) -> list[Figure]:
    """p50 and p99 in milliseconds, compared with the smallest queue that was measured."""
    found: dict[str, list[float]] = {}
    for size, name in zip(SIZES, NAMES, strict=True):
        if name in wanted:
            found[name] = await _measure(stage, size)
    first = next(iter(found.values()))
    return [
        _figure(name, f"p{round(share * 100)}", quantile(times, share), quantile(first, share))
        for name, times in found.items()
        for share in (0.5, 0.99)
    ]


def _figure(name: str, which: str, value: float, base: float) -> Figure:
    return Figure(name=f"{name}.{which}", value=value, unit="ms", baseline=base, ratio=value / base)


async def _measure(stage: Stage, size: int) -> list[float]:
    samples = QUICK_SAMPLES if stage.quick else SAMPLES
    blocked = size // QUICK_SHARE if stage.quick else size
    async with stage.database() as (bare, database, _):
        await _queue(bare, blocked, samples)
        return [await _claim(database) for _ in range(samples)]


async def _queue(bare: MongoDatabase, blocked: int, ours: int) -> None:
    """Queue `blocked` jobs of accounts that are not ours, and behind them some of ours."""
    batch: list[dict[str, Any]] = []
    for document in _documents(blocked, ours):
        batch.append(document)
        if len(batch) == BATCH:
            await bare["jobs"].insert_many(batch, ordered=False)
            batch = []
    if batch:
        await bare["jobs"].insert_many(batch, ordered=False)


def _documents(blocked: int, ours: int) -> Iterator[dict[str, Any]]:
    pattern = to_document(_job())
    for place in range(blocked + ours):
        mine = place >= blocked
        account = OURS[place % len(OURS)] if mine else OTHERS[place % len(OTHERS)]
        key = "*" if mine and place % 2 else f"a{account}"
        yield {**pattern, "_id": f"r{place}:0000", "run": f"r{place}", "keys": [key],
               "vt": float(place), "ready": True}  # fmt: skip


def _job() -> Job:
    return Job(
        id="r:0000",
        run="r",
        task="t",
        step=Step.HISTORY,
        source="@source",
        options=HistoryOptions(),
        keys=("*",),
        family=Family.HISTORY,
        state=JobState.QUEUED,
        created_at=CLOCK.now(),
    )


async def _claim(database: Database) -> float:
    """Milliseconds from looking to having."""
    began = time.perf_counter()
    jobs = await database.jobs.peek(Family.HISTORY, peek_keys(OURS))
    claimed = await database.jobs.claim(jobs[0].id, OURS[0], 1, CLOCK.now())
    if claimed is None:
        raise RuntimeError("nobody else claims, and the job is gone")
    return (time.perf_counter() - began) * 1000
