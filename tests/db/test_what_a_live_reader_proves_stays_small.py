"""A live reader proves a little again and again: its spans are put together, and prove the same."""

from datetime import UTC, datetime

from core.job import JobKey
from core.span import Span
from db.client import MongoDatabase
from db.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OWNER = "live:-1001"


async def prove(database: Database, job: str, lo: int, hi: int) -> None:
    span = Span(chat=-1001, box="", lo=lo, hi=hi, account=1, read_at=NOW)
    await database.spans.extend(JobKey(job=job, account=1, token=7), span)


async def test_many_spans_become_as_few_as_prove_the_same(
    database: Database, mongo_database: MongoDatabase
) -> None:
    for start in (*range(1, 300, 10), *range(1_000, 1_100, 10)):
        await prove(database, OWNER, start, start + 9)
    await prove(database, "r1:0000", 2_000, 3_000)
    await prove(database, f"{OWNER}9", 4_000, 4_010)
    before = await database.spans.coverage(-1001, "")
    assert await database.spans.join(-1001, "", OWNER, above=100) == 0
    assert await database.spans.join(-1001, "", OWNER) == 40
    assert await database.spans.coverage(-1001, "") == before
    assert await mongo_database["spans"].count_documents({}) == 4
    assert await database.spans.join(-1001, "", OWNER, above=1) == 0
    assert await database.spans.coverage(-1001, "") == before
