"""Words to a search bot: a numbered list with links, pages, first contact, silence."""

import re

import pytest
from bot_side import answer_after, bot_of, button_urls, callbacks, said, tell
from telethon import errors, events
from telethon.tl import types
from telethon.tl.functions.contacts import SearchRequest
from telethon.tl.functions.messages import (
    GetBotCallbackAnswerRequest,
    SendMessageRequest,
    StartBotRequest,
)
from telethon_side import crew_client
from waiting import wait_until

from sandbox.entrance import Entrance
from sandbox.seed import small_world
from sandbox.server import Sandbox

BUTTONS, WORDS = "souqun_bot", "groupfinder_bot"
CHATS = {f"bitcoin_room_{at}": 10 for at in range(7)} | {"travel_far": 10, "vip_room": 10}
INVITE, DEAD = "VipInvite0001", "DeadInvite001"


@pytest.fixture
async def sandbox(sandbox_folder):
    crypto = {name: ("en", "crypto") for name in CHATS if name != "travel_far"}
    world = small_world(
        chats=CHATS,
        topics=crypto,
        private=["vip_room"],
        entrances={"vip_room": Entrance(invite=INVITE, insiders=())},
        dead_invites=[DEAD],
    )
    async with Sandbox(world, sandbox_folder) as running:
        yield running


async def admitted(client, bot):
    """The chat with the bot after it was shown that one is no robot."""
    asked = await tell(client, bot, "bitcoin")
    (data,) = callbacks(asked).values()
    await client(GetBotCallbackAnswerRequest(bot, asked.id, data=data))
    await wait_until(lambda: is_edited(client, bot, asked.id))


async def is_edited(client, bot, message_id):
    return next(
        (one for one in await said(client, bot) if one.id == message_id and one.edit_date), None
    )


async def turn(client, bot, message, label):
    """Presses a button and returns the page that comes."""
    data = callbacks(message)[label]
    await client(GetBotCallbackAnswerRequest(bot, message.id, data=data))

    async def changed():
        now = next(one for one in await said(client, bot) if one.id == message.id)
        return now if now.message != message.message else None

    return await wait_until(changed)


def linked(message):
    """(text, url) of links, and mentions as they are."""
    found = []
    for entity, text in message.get_entities_text():
        if isinstance(entity, types.MessageEntityTextUrl):
            found.append(entity.url)
        elif isinstance(entity, types.MessageEntityMention):
            found.append(f"https://t.me/{text[1:]}")
    return found


async def test_first_contact_asks_for_a_button(sandbox):
    async with crew_client(sandbox) as client:
        bot = await bot_of(client, BUTTONS)
        again = [await tell(client, bot, "bitcoin") for _ in range(2)]
        assert [len(callbacks(one)) for one in again] == [1, 1]
        await admitted(client, bot)
        listed = await tell(client, bot, "bitcoin")
        assert linked(listed)
    async with crew_client(sandbox, 2) as other:
        bot = await bot_of(other, BUTTONS)
        assert not linked(await tell(other, bot, "bitcoin"))


async def test_the_other_bot_wants_to_be_started(sandbox):
    async with crew_client(sandbox) as client:
        bot = await bot_of(client, WORDS)
        refused = await tell(client, bot, "bitcoin")
        assert "/start" in refused.message
        started = await client(StartBotRequest(bot, bot, ""))
        assert "Welcome" in (await answer_after(client, bot, started.id)).message
        assert "Results" in (await tell(client, bot, "bitcoin")).message


async def test_pages_hold_links_in_entities_and_turn_by_buttons(sandbox):
    async with crew_client(sandbox) as client:
        bot = await bot_of(client, BUTTONS)
        await admitted(client, bot)
        page = await tell(client, bot, "bitcoin")
        assert re.search(r"^1\. ", page.message, re.MULTILINE)
        assert "广告" in page.message
        pages = [page]
        while "下一页 ➡️" in callbacks(pages[-1]):
            pages.append(await turn(client, bot, pages[-1], "下一页 ➡️"))
        back = await turn(client, bot, pages[-1], "⬅️ 上一页")
    assert back.message == pages[-2].message
    assert back.edit_date
    urls = [url for one in pages for url in linked(one)]
    forms = {re.sub(r"[\w+-]+$", "", url) for url in urls}
    assert {"https://t.me/", "http://telegram.me/", "tg://resolve?domain="} <= forms
    assert all(f"bitcoin_room_{at}" in str(urls) for at in range(7))
    assert INVITE in str(urls)
    assert DEAD in str(urls)
    assert "travel_far" not in str(urls)
    names = [re.search(r"([\w+-]+)$", url.partition("?start")[0])[1] for url in urls]
    assert len(set(names)) < len(names) - len(pages) + 1
    unknown = [
        name for name in names if not name.startswith("+") and not sandbox.world.find_chat(name)
    ]
    assert len(set(unknown)) > 5
    text = "".join(one.message for one in pages)
    assert re.search(r" \d+\.\dk\n", text)


