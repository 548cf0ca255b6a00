"""What happens in the world reaches those who listen, once and in order, and is in the world."""

import time

import pytest
from telethon import events, utils
from telethon.errors import LimitInvalidError
from telethon.tl import functions, types
from telethon_side import channel, crew_client, page
from waiting import wait_until

from sandbox.box import Peer
from sandbox.chat import ChatKind, Written
from sandbox.seed import small_world
from sandbox.server import Sandbox


def make_world():
    """Accounts 1 and 2 are in both chats, account 3 in none."""
    chats = {"alpha_chat": 120, "beta_news": 80}
    world = small_world(chats=chats, kinds={"beta_news": ChatKind.CHANNEL}, accounts=3)
    for person in world.accounts:
        for chat_id in world.chats:
            world.membership.enter(person.id, chat_id)
            if person is world.accounts[2]:
                world.membership.leave(person.id, chat_id)
    return world


@pytest.fixture
async def sandbox(sandbox_folder):
    async with Sandbox(make_world(), sandbox_folder) as running:
        yield running


class Log:
    """Raw updates that a client dispatched, as (constructor, chat, id)."""

    def __init__(self, client):
        self.seen = []
        client.add_event_handler(self.take, events.Raw())

    async def take(self, update):
        name = type(update).__name__.removeprefix("Update")
        if hasattr(update, "message"):
            peer = utils.get_peer_id(update.message.peer_id, add_mark=False)
            self.seen.append((name, peer, update.message.id))
        elif hasattr(update, "messages"):
            where = getattr(update, "channel_id", None)
            self.seen += [(name, where, one) for one in update.messages]

    def ids(self, name="NewChannelMessage", chat=None):
        return [one for kind, where, one in self.seen if kind == name and chat in (None, where)]


async def test_new_messages_edits_and_deletions_in_their_order(sandbox):
    alpha = sandbox.world.chat("alpha_chat")
    async with crew_client(sandbox, receive_updates=True) as client:
        log = Log(client)
        first = sandbox.live.post("alpha_chat", "one 一")
        second = sandbox.live.post("beta_news", "two")
        sandbox.live.edit("alpha_chat", first, "one and a half")
        sandbox.live.delete("alpha_chat", first, first - 1)
        await wait_until(lambda: len(log.seen) >= 5)
        beta = sandbox.world.chat("beta_news")
        assert log.seen == [
            ("NewChannelMessage", alpha.id, first),
            ("NewChannelMessage", beta.id, second),
            ("EditChannelMessage", alpha.id, first),
            ("DeleteChannelMessages", alpha.id, first),
            ("DeleteChannelMessages", alpha.id, first - 1),
        ]
        assert sandbox.live.sent_at.keys() == {(alpha.id, first), (beta.id, second)}
        assert all(0 <= time.monotonic() - at < 10 for at in sandbox.live.sent_at.values())


async def test_what_happened_is_in_history_and_what_is_gone_is_empty(sandbox):
    alpha = sandbox.world.chat("alpha_chat")
    before = [one.raw for one in alpha.page(0, alpha.count)]
    ids = [sandbox.live.post("alpha_chat") for _ in range(40)]
    sandbox.live.delete("alpha_chat", ids[3], alpha.before(ids[0], 30))
    sandbox.live.edit("alpha_chat", sandbox.live.post("alpha_chat", "first"), "changed 改了")
    async with crew_client(sandbox) as client:
        peer = await channel(client, "alpha_chat")
        shown, offset = [], 0
        while (found := await page(client, peer, offset)).messages:
            shown += found.messages
            offset = shown[-1].id
        assert [one.id for one in shown] == list(alpha.ids())[::-1]
        assert [bytes(one) for one in shown] == [alpha.written(one.id).raw for one in shown]
        assert shown[0].message == "changed 改了"
        assert shown[0].edit_date >= shown[0].date
        gone = await client(functions.channels.GetMessagesRequest(peer, [ids[3], ids[4]]))
        assert isinstance(gone.messages[0], types.MessageEmpty)
        assert gone.messages[1].id == ids[4]
    kept = [one.raw for one in alpha.page(0, 119)]
    assert set(kept) < set(before), "what was said before stays as it was"


