"""Basic groups, migrated ones, protected chats, hidden history, topics, comments."""

import pytest
from telethon import errors
from telethon.tl import types
from telethon.tl.functions.channels import GetFullChannelRequest, GetMessagesRequest
from telethon.tl.functions.messages import (
    DeleteChatUserRequest,
    GetDiscussionMessageRequest,
    GetForumTopicsRequest,
    GetFullChatRequest,
    GetHistoryRequest,
    GetRepliesRequest,
    ImportChatInviteRequest,
)
from telethon.tl.functions.messages import GetMessagesRequest as GetOwnMessagesRequest
from telethon_side import channel, crew_client, page
from waiting import wait_until

from sandbox.box import Peer
from sandbox.chat import ChatKind
from sandbox.entrance import Entrance
from sandbox.seed import small_world
from sandbox.server import Sandbox

CREW = tuple(777_000_000 + number for number in (1, 2, 3))


@pytest.fixture
async def sandbox(sandbox_folder):
    world = small_world(
        chats={
            "posts_daily": 120, "posts_talk": 150, "topic_forum": 220, "sealed_chat": 20,
            "late_room": 100, "old_friends": 40,
        },
        kinds={"posts_daily": ChatKind.CHANNEL, "topic_forum": ChatKind.FORUM},
        private=["late_room", "old_friends"],
        protected=["sealed_chat"],
        linked={"posts_daily": "posts_talk"},
        groups={"Hikers": 130, "Friends": 30},
        migrated={"Friends": "old_friends"},
        entrances={
            "late_room": Entrance(invite="LateRoom0001", hidden_history=True, insiders=CREW[:1]),
            "old_friends": Entrance(insiders=CREW),
            "Hikers": Entrance(invite="HikersLink01", insiders=CREW[:2]),
        },
    )  # fmt: skip
    async with Sandbox(world, sandbox_folder) as running:
        yield running


async def whole(client, request_of):
    """All pages, from the newest message down."""
    found, offset = [], 0
    while messages := (await client(request_of(offset))).messages:
        found += messages
        offset = messages[-1].id
    return found


def history(peer):
    return lambda offset: GetHistoryRequest(peer, offset, None, 0, 100, 0, 0, 0)


def said(messages):
    return [(one.message, one.date, type(one.action)) for one in messages]


async def test_each_member_of_a_basic_group_counts_for_itself(sandbox):
    group = sandbox.world.group("Hikers")
    peer = types.InputPeerChat(group.id)
    found = []
    for number in (1, 2):
        async with crew_client(sandbox, number) as client:
            messages = await whole(client, history(peer))
            box = sandbox.world.box(CREW[number - 1])
            assert [one.id for one in messages] == box.ids(Peer("chat", group.id))[::-1]
            assert all(one.peer_id == types.PeerChat(group.id) for one in messages)
            replies = [one.reply_to.reply_to_msg_id for one in messages if one.reply_to]
            assert replies
            assert set(replies) <= {one.id for one in messages}
            again = await client(GetOwnMessagesRequest([types.InputMessageID(messages[0].id)]))
            assert again.messages[0].to_dict() == messages[0].to_dict()
            full = (await client(GetFullChatRequest(group.id))).full_chat
            assert len(full.participants.participants) == group.size + 2
            found.append(messages)
    mine, other = found
    assert said(mine) == said(other)
    assert len(mine) == 130
    assert [one.id for one in mine] != [one.id for one in other]
    assert isinstance(mine[-1].action, types.MessageActionChatCreate)
    async with crew_client(sandbox, 3) as client:
        with pytest.raises(errors.PeerIdInvalidError):
            await client(history(peer)(0))
        with pytest.raises(errors.PeerIdInvalidError):
            await client(GetFullChatRequest(group.id))


async def test_who_joins_a_basic_group_reads_what_comes_after(sandbox):
    group = sandbox.world.group("Hikers")
    peer = types.InputPeerChat(group.id)
    async with crew_client(sandbox, 3) as client, crew_client(sandbox, 1) as old:
        before = len(await whole(old, history(peer)))
        joined = (await client(ImportChatInviteRequest("HikersLink01"))).updates
        assert isinstance(joined.updates[0].message.action, types.MessageActionChatJoinedByLink)
        sandbox.society.say(group, "hello there")
        mine = await whole(client, history(peer))
        assert [one.message for one in mine] == ["hello there", None]
        assert len(await whole(old, history(peer))) == before + 2
        left = await client(DeleteChatUserRequest(group.id, types.InputUserSelf()))
        assert isinstance(left.updates[0].message.action, types.MessageActionChatDeleteUser)
        sandbox.society.say(group, "unheard")
        assert len(await whole(client, history(peer))) == 3


async def test_a_basic_group_that_migrated_leads_to_its_supergroup(sandbox):
    group, chat = sandbox.world.group("Friends"), sandbox.world.titled("old_friends")
    async with crew_client(sandbox) as client:
        messages = await whole(client, history(types.InputPeerChat(group.id)))
        assert messages[0].action == types.MessageActionChatMigrateTo(chat.id)
        old = (await client(GetFullChatRequest(group.id))).chats[0]
        assert old.deactivated
        peer = types.InputPeerChannel(old.migrated_to.channel_id, old.migrated_to.access_hash)
        first = (await whole(client, history(peer)))[-1]
        moved = types.MessageActionChannelMigrateFrom("old_friends", group.id)
        assert first.action.to_dict() == moved.to_dict()
        assert messages[0].date <= first.date
        full = (await client(GetFullChannelRequest(peer))).full_chat
        assert full.migrated_from_chat_id == group.id
        assert full.migrated_from_max_id == messages[0].id


