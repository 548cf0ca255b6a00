"""Where a storm rages: a local Telegram, a mongod, and a database with accounts on them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from bench.soak.mongod import Mongod
from bench.soak.service import environment, recruit_by_login
from core.clock import SystemClock
from db.database import Database, open_database
from sandbox.bot_api.person import Human
from sandbox.content.library import Library
from sandbox.seed import small_world
from sandbox.server import Sandbox, SandboxConfig

CLOCK = SystemClock()
DATABASE = "soak"
LASTING = "readConcernLevel=majority"
"""The storm believes in nothing that a mongod which is killed may forget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """`settings` point a service at it; each has a DATA_DIR of its own below `folder`."""

    folder: Path
    sandbox: Sandbox
    mongod: Mongod
    database: Database
    settings: Mapping[str, str]

    @property
    def human(self) -> Human:
        """The operator in the chat with the bot."""
        return self.sandbox.bot_api.person(self.sandbox.world.operator.id)

    def settings_of(self, machine: str) -> dict[str, str]:
        """The settings of a service on a machine of this name."""
        return {**self.settings, "DATA_DIR": str(self.folder / machine)}


@asynccontextmanager
async def open_site(
    folder: Path,
    *,
    chats: Mapping[str, int],
    accounts: int,
    lease_seconds: float,
    libraries: Mapping[str, Library] = MappingProxyType({}),
) -> AsyncIterator[Site]:
    """A site with these chats (username -> messages) and accounts signed in; nothing runs yet.

    `libraries`: the files of some of the chats.
    """
    world = small_world(chats=chats, accounts=accounts, libraries=libraries)
    config = SandboxConfig(data_dir=folder / "telegram")
    async with Sandbox(world, config) as sandbox, Mongod(folder / "store") as mongod:
        given = environment(sandbox, mongod.uri, DATABASE, folder / "first")
        given["LEASE_SECONDS"] = str(lease_seconds)
        await recruit_by_login(given, world.accounts)
        async with open_database(f"{mongod.uri}&{LASTING}", DATABASE) as database:
            yield Site(
                folder=folder, sandbox=sandbox, mongod=mongod, database=database, settings=given
            )
