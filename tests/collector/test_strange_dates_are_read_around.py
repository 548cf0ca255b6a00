"""Messages dated 1970 or 2038 in the middle or at the top of a chat leave nothing unproven."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from reading_side import reading

from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

ODD = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC))


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(small_world(chats={"odd_dates": 240}, accounts=1)) as running:
        yield running


@pytest.mark.parametrize("odd", ODD, ids=["1970", "2038"])
async def test_all_is_stored_and_proven(
    database: Database, sandbox: Sandbox, odd: datetime
) -> None:
    chat = sandbox.world.chat("odd_dates")
    ids = chat.ids()
    for number in (ids[-1], ids[-3], ids[120], ids[119], ids[7]):
        message, old = chat.message(number), chat.written(number)
        assert message is not None
        assert old is not None
        message.date = odd
        chat.replace(number, old._replace(raw=bytes(message)))
    async with reading(database, sandbox) as one:
        reader = await one.open("odd_dates")
        assert await reader.read(1, ids[-1]) == 0
        assert (await reader.proven()).ranges == ((1, ids[-1]),)
        assert await reader.stored() == list(ids)
    [stored] = [m async for m in database.messages.stream(reader.chat.id) if m.id == ids[7]]
    assert stored.date == odd
