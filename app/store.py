"""The MongoDB of a process: the operator's own, or the embedded one."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from app.embedded_mongo import EmbeddedMongo
from collector.media_folder import MediaFolder
from core.settings import Settings, SettingsError
from db.database import Database, open_database

RISKY = ("0", "1")
"""Defaults of a server that confirm what one failure may take back."""

UNSAFE = {("w", "0"), ("w", "1"), ("journal", "false"), ("j", "false")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """An open database and where it is; `uri` carries credentials.

    A process that stays runs `supervise`, until cancelled; it may end at once.
    """

    database: Database
    uri: str
    name: str
    supervise: Callable[[], Awaitable[None]]


def unsafe_write(uri: str) -> str | None:
    """The part of a URI that has writes confirmed before they are safe, such as `w=1`."""
    for name, value in parse_qsl(urlsplit(uri).query):
        option = (name.lower(), value.lower())
        if option in UNSAFE:
            return f"{name}={value}"
    return None


@asynccontextmanager
async def open_store(
    settings: Settings, *, waits: Callable[[], bool] = lambda: False
) -> AsyncIterator[Store]:
    """Open `MONGODB_URI`, else the embedded MongoDB in `DATA_DIR`, started if nobody did yet.

    Raises SettingsError for a URI that has writes confirmed by less than a majority; StoreError for
    a server that refuses, or that is away while `waits` says no.
    """
    uri = settings.mongodb_uri.get_secret_value()
    if unsafe := unsafe_write(uri):
        raise SettingsError(
            f"MONGODB_URI says {unsafe}: what one server confirms is lost when it fails. "
            f"Remove {unsafe} from it; Telecrew writes with w=majority."
        )
    if uri:
        async with open_database(uri, settings.mongodb_db, waits=waits) as database:
            yield Store(
                database=database, uri=uri, name=settings.mongodb_db, supervise=_by_its_owner
            )
        return
    async with (
        EmbeddedMongo(settings.data_dir, make_room=files_of(settings).make_room) as mongo,
        open_database(mongo.uri, settings.mongodb_db, waits=waits) as database,
    ):
        yield Store(
            database=database,
            uri=mongo.uri,
            name=settings.mongodb_db,
            supervise=mongo.supervise,
        )


def files_of(settings: Settings) -> MediaFolder:
    """The folder of files; what it has of half files makes room for the embedded MongoDB."""
    return MediaFolder(settings.data_dir / "media")


async def _by_its_owner() -> None:
    """A MongoDB that is not ours is looked after elsewhere."""
