"""A sandbox, and a service of its own process that is pointed at it."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from process_side import Crew, environment, recruit_by_login

from bench.nursery import Nursery
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox, SandboxConfig

StartCrew = Callable[..., Awaitable[Crew]]


@pytest.fixture(scope="session")
def sandbox_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keeps the sandbox's key, which takes long to make."""
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture
async def make_crew(
    database: Database,
    database_name: str,
    mongo_uri: str,
    tmp_path: Path,
    sandbox_key: Path,
    nursery: Nursery,
) -> AsyncIterator[StartCrew]:
    """`await make_crew({chat: size}, accounts=2)`: signed in, nothing running yet."""
    async with AsyncExitStack() as stack:

        async def make(chats: Mapping[str, int], *, accounts: int = 1, **settings: str) -> Crew:
            world = small_world(chats=chats, accounts=max(accounts, 3))
            config = SandboxConfig(data_dir=sandbox_key)
            sandbox = await stack.enter_async_context(Sandbox(world, config))
            given = environment(sandbox, mongo_uri, database_name, tmp_path) | settings
            await recruit_by_login(given, world.accounts[:accounts])
            crew = Crew(sandbox, database, given, nursery, services=[])
            stack.push_async_callback(crew.end)
            return crew

        yield make


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where screenshots go; `TELECREW_PICTURES` names a folder to keep them."""
    return Path(os.environ.get("TELECREW_PICTURES", str(tmp_path)))
