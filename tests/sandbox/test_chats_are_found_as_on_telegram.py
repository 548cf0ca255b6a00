"""Names, titles, access hashes, dialogs."""

import pytest
from telethon import errors
from telethon.tl import types
from telethon.tl.functions.channels import GetChannelsRequest, GetFullChannelRequest
from telethon.tl.functions.contacts import ResolveUsernameRequest, SearchRequest
from telethon.tl.functions.help import GetAppConfigRequest, GetNearestDcRequest
from telethon.tl.functions.messages import GetFullChatRequest, GetMessagesReactionsRequest
from telethon.tl.functions.updates import (
    GetChannelDifferenceRequest,
    GetDifferenceRequest,
    GetStateRequest,
)
from telethon_side import channel, client_of, crew_client, page

from sandbox.chat import ChatKind
from sandbox.seed import small_world
from sandbox.server import Sandbox

CHATS = {f"chat_number_{at}": 20 + at for at in range(5)} | {"crypto_daily": 40, "zz_news": 30}


@pytest.fixture
async def sandbox(sandbox_folder):
    world = small_world(chats=CHATS, kinds={"zz_news": ChatKind.CHANNEL})
    async with Sandbox(world, sandbox_folder) as running:
        yield running


async def test_a_username_in_any_letter_case(sandbox):
    chat = sandbox.world.chat("crypto_daily")
    async with crew_client(sandbox) as client:
        for username in ("crypto_daily", "Crypto_Daily", "CRYPTO_DAILY"):
            found = await client(ResolveUsernameRequest(username))
            assert found.peer == types.PeerChannel(chat.id)
            assert (found.chats[0].title, found.chats[0].megagroup) == (chat.title, True)


async def test_people_and_the_bot_have_usernames_too(sandbox):
    world = sandbox.world
    async with crew_client(sandbox) as client:
        found = await client(ResolveUsernameRequest(world.control_bot.username))
        assert found.users[0].bot
        assert found.peer.user_id == world.control_bot.id
        found = await client(ResolveUsernameRequest(world.operator.username))
        assert found.users[0].first_name == world.operator.first_name


@pytest.mark.parametrize(
    "username", ["abc", "1abcd", "with space", "a__b", "ends_", "x" * 33, "中文名"]
)
async def test_what_cannot_be_a_username(sandbox, username):
    async with crew_client(sandbox) as client:
        with pytest.raises(errors.UsernameInvalidError):
            await client(ResolveUsernameRequest(username))


async def test_a_username_that_nobody_has(sandbox):
    async with crew_client(sandbox) as client:
        with pytest.raises(errors.UsernameNotOccupiedError):
            await client(ResolveUsernameRequest("nobody_at_all"))


async def test_searching_finds_beginnings_titles_and_typos(sandbox):
    async with crew_client(sandbox) as client:

        async def search(query):
            found = await client(SearchRequest(query, limit=10))
            names = {chat.id: chat.username for chat in found.chats}
            return [names[peer.channel_id] for peer in found.my_results + found.results]

        assert await search("crypto_daily") == ["crypto_daily"]
        assert await search("@crypto") == ["crypto_daily"]
        assert await search("crypto_dialy") == ["crypto_daily"]
        assert await search("cripto daly") == ["crypto_daily"]
        assert sorted(await search("chat number")) == [f"chat_number_{at}" for at in range(5)]
        assert await search("nothing alike") == []
        with pytest.raises(errors.QueryTooShortError):
            await search("cr")


async def test_the_full_description_of_a_channel(sandbox):
    chat = sandbox.world.chat("zz_news")
    async with crew_client(sandbox) as client:
        peer = await channel(client, "zz_news")
        found = await client(GetFullChannelRequest(peer))
        assert found.full_chat.about == chat.about
        assert found.full_chat.participants_count == chat.members
        assert found.chats[0].broadcast
        assert not found.chats[0].megagroup
        listed = await client(GetChannelsRequest([peer]))
        assert [one.username for one in listed.chats] == ["zz_news"]
        with pytest.raises(errors.ChatIdInvalidError):
            await client(GetFullChatRequest(12345))


async def test_an_access_hash_is_good_for_one_account_alone(sandbox):
    async with crew_client(sandbox, 1) as first, crew_client(sandbox, 2) as second:
        hers, his = await channel(first, "zz_news"), await channel(second, "zz_news")
        assert hers.access_hash != his.access_hash
        assert (await page(second, his)).count == 30
        with pytest.raises(errors.ChannelInvalidError):
            await page(second, hers)
        with pytest.raises(errors.ChannelInvalidError):
            await page(second, types.InputPeerChannel(987_654, his.access_hash))
        with pytest.raises(errors.PeerIdInvalidError):
            await page(second, types.InputPeerEmpty())


async def test_dialogs_list_the_chats_that_the_account_is_in(sandbox):
    async with crew_client(sandbox) as client:
        mine = sandbox.world.chats_of(sandbox.world.accounts[0].id)
        dialogs = await client.get_dialogs()
        assert {dialog.entity.username for dialog in dialogs} == {chat.username for chat in mine}
        assert 0 < len(mine) < len(CHATS)
        for dialog in dialogs:
            assert dialog.message.id == sandbox.world.chat(dialog.entity.username).top_id
        paged = [dialog.id async for dialog in client.iter_dialogs(limit=1)]
        assert paged == [dialogs[0].id]


async def test_dialogs_page_by_page(sandbox_folder):
    world = small_world(chats={f"many_chats_{at:03d}": 3 for at in range(330)})
    async with Sandbox(world, sandbox_folder) as sandbox, crew_client(sandbox) as client:
        names = [dialog.entity.username async for dialog in client.iter_dialogs()]
    mine = {chat.username for chat in world.chats_of(world.accounts[0].id)}
    assert len(names) == len(mine) == 110
    assert set(names) == mine


async def test_the_update_state_is_consistent(sandbox):
    chat = sandbox.world.chat("zz_news")
    async with crew_client(sandbox) as client:
        state = await client(GetStateRequest())
        difference = await client(GetDifferenceRequest(state.pts, state.date, state.qts))
        assert isinstance(difference, types.updates.DifferenceEmpty)
        peer = await channel(client, "zz_news")
        pts = (await page(client, peer)).pts
        everything = types.ChannelMessagesFilterEmpty()
        found = await client(GetChannelDifferenceRequest(peer, everything, pts, 100))
        assert isinstance(found, types.updates.ChannelDifferenceEmpty)
        assert (found.pts, found.final) == (pts, True)
        assert pts >= chat.top_id


async def test_limits_of_the_application_can_be_asked(sandbox):
    async with client_of(sandbox) as client:
        config = (await client(GetAppConfigRequest(0))).config
        limits = {value.key: value.value.value for value in config.value}
        assert limits["channels_limit_default"] == 500
        assert (await client(GetNearestDcRequest())).this_dc == 2


async def test_an_unknown_method_is_refused_by_its_name(sandbox):
    async with crew_client(sandbox) as client:
        peer = await channel(client, "zz_news")
        with pytest.raises(errors.BadRequestError, match=r"messages\.getMessagesReactions"):
            await client(GetMessagesReactionsRequest(peer, [1]))
