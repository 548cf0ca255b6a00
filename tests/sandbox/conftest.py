from collections.abc import AsyncIterator

import pytest
from bot_api_side import Side, bot_api_side


@pytest.fixture
async def side() -> AsyncIterator[Side]:
    async with bot_api_side() as running:
        yield running
