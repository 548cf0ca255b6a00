"""The MongoDB of a process: the operator's own, or the embedded one."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.embedded_mongo import EmbeddedMongo
from core.settings import Settings
from db.database import Database, open_database


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """An open database and where it is; `uri` carries credentials.

    A process that stays runs `supervise`, until cancelled; it may end at once.
    """

    database: Database
    uri: str
    name: str
    supervise: Callable[[], Awaitable[None]]


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """Open `MONGODB_URI`, else the embedded MongoDB in `DATA_DIR`, started if nobody did yet."""
    uri = settings.mongodb_uri.get_secret_value()
    if uri:
        async with open_database(uri, settings.mongodb_db) as database:
            yield Store(
                database=database, uri=uri, name=settings.mongodb_db, supervise=_by_its_owner
            )
        return
    async with (
        EmbeddedMongo(settings.data_dir) as mongo,
        open_database(mongo.uri, settings.mongodb_db) as database,
    ):
        yield Store(
            database=database,
            uri=mongo.uri,
            name=settings.mongodb_db,
            supervise=mongo.supervise,
        )


async def _by_its_owner() -> None:
    """A MongoDB that is not ours is looked after elsewhere."""