async def test_nobody_is_told_who_is_outside_or_asked_not_to_be(sandbox):
    async with (
        crew_client(sandbox, 1, receive_updates=True) as listener,
        crew_client(sandbox, 2, receive_updates=False) as quiet,
        crew_client(sandbox, 3, receive_updates=True) as outsider,
    ):
        logs = [Log(one) for one in (listener, quiet, outsider)]
        last = sandbox.live.post("alpha_chat", times=5)
        await wait_until(lambda: last in logs[0].ids())
        for client in (quiet, outsider):
            await client(functions.help.GetConfigRequest())
        assert [len(log.seen) for log in logs] == [5, 0, 0]


async def test_an_account_is_told_again_after_its_line_broke(sandbox):
    account = sandbox.world.accounts[0].id
    async with crew_client(sandbox, receive_updates=True) as client:
        log = Log(client)
        room = sandbox.mtproto.room
        assert sandbox.faults.cut(account) == 1
        missed = sandbox.live.post("alpha_chat", "nobody is there")
        await wait_until(lambda: account in room.accounts())
        last = sandbox.live.post("alpha_chat", "somebody is")
        await wait_until(lambda: last in log.ids())
        assert missed not in log.ids()


async def told_by_traffic(config):
    """What a listener is told of half a second of traffic, and the ids that are left."""
    async with (
        Sandbox(make_world(), config) as sandbox,
        crew_client(sandbox, receive_updates=True) as client,
    ):
        log = Log(client)
        sandbox.live.start(400, edits=0.1, deletions=0.1, seconds=0.5, seed=7)
        await wait_until(lambda: not sandbox.live.running)
        assert sandbox.live.posted == 200
        assert sandbox.live.edited > 5 < sandbox.live.deleted
        total = 200 + sandbox.live.edited + sandbox.live.deleted
        await wait_until(lambda: len(log.seen) == total, timeout=10)
        return log.seen, [list(one.ids()) for one in sandbox.world.chats.values()]


async def test_traffic_is_the_same_for_a_seed_and_is_pushed_whole(sandbox_folder):
    assert await told_by_traffic(sandbox_folder) == await told_by_traffic(sandbox_folder)


async def test_a_private_message_goes_to_its_owner_alone(sandbox):
    world = sandbox.world
    account = world.accounts[0].id
    stranger = world.stranger.id

    def say(message_id):
        message = types.Message(
            id=message_id,
            peer_id=types.PeerUser(stranger),
            from_id=types.PeerUser(stranger),
            date=None,
            message="psst",
        )
        return Written(bytes(message), (stranger,), ())

    async with (
        crew_client(sandbox, 1, receive_updates=True) as client,
        crew_client(sandbox, 2, receive_updates=True) as other,
    ):
        log, others = Log(client), Log(other)
        box = world.box(account)
        said = box.post(Peer("user", stranger), 1_780_000_000, say)
        box.delete(said)
        await wait_until(lambda: len(log.seen) == 2)
        assert log.seen == [("NewMessage", stranger, said), ("DeleteMessages", None, said)]
        await other(functions.help.GetConfigRequest())
        assert others.seen == []


async def test_dialogs_are_as_fresh_as_the_world(sandbox):
    alpha, beta = (sandbox.world.chat(name) for name in ("alpha_chat", "beta_news"))
    async with crew_client(sandbox) as client:
        for ahead, chat in ((60, beta), (600, alpha)):
            sandbox.live.post(chat.id, "newest", times=3)
            chat.post(date=chat.date(chat.top_id) + ahead)
            first, second = await client.get_dialogs()
            assert first.id == utils.get_peer_id(types.PeerChannel(chat.id))
            assert (first.message.id, first.dialog.pts) == (chat.top_id, chat.pts)
            assert second.message.id != first.message.id
        peers = [await channel(client, one.username) for one in (alpha, beta)]
        wanted = [types.InputDialogPeer(peer) for peer in peers]
        found = await client(functions.messages.GetPeerDialogsRequest(wanted))
        tops = {one.peer.channel_id: (one.top_message, one.pts) for one in found.dialogs}
        assert tops == {one.id: (one.top_id, one.pts) for one in (alpha, beta)}
        assert {one.id for one in found.messages} == {alpha.top_id, beta.top_id}
        with pytest.raises(LimitInvalidError):
            await client(functions.messages.GetPeerDialogsRequest(wanted * 51))
