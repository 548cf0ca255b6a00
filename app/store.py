"""The MongoDB of a process: the operator's own, or the embedded one."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app.embedded_mongo import EmbeddedMongo
from collector.media_folder import MediaFolder
from core.errors import CrewError
from core.settings import Settings
from db.database import Database, open_database

RISKY = ("0", "1")
"""Defaults of a server that confirm what one failure may take back."""


class NothingHere(CrewError):
    """A command that only looks found nothing to look at, and made nothing."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(
            f"Nothing is stored in {data_dir.absolute()} yet. Sign the first account in with "
            "`telecrew login`; or, if there is a crew already, go to its folder, or name its "
            "settings with --env-file."
        )


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
async def open_store(
    settings: Settings, *, waits: Callable[[], bool] = lambda: False, founds: bool = True
) -> AsyncIterator[Store]:
    """Open `MONGODB_URI`, else the embedded MongoDB in `DATA_DIR`, started if nobody did yet.

    `founds` says whether one is made where none was before; if not, NothingHere is raised.

    Raises SettingsError for a URI that cannot be used or would break what we promise; StoreError
    for a server that refuses, or that is away while `waits` says no.
    """
    uri = settings.mongodb_uri.get_secret_value()
    if uri:
        async with open_database(uri, settings.mongodb_db, waits=waits) as database:
            yield Store(
                database=database, uri=uri, name=settings.mongodb_db, supervise=_by_its_owner
            )
        return
    embedded = EmbeddedMongo(settings.data_dir, make_room=files_of(settings).make_room)
    if not (founds or embedded.founded):
        raise NothingHere(settings.data_dir)
    async with (
        embedded as mongo,
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
