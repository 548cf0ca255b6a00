"""Public names, invitations, requests, limits, bans; what a member may read and others not."""

import pytest
from telethon import errors, events
from telethon.tl import types
from telethon.tl.functions.channels import (
    GetChannelsRequest,
    JoinChannelRequest,
    LeaveChannelRequest,
)
from telethon.tl.functions.help import GetAppConfigRequest
from telethon.tl.functions.messages import CheckChatInviteRequest, ImportChatInviteRequest
from telethon_side import channel, crew_client, page
from waiting import wait_until

from sandbox.chat import ChatKind
from sandbox.entrance import Entrance
from sandbox.seed import small_world
from sandbox.server import Sandbox

CHATS = {
    "open_chat": 60,
    "second_chat": 20,
    "gate_chat": 20,
    "quick_gate": 20,
    "full_chat": 20,
    "secret_room": 50,
    "asking_room": 20,
    "window_news": 20,
}
NOBODY = Entrance(insiders=())
ENTRANCES = {
    "open_chat": NOBODY,
    "second_chat": NOBODY,
    "gate_chat": Entrance(approval=True, insiders=()),
    "quick_gate": Entrance(approval=True, approved_after=0.05, insiders=()),
    "full_chat": Entrance(full=True, insiders=()),
    "secret_room": Entrance(invite="SecretRoom01", insiders=()),
    "asking_room": Entrance(invite="AskingRoom01", approval=True, insiders=()),
    "window_news": Entrance(invite="WindowNews01", peek=True, insiders=()),
}


def a_world(**more):
    return small_world(
        chats=CHATS,
        entrances=ENTRANCES,
        private=["secret_room", "asking_room", "window_news"],
        kinds={"window_news": ChatKind.CHANNEL},
        dead_invites=["DeadInvite01"],
        **more,
    )


@pytest.fixture
async def sandbox(sandbox_folder):
    async with Sandbox(a_world(), sandbox_folder) as running:
        yield running


def peer_of(chat):
    return types.InputPeerChannel(chat.id, chat.access_hash)


async def test_a_public_chat_is_joined_and_left(sandbox):
    me, chat = sandbox.world.accounts[0].id, sandbox.world.chat("open_chat")
    async with crew_client(sandbox) as client:
        peer = await channel(client, "open_chat")
        assert (await client(GetChannelsRequest([peer]))).chats[0].left
        joined = await client(JoinChannelRequest(peer))
        assert isinstance(joined, types.messages.ChatInviteJoinResultOk)
        assert joined.updates.updates == [types.UpdateChannel(chat.id)]
        assert not joined.updates.chats[0].left
        assert chat.id in [dialog.entity.id for dialog in await client.get_dialogs()]
        with pytest.raises(errors.UserAlreadyParticipantError):
            await client(JoinChannelRequest(peer))
        assert (await client(LeaveChannelRequest(peer))).chats[0].left
        with pytest.raises(errors.UserNotParticipantError):
            await client(LeaveChannelRequest(peer))
        assert (await page(client, peer)).count == 60
    assert sandbox.counters.joins == {me: 1}


async def test_a_private_chat_opens_by_its_invitation_alone(sandbox):
    async with crew_client(sandbox) as client:
        preview = await client(CheckChatInviteRequest("SecretRoom01"))
        assert isinstance(preview, types.ChatInvite)
        assert (preview.title, preview.megagroup, preview.public, preview.request_needed) == (
            "secret_room", True, False, False,
        )  # fmt: skip
        joined = await client(ImportChatInviteRequest("SecretRoom01"))
        room = joined.updates.chats[0]
        assert room.username is None
        assert (await page(client, peer_of(room))).count == 50
        known = await client(CheckChatInviteRequest("SecretRoom01"))
        assert isinstance(known, types.ChatInviteAlready)
        with pytest.raises(errors.UserAlreadyParticipantError):
            await client(ImportChatInviteRequest("SecretRoom01"))
        await client(LeaveChannelRequest(peer_of(room)))
        with pytest.raises(errors.ChannelPrivateError):
            await page(client, peer_of(room))


async def test_some_invitations_let_one_look_in(sandbox):
    async with crew_client(sandbox) as client:
        peek = await client(CheckChatInviteRequest("WindowNews01"))
        assert isinstance(peek, types.ChatInvitePeek)
        assert peek.chat.left
        assert (await page(client, peer_of(peek.chat))).count == 20


