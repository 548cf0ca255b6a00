"""An account signs in, and its kept session connects again and reads history."""

from collector.telegram.gateway import TelethonGateway
from core.chat import ChatKind
from sandbox.server import Sandbox


async def test_a_saved_session_connects_and_reads_a_page(
    sandbox: Sandbox, gateway: TelethonGateway
) -> None:
    peer, chat = await gateway.resolve("@chess_club")
    page = await gateway.page(peer)
    truth = sandbox.world.chat("chess_club")
    assert chat.kind is ChatKind.SUPERGROUP
    assert page.total == truth.count
    assert list(page.ids()) == list(truth.ids())[:-101:-1]
