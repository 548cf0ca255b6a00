"""Empty pages, pages of nothing but `MessageEmpty`, and gaps in which nothing is left."""

import pytest
from telethon.tl import types
from telethon.tl.functions.channels import GetMessagesRequest
from telethon_side import channel, crew_client, page

from sandbox.seed import small_world
from sandbox.server import Sandbox

GAP = (200, 460)


@pytest.fixture
async def sandbox(sandbox_folder):
    world = small_world(chats={"alpha_chat": 300, "gappy_chat": 400}, gaps={"gappy_chat": [GAP]})
    async with Sandbox(world, sandbox_folder) as running:
        yield running


async def read_all(client, peer):
    """Every page down to the first empty one, as (ids of messages, ids of empties)."""
    there, empty, pages, offset = [], [], 0, 0
    while (found := (await page(client, peer, offset)).messages) and pages < 100:
        pages += 1
        there += [one.id for one in found if not isinstance(one, types.MessageEmpty)]
        empty += [one.id for one in found if isinstance(one, types.MessageEmpty)]
        offset = min(one.id for one in found)
    return there, empty


async def test_pages_are_empty_so_many_times_for_one_account(sandbox):
    chat, person = sandbox.world.chat("alpha_chat"), sandbox.world.accounts[0]
    async with crew_client(sandbox, 1) as first, crew_client(sandbox, 2) as second:
        hers, his = await channel(first, "alpha_chat"), await channel(second, "alpha_chat")
        sandbox.faults.empty_pages(2, account=person.id, chat_id=chat.id)
        pages = [await page(first, hers) for _ in range(2)]
        assert [(found.messages, found.count) for found in pages] == [([], 300)] * 2
        assert len((await page(second, his)).messages) == 100
        assert len((await page(first, hers)).messages) == 100


async def test_a_gap_is_no_page_at_all(sandbox):
    chat = sandbox.world.chat("gappy_chat")
    assert chat.count == 400
    assert not [one for one in chat.ids() if GAP[0] <= one <= GAP[1]]
    async with crew_client(sandbox) as client:
        there, empty = await read_all(client, await channel(client, "gappy_chat"))
    assert (sorted(there), empty) == (list(chat.ids()), [])


async def test_a_gap_can_read_as_pages_of_only_empties(sandbox):
    chat = sandbox.world.chat("gappy_chat")
    sandbox.faults.empty_messages(chat.id, holes_only=True)
    async with crew_client(sandbox) as client:
        peer = await channel(client, "gappy_chat")
        there, empty = await read_all(client, peer)
        middle = (await page(client, peer, GAP[1])).messages
    assert sorted(there) == list(chat.ids())
    assert there == sorted(there, reverse=True)
    assert sorted(there + empty) == list(range(1, chat.top_id + 1))
    assert {type(one) for one in middle} == {types.MessageEmpty}
    assert [one.id for one in middle] == list(range(GAP[1] - 1, GAP[1] - 101, -1))
    assert all(one.peer_id == types.PeerChannel(chat.id) for one in middle)


async def test_messages_that_exist_can_read_as_empty_for_a_while(sandbox):
    chat, person = sandbox.world.chat("alpha_chat"), sandbox.world.accounts[0]
    sandbox.faults.empty_messages(chat.id, oldest=50, newest=249, account=person.id, times=2)
    async with crew_client(sandbox, 1) as first, crew_client(sandbox, 2) as second:
        peer = await channel(first, "alpha_chat")
        asked = [types.InputMessageID(one) for one in (49, 100, 251)]
        by_id = (await first(GetMessagesRequest(peer, asked))).messages
        assert isinstance(by_id[1], types.MessageEmpty)
        for _ in range(2):
            hidden = (await page(first, peer, 200)).messages
            assert [one.id for one in hidden] == list(range(199, 99, -1))
            assert {type(one) for one in hidden} == {types.MessageEmpty}
        seen = (await page(first, peer, 200)).messages
        also = (await page(second, await channel(second, "alpha_chat"), 200)).messages
    assert [one.id for one in seen] == [one.id for one in also]
    assert types.MessageEmpty not in {type(one) for one in seen}


def test_a_world_without_gaps_is_what_it_was():
    plain, gappy = (
        small_world(chats={"alpha_chat": 300, "beta_chat": 300}, gaps=gaps)
        for gaps in ({}, {"beta_chat": [(50, 80)]})
    )
    assert list(plain.chat("alpha_chat").ids()) == list(gappy.chat("alpha_chat").ids())
    assert plain.chat("beta_chat").top_id + 31 == gappy.chat("beta_chat").top_id