async def test_the_other_bot_writes_plain_words_and_link_buttons(sandbox):
    async with crew_client(sandbox) as client:
        bot = await bot_of(client, WORDS)
        await tell(client, bot, "/start")
        page = await tell(client, bot, "bitcoin")
        second = await turn(client, bot, page, "Next »")
    assert not page.entities
    assert re.search(r"@bitcoin_room_\d", page.message + second.message)
    assert re.search(r"(?<!/)t\.me/\w+", page.message)
    assert all(url.startswith("https://t.me/") for url in button_urls(page))
    assert len(button_urls(page)) == 3
    assert not set(button_urls(page)) & set(re.findall(r"https://t\.me/\S+", page.message))
    assert re.search(r"\dk members, group", page.message)


async def test_words_of_both_languages_find_the_topic(sandbox):
    async with crew_client(sandbox) as client:
        bot = await bot_of(client, WORDS)
        await tell(client, bot, "/start")
        assert "Bitcoin Room" in (await tell(client, bot, "币圈")).message
        assert "Nothing found" in (await tell(client, bot, "陶艺")).message


async def test_answers_and_edits_are_pushed(sandbox):
    async with crew_client(sandbox, receive_updates=True) as client:
        told, edited = [], []
        client.add_event_handler(
            lambda event: told.append(event.message) or done(), events.NewMessage(incoming=True)
        )
        client.add_event_handler(
            lambda event: edited.append(event.message) or done(), events.MessageEdited()
        )
        bot = await bot_of(client, WORDS)
        await client(SendMessageRequest(bot, "/start"))
        await wait_until(lambda: len(told) == 1)
        await client(SendMessageRequest(bot, "bitcoin"))
        await wait_until(lambda: len(told) == 2)
        data = callbacks(told[1])["Next »"]
        await client(GetBotCallbackAnswerRequest(bot, told[1].id, data=data))
        await wait_until(lambda: edited)
        assert edited[0].id == told[1].id
        assert edited[0].message.startswith("🔎")
        assert edited[0].message != told[1].message


async def done():
    """Telethon wants a coroutine."""


async def test_what_goes_wrong_is_scripted(sandbox):
    rules = sandbox.search_rules
    async with crew_client(sandbox) as client:
        bot = await bot_of(client, WORDS)
        await tell(client, bot, "/start")
        rules.nothing(keyword="Bitcoin", times=1)
        assert "Nothing found" in (await tell(client, bot, "bitcoin")).message
        rules.busy(bot=WORDS, times=1)
        assert "try again later" in (await tell(client, bot, "bitcoin")).message
        rules.slow(0.5, keyword="bitcoin", times=1)
        sent = await client(SendMessageRequest(bot, "bitcoin"))
        page = await answer_after(client, bot, sent.id)
        box = sandbox.world.box(sandbox.world.accounts[0].id)
        assert [event.ids for event in box.ledger.since(1)][-2:] == [(sent.id,), (page.id,)]
        assert box.ledger.moved_at - box.ledger.since(1)[-2].at >= 0.5
        rules.silent(times=2)
        with pytest.raises(errors.BotResponseTimeoutError):
            await client(GetBotCallbackAnswerRequest(bot, page.id, data=callbacks(page)["Next »"]))
        await client(SendMessageRequest(bot, "bitcoin"))
        last = await tell(client, bot, "bitcoin")
        messages = await said(client, bot)
        assert [one.out for one in messages[:3]] == [False, True, True]
        assert messages[0].id == last.id
        rules.suspicious()
        assert "/start" in (await tell(client, bot, "bitcoin")).message


async def test_what_cannot_be_sent_or_pressed(sandbox):
    async with crew_client(sandbox) as client:
        bot = await bot_of(client, WORDS)
        twice = SendMessageRequest(bot, "/start", random_id=7)
        await client(twice)
        with pytest.raises(errors.RandomIdDuplicateError):
            await client(twice)
        with pytest.raises(errors.MessageEmptyError):
            await client(SendMessageRequest(bot, "  "))
        with pytest.raises(errors.ChatWriteForbiddenError):
            await client.send_message("bitcoin_room_1", "hello")
        page = await tell(client, bot, "bitcoin")
        with pytest.raises(errors.DataInvalidError):
            await client(GetBotCallbackAnswerRequest(bot, page.id, data=b"page:77"))
        with pytest.raises(errors.MessageIdInvalidError):
            await client(GetBotCallbackAnswerRequest(bot, page.id + 9, data=b"here"))


async def test_searches_are_counted(sandbox):
    async with crew_client(sandbox) as client:
        bot = await bot_of(client, WORDS)
        await tell(client, bot, "/start")
        await turn(client, bot, await tell(client, bot, "bitcoin"), "Next »")
    assert sandbox.counters.searches == {(sandbox.world.accounts[0].id, WORDS): 3}


async def test_contact_search_tells_own_chats_from_others(sandbox):
    world = sandbox.world
    me = world.accounts[0].id
    world.membership.enter(me, world.titled("vip_room").id)
    async with crew_client(sandbox) as client:
        found = await client(SearchRequest("room", limit=50))
        mine = {peer.channel_id for peer in found.my_results}
        others = {peer.channel_id for peer in found.results}
        rooms = {chat.id for chat in world.chats.values() if chat.username != "travel_far"}
        assert mine == {chat_id for chat_id in rooms if world.joined(me, chat_id)}
        assert mine | others == rooms
        assert world.titled("vip_room").id in mine
        finder = await client(SearchRequest("group finder", limit=5))
        assert [user.username for user in finder.users] == [WORDS]
