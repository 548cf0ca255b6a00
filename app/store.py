"""The MongoDB of a process: the operator's own, or the embedded one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.embedded_mongo import EmbeddedMongo
from core.settings import Settings
from db.database import Database, open_database


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """An open database and where it is; `uri` carries credentials."""

    database: Database
    uri: str
    name: str


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """Open `MONGODB_URI`, else the embedded MongoDB in `DATA_DIR`, started if nobody did yet."""
    uri = settings.mongodb_uri.get_secret_value()
    if uri:
        async with open_database(uri, settings.mongodb_db) as database:
            yield Store(database=database, uri=uri, name=settings.mongodb_db)
        return
    async with (
        EmbeddedMongo(settings.data_dir) as mongo,
        open_database(mongo.uri, settings.mongodb_db) as database,
    ):
        yield Store(database=database, uri=mongo.uri, name=settings.mongodb_db)
