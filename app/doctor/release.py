"""Whether this program and the store, and the collectors on it, are of releases that fit."""

from app.doctor.finding import Finding, bad, good, poor
from core.errors import StoreError
from core.schema import THIS, UNMARKED, SchemaMismatch, check_store
from core.worker import WorkerSign
from db.client import connect, database_of
from db.schema import Schemas
from db.workers import Workers

NAME = "Release"


async def look_at_release(uri: str, database: str) -> list[Finding]:
    """What the store says of itself, and each collector that works on it. It changes nothing."""
    async with connect(uri) as client:
        store = database_of(client, database)
        try:
            schema = await Schemas(store).read()
            told = await Schemas(store).told()
            workers, _ = await Workers(store).page(0, 50)
        except StoreError:
            return []
    if schema is None:
        return [good(NAME, f"{THIS.release}; the database is upgraded at the next start")]
    try:
        check_store(THIS, schema)
    except SchemaMismatch as error:
        what, _, advice = str(error).partition(". It changed nothing. ")
        return [bad(NAME, what, advice)]
    older = [one for one in workers if _is_older(one, told)]
    if older:
        return [poor(NAME, _older(older), f"Install {THIS.release} there, too, one at a time.")]
    return [good(NAME, f"{THIS.release}, schema {schema.version}")]


def _is_older(worker: WorkerSign, told: dict[str, int]) -> bool:
    return not worker.is_gone() and told.get(worker.id, UNMARKED) < THIS.version


def _older(workers: list[WorkerSign]) -> str:
    named = ", ".join(f"{one.host} ({one.version})" for one in workers)
    return f"older collectors work on this database: {named}"
