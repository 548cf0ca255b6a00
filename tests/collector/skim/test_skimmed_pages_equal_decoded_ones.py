"""On real connections, a page is the same whether it was skimmed or decoded."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from skim_fuzz import PEER, decoded
from skim_side import connected, history, offsets
from structlog.testing import capture_logs
from telethon.crypto import AuthKey
from telethon.extensions import BinaryReader
from telethon.network import MTProtoSender
from telethon.network.requeststate import RequestState
from telethon.tl import types
from telethon.tl.core import GzipPacked, MessageContainer, RpcResult, TLMessage
from telethon.tl.functions import InvokeWithoutUpdatesRequest
from telethon.tl.types import messages

from collector.gateway import Page
from collector.telegram.gateway import TelethonGateway
from collector.telegram.skim.request import SkimmedHistoryRequest, WithoutUpdatesRequest
from collector.telegram.skim.skimmer import Skimmer, skimmer
from sandbox.seed import demo_world
from sandbox.server import Sandbox, SandboxConfig


@pytest.fixture(scope="session")
def skim_data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keeps the server's key, which takes long to make."""
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture(params=["gzipped", "plain"])
async def demo(request: pytest.FixtureRequest, skim_data_dir: Path) -> AsyncIterator[Sandbox]:
    config = SandboxConfig(data_dir=skim_data_dir, compress=request.param == "gzipped")
    async with Sandbox(demo_world(), config) as running:
        yield running


async def pages(gateway: TelethonGateway, username: str, top: int) -> list[Page]:
    """Pages of a whole chat, asked for at once."""
    peer, _ = await gateway.resolve(username)
    async with asyncio.TaskGroup() as room:
        asked = [room.create_task(gateway.page(peer, offset_id=offset)) for offset in offsets(top)]
    return [task.result() for task in asked]


async def test_pages_of_every_chat_of_the_demo_world(demo: Sandbox) -> None:
    mine = skimmer()
    before, fallbacks = mine.pages, mine.fallbacks.copy()
    async with connected(demo, 1, skim=True) as skims, connected(demo, 3, skim=False) as decodes:
        asked = 0
        for chat in (one for one in demo.world.chats.values() if one.public):
            skimmed = await pages(skims, chat.username, chat.top_id)
            asked += len(skimmed)
            assert mine.pages == before + asked
            assert skimmed == await pages(decodes, chat.username, chat.top_id)
            assert max(len(page.messages) for page in skimmed) == 100
    assert mine.pages == before + asked
    assert mine.fallbacks == fallbacks


async def test_a_page_that_cannot_be_skimmed_is_decoded(demo: Sandbox) -> None:
    mine = skimmer()
    async with connected(demo, 1, skim=True) as gateway:
        peer, _ = await gateway.resolve("travel_asia")
        known = await gateway.page(peer)
        readers, mine._readers = mine._readers, type(mine._readers)()
        try:
            with capture_logs() as logs:
                again = [await gateway.page(peer), await gateway.page(peer)]
        finally:
            mine._readers = readers
            fallbacks, mine.fallbacks = mine.fallbacks, type(mine.fallbacks)()
    assert again == [known, known]
    assert fallbacks["ChannelMessages"] == 2
    told = [entry for entry in logs if entry["event"] == "skim.fallback"]
    assert [entry["constructor"] for entry in told] == ["ChannelMessages"]


def answer(text: str) -> bytes:
    """A page with one message."""
    message = types.Message(id=5, peer_id=types.PeerChannel(7), date=9, message=text)
    return bytes(
        messages.ChannelMessages(pts=1, count=9, messages=[message], topics=[], chats=[], users=[])
    )


def rpc_result(request: int, body: bytes) -> bytes:
    head = RpcResult.CONSTRUCTOR_ID.to_bytes(4, "little") + request.to_bytes(8, "little")
    return head + body


def container(parts: list[bytes]) -> bytes:
    inner = [
        number.to_bytes(8, "little") + (1).to_bytes(4, "little") + len(part).to_bytes(4, "little")
        for number, part in enumerate(parts, 1)
    ]
    head = MessageContainer.CONSTRUCTOR_ID.to_bytes(4, "little") + len(parts).to_bytes(4, "little")
    return head + b"".join(mark + part for mark, part in zip(inner, parts, strict=True))


async def test_answers_in_a_container() -> None:
    mine = Skimmer()
    loggers: defaultdict[str, logging.Logger] = defaultdict(lambda: logging.getLogger("telethon"))
    sender = MTProtoSender(AuthKey(bytes(256)), loggers=loggers)
    states = []
    for number in (71, 72, 73):
        request = SkimmedHistoryRequest(mine, PEER.chat, "a1", **history(types.InputPeerSelf()))
        states.append(RequestState(WithoutUpdatesRequest(request)))
        states[-1].msg_id = number
        sender._pending_state[number] = states[-1]
    bodies = [answer("first"), bytes(GzipPacked(answer("second"))), answer("third")]
    data = container([rpc_result(71 + at, body) for at, body in enumerate(bodies)])
    with BinaryReader(data) as reader:
        await sender._process_message(TLMessage(9, 1, reader.tgread_object()))
    read = [state.future.result() for state in states]
    assert read == [decoded(answer(text)) for text in ("first", "second", "third")]
    assert (mine.pages, mine.fallbacks.total()) == (3, 0)


async def test_telethons_own_wrapper_would_hide_the_hook() -> None:
    mine = Skimmer()
    request = SkimmedHistoryRequest(mine, PEER.chat, "a1", **history(types.InputPeerSelf()))
    for wrapper, kind in (
        (InvokeWithoutUpdatesRequest, messages.ChannelMessages),
        (WithoutUpdatesRequest, Page),
    ):
        with BinaryReader(answer("hello")) as reader:
            assert type(wrapper(request).read_result(reader)) is kind
    assert bytes(WithoutUpdatesRequest(request)) == bytes(InvokeWithoutUpdatesRequest(request))
