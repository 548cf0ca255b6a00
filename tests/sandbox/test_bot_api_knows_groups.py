"""The sandbox's Bot API has groups as Telegram has them: what a bot hears there, how messages are
numbered, and what becomes of them when a group becomes a supergroup."""

from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramMigrateToChat
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Update
from bot_api_side import Side

from sandbox.bot_api.gathering import Gathering
from sandbox.keeping.bot_state import described, restore

BUTTON = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text="Go", callback_data="go")]]
)


@pytest.fixture
async def bot(side: Side) -> AsyncIterator[Bot]:
    async with side.bot() as bot:
        yield bot


async def heard(bot: Bot) -> list[Update]:
    updates = await bot.get_updates()
    if updates:
        await bot.get_updates(offset=updates[-1].update_id + 1)
    return updates


@pytest.fixture(params=["group", "supergroup"])
def group(side: Side, request: pytest.FixtureRequest) -> Gathering:
    people = (side.operator.id, side.stranger.id)
    return side.door.group("Harbour crew", *people, supergroup=request.param == "supergroup")


async def test_privacy_mode_hides_what_is_not_meant_for_the_bot(
    side: Side, bot: Bot, group: Gathering
) -> None:
    me, name = side.operator.id, side.door.bot.user["username"]
    sent = await bot.send_message(group.id, "A card")
    group.say(me, "good morning")
    group.say(me, "/tasks@other_bot")
    meant = ["/tasks", f"/tasks@{name} x", f"hello @{name}", "an answer"]
    for text in meant[:3]:
        group.say(me, text)
    group.say(me, meant[3], reply_to=sent.message_id)
    updates = await heard(bot)
    assert [one.message.text for one in updates if one.message] == meant
    assert {one.message.chat.type for one in updates if one.message} == {group.chat.kind}
    group.chat.reads_all = True
    group.say(me, "good night")
    assert [one.message.text for one in await heard(bot) if one.message] == ["good night"]


async def test_chats_write_by_the_names_that_telegram_gives_them(
    bot: Bot, group: Gathering
) -> None:
    group.say_anonymously("/tasks")
    group.say_as_channel(-1001234567890, "News", "/tasks")
    shown = [(one.message.from_user, one.message.sender_chat) for one in await heard(bot)]
    assert [user.id for user, _ in shown] == [1087968824, 136817688]
    assert [chat.id for _, chat in shown] == [group.id, -1001234567890]
    assert all(user.is_bot for user, _ in shown)


async def test_a_basic_groups_messages_share_the_numbers_of_private_chats(
    side: Side, bot: Bot
) -> None:
    basic = side.door.group("Basic", side.operator.id)
    big = side.door.group("Big", side.operator.id, supergroup=True)
    private = await side.operator.send("/start")
    assert (await bot.send_message(basic.id, "x")).message_id == private + 1
    assert [(await bot.send_message(big.id, "x")).message_id for _ in range(2)] == [1, 2]
    assert await side.operator.send("/start") == private + 2


async def test_a_migration_leaves_the_messages_behind(side: Side, bot: Bot) -> None:
    group = side.door.group("Harbour crew", side.operator.id)
    sent = [await bot.send_message(group.id, "A card", reply_markup=BUTTON) for _ in range(3)]
    old = sent[-1]
    new = group.migrate(side.operator.id)
    told = [one.message for one in await heard(bot)]
    before, after = told
    assert (before.chat.id, before.migrate_to_chat_id) == (group.id, new.id)
    assert (after.chat.id, after.migrate_from_chat_id) == (new.id, group.id)
    for call in (
        bot.send_message(group.id, "new"),
        bot.edit_message_text("other", chat_id=group.id, message_id=old.message_id),
    ):
        with pytest.raises(TelegramMigrateToChat) as refused:
            await call
        assert refused.value.migrate_to_chat_id == new.id
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("other", chat_id=new.id, message_id=old.message_id)
    assert (await bot.get_chat(group.id)).type == "group"
    group.press(side.operator.id, old.message_id, "Go")
    [update] = await heard(bot)
    assert update.callback_query.message.chat.id == group.id


async def test_a_bot_that_was_taken_out_hears_and_writes_nothing(
    side: Side, bot: Bot, group: Gathering
) -> None:
    await bot.get_updates(allowed_updates=["message", "my_chat_member"])
    group.take_bot_out(side.operator.id)
    group.say(side.operator.id, "/tasks")
    [update] = await heard(bot)
    assert update.my_chat_member.new_chat_member.status == "left"
    with pytest.raises(TelegramForbiddenError, match="kicked"):
        await bot.send_message(group.id, "x")


async def test_groups_outlive_a_restart(side: Side, bot: Bot) -> None:
    group = side.door.group("Harbour crew", side.operator.id)
    await bot.send_message(group.id, "A card")
    new = group.migrate(side.operator.id)
    kept = described(side.door.bot)
    before = [one.raw for one in (*group.messages, *new.messages)]
    side.door.bot.chats.groups.clear()
    restore(side.door.bot, kept, [], clean=True)
    groups = side.door.bot.chats.groups
    again = [Gathering(side.door.bot, groups[one.id]) for one in (group, new)]
    assert [one.raw for each in again for one in each.messages] == before
    assert groups[group.id].moved_to == new.id
