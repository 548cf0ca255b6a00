"""What clients read is what the world says was written."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from telethon import errors
from telethon.tl import types
from telethon.tl.functions.channels import GetMessagesRequest
from telethon_side import channel, crew_client, page

from sandbox.chat import ChatKind
from sandbox.seed import small_world
from sandbox.server import Sandbox, SandboxConfig

CHATS = {"alpha_chat": 730, "beta_news": 260, "gamma_forum": 340, "empty_chat": 0}
KINDS = {"beta_news": ChatKind.CHANNEL, "gamma_forum": ChatKind.FORUM}


@pytest.fixture
async def sandbox(sandbox_folder):
    async with Sandbox(small_world(chats=CHATS, kinds=KINDS), sandbox_folder) as running:
        yield running


@pytest.mark.parametrize("username", CHATS)
async def test_raw_pages_descend_through_every_message(sandbox, username):
    chat = sandbox.world.chat(username)
    async with crew_client(sandbox) as client:
        peer, seen, offset = await channel(client, username), [], 0
        while (found := await page(client, peer, offset)).messages:
            assert found.count == chat.count == CHATS[username]
            seen += found.messages
            offset = found.messages[-1].id
    assert [message.id for message in seen] == list(reversed(chat.ids()))
    for message in seen:
        assert message.to_dict() == chat.message(message.id).to_dict()


async def test_every_sender_comes_with_the_page(sandbox):
    async with crew_client(sandbox) as client:
        found = await page(client, await channel(client, "alpha_chat"))
    users, chats = {user.id for user in found.users}, {chat.id for chat in found.chats}
    senders = [message.from_id for message in found.messages if message.from_id]
    assert {sender.user_id for sender in senders if isinstance(sender, types.PeerUser)} <= users
    named = {sender.channel_id for sender in senders if isinstance(sender, types.PeerChannel)}
    assert named | {sandbox.world.chat("alpha_chat").id} <= chats
    assert all(user.access_hash and user.first_name for user in found.users)


@pytest.mark.parametrize("reverse", [False, True])
async def test_iter_messages_yields_them_all(sandbox, reverse):
    chat = sandbox.world.chat("alpha_chat")
    async with crew_client(sandbox) as client:
        found = client.iter_messages("alpha_chat", reverse=reverse, wait_time=0)
        ids = [message.id async for message in found]
    assert ids == sorted(chat.ids(), reverse=not reverse)


async def test_the_iterator_respects_its_bounds(sandbox):
    ids = list(sandbox.world.chat("alpha_chat").ids())
    low, high = ids[100], ids[400]
    async with crew_client(sandbox) as client:
        found = client.iter_messages("alpha_chat", min_id=low, max_id=high, wait_time=0)
        assert [message.id async for message in found] == ids[101:400][::-1]


async def test_offsets_mean_what_they_mean_on_telegram(sandbox):
    chat = sandbox.world.chat("alpha_chat")
    ids, middle = list(chat.ids())[::-1], 300
    async with crew_client(sandbox) as client:
        peer = await channel(client, "alpha_chat")

        async def read(offset_id=0, **more):
            return [
                message.id for message in (await page(client, peer, offset_id, **more)).messages
            ]

        assert await read(limit=7) == ids[:7]
        assert await read(limit=500) == ids[:100]
        assert await read(limit=0) == []
        assert await read(ids[middle]) == ids[middle + 1 : middle + 101]
        assert await read(ids[middle], add_offset=-1, limit=3) == ids[middle : middle + 3]
        assert await read(ids[middle], add_offset=-5, limit=4) == ids[middle - 4 : middle]
        assert await read(add_offset=10, limit=5) == ids[10:15]
        assert await read(add_offset=-10, limit=15) == ids[:5]
        assert await read(ids[middle], min_id=ids[middle + 4]) == ids[middle + 1 : middle + 4]
        assert await read(ids[2], max_id=ids[5], limit=10) == ids[6:13]
        assert await read(max_id=ids[middle]) == []
        assert await read(1) == []
        hole = next(number for number in range(2, chat.top_id) if number not in chat)
        assert await read(hole, limit=1) == [chat.before(hole)]


async def test_an_offset_date_finds_what_was_said_before(sandbox):
    chat = sandbox.world.chat("alpha_chat")
    async with crew_client(sandbox) as client:
        peer = await channel(client, "alpha_chat")
        for message_id in random.Random(5).sample(list(chat.ids()), 8):
            when = chat.message(message_id).date
            for moment in (when, when + timedelta(seconds=1)):
                found = await page(client, peer, offset_date=moment, limit=1)
                older = [number for number in chat.ids() if chat.message(number).date < moment]
                assert [message.id for message in found.messages] == older[-1:]


@pytest.mark.parametrize("seconds", [0, -1, -1_386_547_200, -(2**31)])
async def test_an_offset_date_of_zero_or_less_is_none(sandbox, seconds):
    ids = list(sandbox.world.chat("alpha_chat").ids())
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    async with crew_client(sandbox) as client:
        peer = await channel(client, "alpha_chat")
        found = await page(client, peer, offset_date=moment, limit=1)
        assert [message.id for message in found.messages] == ids[-1:]


async def test_messages_by_id_and_holes(sandbox):
    chat = sandbox.world.chat("alpha_chat")
    wanted = list(range(1, 61))
    async with crew_client(sandbox) as client:
        peer = await channel(client, "alpha_chat")
        found = await client(GetMessagesRequest(peer, [types.InputMessageID(i) for i in wanted]))
        assert [message.id for message in found.messages] == wanted
        for message in found.messages:
            truth = chat.message(message.id)
            if truth is None:
                assert isinstance(message, types.MessageEmpty)
                assert message.peer_id == types.PeerChannel(chat.id)
            else:
                assert message.to_dict() == truth.to_dict()
        with pytest.raises(errors.MessageIdsEmptyError):
            await client(GetMessagesRequest(peer, []))


async def test_gzipped_answers_are_the_same(sandbox_folder):
    world = small_world(chats=CHATS, kinds=KINDS)
    packed = SandboxConfig(data_dir=sandbox_folder.data_dir, compress=True)
    async with Sandbox(world, packed) as sandbox, crew_client(sandbox) as client:
        found = await page(client, await channel(client, "beta_news"))
        chat = world.chat("beta_news")
        for message in found.messages:
            assert message.to_dict() == chat.message(message.id).to_dict()
