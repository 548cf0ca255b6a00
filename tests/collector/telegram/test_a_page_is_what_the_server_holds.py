"""Every field of every message of a whole chat equals what the server holds."""

import pytest

from bench.soak.truth import marked, plain, truth
from collector.telegram.gateway import TelethonGateway
from core.chat import Peer
from core.message import Message
from db.codec import message_of
from sandbox.server import Sandbox


async def whole(gateway: TelethonGateway, peer: Peer) -> list[Message]:
    """All messages, walked down page by page."""
    found: list[Message] = []
    offset = 0
    while (page := await gateway.page(peer, offset_id=offset)).ids():
        found += map(message_of, page.messages)
        offset = min(page.ids())
    return found


@pytest.mark.parametrize("name", ["chess_club", "feishu_news", "talk_forum"])
async def test_every_field_of_a_whole_chat(
    sandbox: Sandbox, gateway: TelethonGateway, name: str
) -> None:
    chat = sandbox.world.chat(name)
    names = {person.id: person.name for person in chat.senders.values()}
    names |= {marked(other.id): other.title for other in sandbox.world.chats.values()}
    peer, _ = await gateway.resolve(f"@{name}")
    stored = await whole(gateway, peer)
    expected = [truth(message.to_dict(), names) for message in chat.messages()]
    assert [plain(message) for message in reversed(stored)] == expected


async def test_the_chats_of_these_tests_have_something_of_everything(sandbox: Sandbox) -> None:
    seen = {
        field
        for chat in sandbox.world.chats.values()
        for message in chat.messages()
        for field, value in truth(message.to_dict(), {}).items()
        if value not in (None, [], "")
    }
    missing = set(Message.__slots__) - {"box", "deleted_at"} - seen
    assert missing == set()


async def test_a_page_begins_at_a_date(sandbox: Sandbox, gateway: TelethonGateway) -> None:
    chat = sandbox.world.chat("chess_club")
    middle = chat.message(chat.ids()[200])
    assert middle is not None
    peer, _ = await gateway.resolve("@chess_club")
    page = await gateway.page(peer, offset_date=middle.date, limit=20)
    older = [
        message_id for message_id in chat.ids() if chat.date(message_id) < middle.date.timestamp()
    ]
    assert list(page.ids()) == older[:-21:-1]
