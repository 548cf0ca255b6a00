"""Updates may be lost, doubled, late or out of turn; the differences tell what was missed."""

from datetime import UTC, datetime

import pytest
from telethon.tl import functions, types
from telethon_side import channel, crew_client
from test_what_happens_is_pushed import Log, make_world
from waiting import wait_until

from sandbox.ledger import Kind, Ledger
from sandbox.server import Sandbox


@pytest.fixture
async def sandbox(sandbox_folder):
    async with Sandbox(make_world(), sandbox_folder) as running:
        yield running


async def difference(client, peer, pts, limit=100):
    where = types.InputChannel(peer.channel_id, peer.access_hash)
    request = functions.updates.GetChannelDifferenceRequest(
        where, types.ChannelMessagesFilterEmpty(), pts, limit
    )
    return await client(request)


async def test_a_channels_difference_is_whole_and_paged(sandbox):
    alpha = sandbox.world.chat("alpha_chat")
    async with crew_client(sandbox) as client:
        peer = await channel(client, "alpha_chat")
        begin = alpha.pts
        ids = [sandbox.live.post("alpha_chat", f"number {n}") for n in range(150)]
        sandbox.live.edit("alpha_chat", ids[0], "changed")
        sandbox.live.delete("alpha_chat", ids[1], ids[2])
        first = await difference(client, peer, begin)
        assert not first.final
        second = await difference(client, peer, first.pts)
        assert second.final
        assert second.pts == alpha.pts == begin + 153
        told = [one.id for one in first.new_messages + second.new_messages]
        assert told == [one for one in ids if one not in ids[1:3]]
        assert first.new_messages[0].message == "changed"
        edit, deletion = second.other_updates
        assert (edit.message.id, edit.pts, edit.pts_count) == (ids[0], begin + 151, 1)
        assert (deletion.messages, deletion.pts, deletion.pts_count) == (ids[1:3], alpha.pts, 2)
        empty = await difference(client, peer, alpha.pts)
        assert isinstance(empty, types.updates.ChannelDifferenceEmpty)


async def test_the_accounts_difference_names_channels_that_moved(sandbox):
    world = sandbox.world
    async with crew_client(sandbox) as client:
        state = await client(functions.updates.GetStateRequest())
        sandbox.live.post("beta_news")
        asked = functions.updates.GetDifferenceRequest(state.pts, state.date, state.qts)
        found = await client(asked)
        assert [one.channel_id for one in found.other_updates] == [world.chat("beta_news").id]
        assert found.state.pts == state.pts
        later = datetime.fromtimestamp(state.date.timestamp() + 3600, UTC)
        asked = functions.updates.GetDifferenceRequest(state.pts, later, state.qts)
        assert isinstance(await client(asked), types.updates.DifferenceEmpty)


async def test_both_kinds_of_too_long_on_order_and_by_age(sandbox):
    account = sandbox.world.accounts[0].id
    alpha = sandbox.world.chat("alpha_chat")
    async with crew_client(sandbox) as client:
        peer = await channel(client, "alpha_chat")
        begin = alpha.pts
        sandbox.live.post("alpha_chat")
        sandbox.faults.updates.channel_too_long(alpha.id, account=account)
        found = await difference(client, peer, begin)
        assert isinstance(found, types.updates.ChannelDifferenceTooLong)
        assert (found.dialog.pts, found.dialog.top_message) == (alpha.pts, alpha.top_id)
        assert len((await difference(client, peer, begin)).new_messages) == 1
        sandbox.faults.updates.too_long()
        state = await client(functions.updates.GetStateRequest())
        asked = functions.updates.GetDifferenceRequest(state.pts, state.date, state.qts)
        assert isinstance(await client(asked), types.updates.DifferenceTooLong)


def test_what_is_too_old_is_forgotten():
    ledger = Ledger(7, keep=3)
    for message_id in range(5):
        ledger.note(Kind.NEW, message_id)
    assert ledger.pts == 12
    assert ledger.since(8) is None
    assert [event.ids for event in ledger.since(9)] == [(2,), (3,), (4,)]
    assert ledger.since(12) == []


async def test_a_client_that_was_not_told_finds_out_by_the_gap(sandbox):
    """Some are dropped, some late: the unmodified client notices, asks, and has each once."""
    alpha = sandbox.world.chat("alpha_chat")
    async with crew_client(sandbox, receive_updates=True) as client:
        await channel(client, "alpha_chat")
        log = Log(client)
        ids = [sandbox.live.post("alpha_chat")]
        await wait_until(lambda: log.ids() == ids)
        sandbox.faults.updates.drop(0.3, chat_id=alpha.id, seed=3)
        sandbox.faults.updates.repeat(0.3, seed=4)
        sandbox.faults.updates.reorder(0.3, seconds=0.05, seed=5)
        ids += [sandbox.live.post("alpha_chat") for _ in range(60)]
        sandbox.faults.updates.clear()
        ids.append(sandbox.live.post("alpha_chat"))
        await wait_until(lambda: sorted(set(log.ids())) == ids, timeout=8)
        assert len(log.ids()) == len(ids)
        assert list(sandbox.counters.of(method="updates.getChannelDifference"))


async def test_a_silent_chat_moves_and_nobody_is_told(sandbox):
    alpha, beta = (sandbox.world.chat(name) for name in ("alpha_chat", "beta_news"))
    async with crew_client(sandbox, receive_updates=True) as client:
        log = Log(client)
        sandbox.faults.updates.drop(chat_id=alpha.id)
        silent = sandbox.live.post("alpha_chat", times=3)
        loud = sandbox.live.post("beta_news")
        await wait_until(lambda: log.ids(chat=beta.id) == [loud])
        assert log.ids(chat=alpha.id) == []
        assert alpha.top_id == silent


async def test_too_long_can_be_pushed_and_is_followed(sandbox):
    alpha = sandbox.world.chat("alpha_chat")
    async with crew_client(sandbox, receive_updates=True) as client:
        await channel(client, "alpha_chat")
        log = Log(client)
        sandbox.live.post("alpha_chat")
        await wait_until(lambda: len(log.ids()) == 1)
        sandbox.faults.updates.drop(chat_id=alpha.id)
        sandbox.live.post("alpha_chat", times=4)
        assert sandbox.faults.updates.channel_too_long(alpha.id, times=0, push=True) == 1
        await wait_until(lambda: len(log.ids()) == 5)
