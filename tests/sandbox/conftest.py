from collections.abc import AsyncIterator

import pytest
from bot_api_side import Side, bot_api_side

from sandbox.server import SandboxConfig


@pytest.fixture
async def side() -> AsyncIterator[Side]:
    async with bot_api_side() as running:
        yield running


@pytest.fixture(scope="session")
def sandbox_folder(tmp_path_factory: pytest.TempPathFactory) -> SandboxConfig:
    """A folder with one RSA key for all: making one takes longer than most tests."""
    return SandboxConfig(data_dir=tmp_path_factory.mktemp("sandbox"))