@pytest.mark.parametrize("request_of", [CheckChatInviteRequest, ImportChatInviteRequest])
async def test_invitations_that_lead_nowhere(sandbox, request_of):
    async with crew_client(sandbox) as client:
        with pytest.raises(errors.InviteHashExpiredError):
            await client(request_of("DeadInvite01"))
        for unknown in ("NeverThere01", "no"):
            with pytest.raises(errors.InviteHashInvalidError):
                await client(request_of(unknown))
        with pytest.raises(errors.InviteHashEmptyError):
            await client(request_of(""))


async def test_a_request_is_pending_until_somebody_decides(sandbox):
    me = sandbox.world.accounts[0].id
    gate, asking = sandbox.world.chat("gate_chat"), sandbox.world.titled("asking_room")
    async with crew_client(sandbox, receive_updates=True) as client:
        told = []

        async def raw(update):
            told.append(update)

        client.add_event_handler(raw, events.Raw(types.UpdateChannel))
        peer = await channel(client, "gate_chat")
        for _ in range(2):
            with pytest.raises(errors.InviteRequestSentError):
                await client(JoinChannelRequest(peer))
        assert (await client(CheckChatInviteRequest("AskingRoom01"))).request_needed
        with pytest.raises(errors.InviteRequestSentError):
            await client(ImportChatInviteRequest("AskingRoom01"))
        requests = sandbox.world.membership.requests()
        assert requests == sorted([(me, gate.id), (me, asking.id)])
        sandbox.society.decline(me, gate.id)
        assert not sandbox.society.approve(me, gate.id)
        assert not sandbox.world.joined(me, gate.id)
        assert sandbox.society.approve(me, asking.id)
        await wait_until(lambda: told)
        assert told[0].channel_id == asking.id
        room = await client(CheckChatInviteRequest("AskingRoom01"))
        assert isinstance(room, types.ChatInviteAlready)
        assert (await page(client, peer_of(room.chat))).count == 20


async def test_some_requests_are_granted_by_themselves(sandbox):
    me, chat = sandbox.world.accounts[0].id, sandbox.world.chat("quick_gate")
    async with crew_client(sandbox) as client:
        with pytest.raises(errors.InviteRequestSentError):
            await client(JoinChannelRequest(await channel(client, "quick_gate")))
        await wait_until(lambda: sandbox.world.joined(me, chat.id))


async def test_a_full_chat_takes_nobody(sandbox):
    async with crew_client(sandbox) as client:
        with pytest.raises(errors.UsersTooMuchError):
            await client(JoinChannelRequest(await channel(client, "full_chat")))


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        ("CHANNEL_PRIVATE", errors.ChannelPrivateError),
        ("USER_BANNED_IN_CHANNEL", errors.UserBannedInChannelError),
    ],
)
async def test_who_was_put_out_neither_reads_nor_comes_back(sandbox, error, raised):
    me, room = sandbox.world.accounts[0].id, sandbox.world.titled("secret_room")
    async with crew_client(sandbox) as client:
        chat = (await client(ImportChatInviteRequest("SecretRoom01"))).updates.chats[0]
        sandbox.society.put_out(me, room.id, error)
        with pytest.raises(raised):
            await page(client, peer_of(chat))
        for request in (
            CheckChatInviteRequest("SecretRoom01"),
            ImportChatInviteRequest("SecretRoom01"),
            JoinChannelRequest(peer_of(chat)),
        ):
            with pytest.raises(raised):
                await client(request)
        sandbox.world.membership.pardon(me, room.id)
        await client(ImportChatInviteRequest("SecretRoom01"))


async def test_an_account_is_in_so_many_chats_and_no_more(sandbox_folder):
    world = a_world(channels_limits=(1, 2), premium=[2])
    async with Sandbox(world, sandbox_folder) as sandbox:
        for number, most in ((1, 1), (2, 2)):
            async with crew_client(sandbox, number) as client:
                config = (await client(GetAppConfigRequest(0))).config
                limits = {value.key: getattr(value.value, "value", None) for value in config.value}
                assert limits["channels_limit_default"] == 1
                assert limits["channels_limit_premium"] == 2
                for name in ("open_chat", "second_chat")[:most]:
                    await client(JoinChannelRequest(await channel(client, name)))
                with pytest.raises(errors.ChannelsTooMuchError):
                    await client(ImportChatInviteRequest("SecretRoom01"))
                assert (await client.get_me()).premium == (number == 2)


async def test_joining_too_often_is_flooded(sandbox):
    sandbox.faults.limit("channels.joinChannel", calls=1, seconds=60, wait=600)
    async with crew_client(sandbox) as client:
        await client(JoinChannelRequest(await channel(client, "open_chat")))
        with pytest.raises(errors.FloodWaitError) as flood:
            await client(JoinChannelRequest(await channel(client, "second_chat")))
    assert flood.value.seconds == 600