async def test_a_basic_group_migrates_while_one_looks(sandbox):
    group = sandbox.world.group("Hikers")
    async with crew_client(sandbox, receive_updates=True) as client:
        told = []

        async def handler(update):
            told.append(update)

        client.add_event_handler(handler)
        await client.get_me()
        new = sandbox.society.migrate(group)
        await wait_until(lambda: any(isinstance(one, types.UpdateChannel) for one in told))
        moved = await whole(client, history(types.InputPeerChat(group.id)))
        assert moved[0].action == types.MessageActionChatMigrateTo(new.id)
        to = (await client(GetFullChatRequest(group.id))).chats[0].migrated_to
        peer = types.InputPeerChannel(to.channel_id, to.access_hash)
        (only,) = await whole(client, history(peer))
        assert isinstance(only.action, types.MessageActionChannelMigrateFrom)


async def test_a_protected_chat_says_so(sandbox):
    async with crew_client(sandbox) as client:
        peer = await channel(client, "sealed_chat")
        chats = (await page(client, peer)).chats
    flags = {chat.username: chat.noforwards for chat in chats}
    assert flags.pop("sealed_chat")
    assert not any(flags.values())


async def test_history_before_one_came_is_hidden(sandbox):
    chat = sandbox.world.titled("late_room")
    async with crew_client(sandbox, 1) as client, crew_client(sandbox, 2) as late:
        me = next(one for one in await client.get_dialogs() if one.entity.id == chat.id)
        full = (await client(GetFullChannelRequest(me.input_entity))).full_chat
        hidden = full.available_min_id
        assert full.hidden_prehistory
        messages = await whole(client, history(me.input_entity))
        assert [one.id for one in messages] == [one for one in chat.ids() if one > hidden][::-1]
        assert 20 < len(messages) < 80
        first = [types.InputMessageID(1), types.InputMessageID(chat.top_id)]
        found = (await client(GetMessagesRequest(me.input_entity, first))).messages
        assert [type(one) for one in found] == [types.MessageEmpty, type(messages[0])]
        room = (await late(ImportChatInviteRequest("LateRoom0001"))).updates.chats[0]
        peer = types.InputPeerChannel(room.id, room.access_hash)
        assert (await page(late, peer)).messages == []
        fresh = chat.post()
        assert [one.id for one in (await page(late, peer)).messages] == [fresh]


async def test_topics_are_listed_and_read_one_by_one(sandbox):
    chat = sandbox.world.chat("topic_forum")
    async with crew_client(sandbox) as client:
        peer = await channel(client, "topic_forum")
        listed = await client(GetForumTopicsRequest(peer, None, 0, 0, 4))
        rest = await client(GetForumTopicsRequest(peer, None, 0, listed.topics[-1].id, 4))
        topics = listed.topics + rest.topics
        assert {topic.id for topic in topics} == {1, 2, 3, 4, 5, 6}
        assert listed.count == 6
        tops = [topic.top_message for topic in topics]
        assert tops == sorted(tops, reverse=True)
        found = []
        for topic in topics:
            replies = await whole(client, lambda offset, at=topic.id: replies_of(peer, at, offset))
            assert replies[0].id == topic.top_message
            found += [one.id for one in replies]
        assert sorted(found) == list(chat.ids())
        with pytest.raises(errors.BadRequestError, match="TOPIC_ID_INVALID"):
            await client(replies_of(peer, 900, 0))
        plain = await channel(client, "sealed_chat")
        with pytest.raises(errors.ChannelForumMissingError):
            await client(GetForumTopicsRequest(plain, None, 0, 0, 4))


def replies_of(peer, message_id, offset, limit=100):
    return GetRepliesRequest(peer, message_id, offset, None, 0, limit, 0, 0, 0)


async def test_comments_of_a_post_are_in_the_linked_group(sandbox):
    group = sandbox.world.chat("posts_talk")
    async with crew_client(sandbox) as client:
        peer = await channel(client, "posts_daily")
        full = await client(GetFullChannelRequest(peer))
        assert full.full_chat.linked_chat_id == group.id
        assert {chat.username for chat in full.chats} == {"posts_daily", "posts_talk"}
        posts = await whole(client, history(peer))
        commented = [one for one in posts if one.replies and one.replies.replies]
        assert len(commented) > 10
        for post in commented[:5]:
            root = await client(GetDiscussionMessageRequest(peer, post.id))
            forward = root.messages[0]
            assert forward.peer_id == types.PeerChannel(group.id)
            assert forward.fwd_from.saved_from_msg_id == forward.fwd_from.channel_post == post.id
            comments = await whole(
                client, lambda offset, at=post.id: replies_of(peer, at, offset, 3)
            )
            assert len(comments) == post.replies.replies
            assert comments[0].id == post.replies.max_id == root.max_id
            for one in comments:
                assert forward.id in (one.reply_to.reply_to_top_id, one.reply_to.reply_to_msg_id)
        silent = next(one for one in posts if not (one.replies and one.replies.replies))
        with pytest.raises(errors.MsgIdInvalidError):
            await client(replies_of(peer, silent.id, 0))
