"""What Telegram refuses, the sandbox refuses, in the words that libraries look for."""

from typing import Any

import aiohttp
import pytest
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNotFound,
    TelegramUnauthorizedError,
)
from aiogram.methods import EditMessageText
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    CopyTextButton,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    MenuButtonCommands,
    ReplyKeyboardMarkup,
    ReplyParameters,
)
from bot_api_side import Side

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


class EditWithAnything(EditMessageText):
    """An edit that aiogram itself would not let through."""

    reply_markup: Any = None


def keyboard(**button: object) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Go", **button)]])


async def raw(side: Side, path: str, **options: object) -> tuple[int, dict]:
    async with aiohttp.ClientSession() as http, http.post(side.url + path, **options) as answer:
        return answer.status, await answer.json()


async def test_a_wrong_token_is_unauthorized(side: Side) -> None:
    async with side.bot("42:wrong") as bot:
        with pytest.raises(TelegramUnauthorizedError):
            await bot.get_me()


async def test_an_unknown_method_is_not_found(side: Side) -> None:
    status, answer = await raw(side, f"/bot{side.token}/sendWarmth")
    assert (status, answer) == (404, {"ok": False, "error_code": 404, "description": "Not Found"})


async def test_arguments_come_in_every_way(side: Side) -> None:
    await side.operator.send("hi")
    path, chat_id = f"/bot{side.token}/SENDMESSAGE", side.operator.id
    form = aiohttp.FormData({"chat_id": str(chat_id), "text": "multipart"})
    form.add_field("extra", b"", filename="x")
    for options in (
        {"params": {"chat_id": chat_id, "text": "query"}},
        {"data": {"chat_id": chat_id, "text": "form"}},
        {"json": {"chat_id": chat_id, "text": "json"}},
        {"data": form},
    ):
        status, answer = await raw(side, path, **options)
        assert (status, answer["ok"]) == (200, True)
    said = [seen.text for seen in side.operator.messages]
    assert said == ["hi", "query", "form", "json", "multipart"]


async def test_a_body_that_is_no_json_is_refused(side: Side) -> None:
    headers = {"Content-Type": "application/json"}
    for body in ("{", "[]", '{"chat_id": 1, "text": "\\ud83d"}'):
        status, answer = await raw(
            side, f"/bot{side.token}/sendMessage", data=body, headers=headers
        )
        assert (status, answer["ok"]) == (400, False)


async def test_a_bot_cannot_write_first_nor_to_nobody(side: Side) -> None:
    async with side.bot() as bot:
        with pytest.raises(TelegramForbiddenError, match="can't initiate conversation"):
            await bot.send_message(side.stranger.id, "hello")
        with pytest.raises(TelegramBadRequest, match="chat not found"):
            await bot.send_message(99, "hello")


async def test_a_bot_that_was_blocked_hears_of_it_and_is_refused(side: Side) -> None:
    async with side.bot() as bot:
        await side.operator.send("hi")
        await side.operator.block()
        with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
            await bot.send_message(side.operator.id, "still there?")
        await side.operator.send("back")
        await bot.send_message(side.operator.id, "welcome")
        updates = await bot.get_updates()
        changes = [u.my_chat_member.new_chat_member.status for u in updates if u.my_chat_member]
        assert changes == ["kicked", "member"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "message text is empty"),
        (" \n ", "message text is empty"),
        ("x" * 4097, "message is too long"),
        ("😀" * 2049, "message is too long"),
    ],
)
async def test_texts_have_limits(side: Side, text: str, reason: str) -> None:
    await side.operator.send("hi")
    async with side.bot() as bot:
        with pytest.raises(TelegramBadRequest, match=reason):
            await bot.send_message(side.operator.id, text)


async def test_the_longest_text_passes_and_marks_do_not_count(side: Side) -> None:
    await side.operator.send("hi")
    async with side.bot(parse_mode="HTML") as bot:
        sent = await bot.send_message(side.operator.id, f"<b>{'😀' * 2048}</b>")
    assert sent.entities[0].length == 4096


@pytest.mark.parametrize(
    ("button", "reason"),
    [
        ({"callback_data": "x" * 65}, "BUTTON_DATA_INVALID"),
        ({"callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({"url": "not a url"}, "wrong HTTP URL"),
        ({"copy_text": CopyTextButton(text="x" * 257)}, "BUTTON_COPY_TEXT_INVALID"),
        ({"callback_data": "x", "style": "loud"}, "invalid button style"),
        ({}, "text buttons are unallowed in the inline keyboard"),
    ],
)
async def test_bad_buttons_are_refused(side: Side, button: dict, reason: str) -> None:
    await side.operator.send("hi")
    async with side.bot() as bot:
        with pytest.raises(TelegramBadRequest, match=reason):
            await bot.send_message(side.operator.id, "x", reply_markup=keyboard(**button))


async def test_good_buttons_come_back_as_they_were(side: Side) -> None:
    await side.operator.send("hi")
    rows = [
        [InlineKeyboardButton(text="A", callback_data="x" * 64, style="danger")],
        [InlineKeyboardButton(text="B", url="https://example.com/?a=b")],
        [InlineKeyboardButton(text="C", copy_text=CopyTextButton(text="take this"))],
    ]
    markup = InlineKeyboardMarkup(inline_keyboard=rows)
    async with side.bot() as bot:
        sent = await bot.send_message(side.operator.id, "x", reply_markup=markup)
    assert sent.reply_markup.model_dump() == markup.model_dump()


async def test_keyboards_have_sizes(side: Side) -> None:
    await side.operator.send("hi")
    button = InlineKeyboardButton(text="x", callback_data="x")
    async with side.bot() as bot:
        for rows in ([[button] * 9], [[button] * 8] * 13):
            markup = InlineKeyboardMarkup(inline_keyboard=rows)
            with pytest.raises(TelegramBadRequest, match="reply markup is too long"):
                await bot.send_message(side.operator.id, "x", reply_markup=markup)


async def test_reply_keyboards_and_forced_replies_are_taken(side: Side) -> None:
    await side.operator.send("hi")
    board = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="Yes")]], resize_keyboard=True)
    async with side.bot() as bot:
        sent = await bot.send_message(side.operator.id, "Sure?", reply_markup=board)
        assert sent.reply_markup is None
        assert side.operator.chat.keyboard["keyboard"] == [[{"text": "Yes"}]]
        await bot.send_message(side.operator.id, "Name?", reply_markup=ForceReply())
        with pytest.raises(TelegramBadRequest, match="inline keyboard expected"):
            await bot(EditWithAnything(text="x", **whose(sent), reply_markup=board))


def whose(message: object) -> dict[str, int]:
    return {"chat_id": message.chat.id, "message_id": message.message_id}


async def test_edits_are_refused_as_telegram_refuses_them(side: Side) -> None:
    heard = await side.operator.send("hi")
    async with side.bot() as bot:
        sent = await bot.send_message(
            side.operator.id, "one", reply_markup=keyboard(callback_data="x")
        )
        for text, target, reason in (
            ("one", whose(sent), "message is not modified: specified new message content and"),
            ("two", whose(sent) | {"message_id": 9999}, "message to edit not found"),
            ("two", whose(sent) | {"message_id": heard}, "message can't be edited"),
            ("x" * 4097, whose(sent), "MESSAGE_TOO_LONG"),
        ):
            with pytest.raises(TelegramBadRequest, match=reason):
                await bot.edit_message_text(
                    text, **target, reply_markup=keyboard(callback_data="x")
                )
        with pytest.raises(TelegramBadRequest, match="no caption in the message to edit"):
            await bot.edit_message_caption(caption="x", **whose(sent))
        edited = await bot.edit_message_text("two", **whose(sent))
        assert (edited.text, edited.reply_markup) == ("two", None)
        assert edited.edit_date


async def test_a_changed_keyboard_alone_is_no_edit_of_the_text(side: Side) -> None:
    await side.operator.send("hi")
    async with side.bot() as bot:
        sent = await bot.send_message(side.operator.id, "one")
        markup = keyboard(callback_data="y")
        edited = await bot.edit_message_reply_markup(**whose(sent), reply_markup=markup)
        assert edited.reply_markup.model_dump() == markup.model_dump()
        assert edited.edit_date is None
        with pytest.raises(TelegramBadRequest, match="message is not modified"):
            await bot.edit_message_reply_markup(**whose(sent), reply_markup=markup)


async def test_replies_name_a_message_that_is_there(side: Side) -> None:
    heard = await side.operator.send("how are you?")
    async with side.bot() as bot:
        answer = await bot.send_message(
            side.operator.id,
            "fine",
            reply_parameters=ReplyParameters(message_id=heard, quote="how"),
        )
        assert answer.reply_to_message.text == "how are you?"
        assert answer.quote.text == "how"
        with pytest.raises(TelegramBadRequest, match="message to be replied not found"):
            await bot.send_message(side.operator.id, "x", reply_to_message_id=999)
        loose = ReplyParameters(message_id=999, allow_sending_without_reply=True)
        alone = await bot.send_message(side.operator.id, "x", reply_parameters=loose)
        assert alone.reply_to_message is None


async def test_deleted_messages_are_gone_and_their_buttons_inaccessible(side: Side) -> None:
    await side.operator.send("hi")
    async with side.bot() as bot:
        sent = await bot.send_message(
            side.operator.id, "x", reply_markup=keyboard(callback_data="y")
        )
        await bot.pin_chat_message(**whose(sent))
        assert (await bot.get_chat(side.operator.id)).pinned_message.message_id == sent.message_id
        assert await sent.as_(bot).delete()
        with pytest.raises(TelegramBadRequest, match="message to delete not found"):
            await sent.as_(bot).delete()
        assert await bot.delete_messages(side.operator.id, [sent.message_id, 1])
        assert not side.operator.messages
        await side.operator.press(sent.message_id, "y")
        query = (await bot.get_updates())[-1].callback_query
        assert (query.data, query.message.date) == ("y", 0)


async def test_a_callback_query_is_answered_once_and_in_time(side: Side) -> None:
    await side.operator.send("hi")
    async with side.bot() as bot:
        sent = await bot.send_message(
            side.operator.id, "x", reply_markup=keyboard(callback_data="y")
        )
        pressed = await side.operator.press(sent.message_id, "Go")
        assert await bot.answer_callback_query(pressed.id, text="ok")
        assert (await side.operator.answered(pressed)).text == "ok"
        with pytest.raises(TelegramBadRequest, match=TOO_OLD):
            await bot.answer_callback_query(pressed.id)
        late = await side.operator.press(sent.message_id, "Go")
        side.door.limits.callback_seconds = 0
        with pytest.raises(TelegramBadRequest, match=TOO_OLD):
            await bot.answer_callback_query(late.id)
        assert not late.answered


async def test_the_menu_follows_scope_and_language(side: Side) -> None:
    async with side.bot() as bot:
        for command, options in (
            ("general", {}),
            ("putong", {"language_code": "zh"}),
            ("mine", {"scope": BotCommandScopeChat(chat_id=side.operator.id)}),
        ):
            commands = [BotCommand(command=command, description="does it")]
            await bot.set_my_commands(commands, **options)
        assert (await bot.get_my_commands(language_code="zh"))[0].command == "putong"

        def shown(human: object) -> list[str]:
            return [each["command"] for each in human.state()["commands"]]

        assert shown(side.operator) == ["mine"]
        assert shown(side.stranger) == ["general"]
        side.stranger.speak("zh-hans")
        assert shown(side.stranger) == ["putong"]
        await bot.delete_my_commands(language_code="zh")
        assert shown(side.stranger) == ["general"]
        with pytest.raises(TelegramBadRequest, match="BOT_COMMAND_INVALID"):
            await bot.set_my_commands([BotCommand(command="New", description="x")])


async def test_small_methods_answer_in_shapes_that_aiogram_reads(side: Side) -> None:
    await side.operator.send("hi")
    async with side.bot() as bot:
        assert (await bot.get_me()).username == "telecrew_bot"
        assert await bot.set_my_name("Crew")
        assert (await bot.get_my_name()).name == "Crew"
        assert await bot.set_my_description("Collects")
        assert (await bot.get_my_description()).description == "Collects"
        assert (await bot.get_my_short_description()).short_description == ""
        assert await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
        assert (await bot.get_chat_menu_button()).type == "commands"
        assert await bot.send_chat_action(side.operator.id, "typing")
        assert (await bot.get_chat(side.operator.id)).first_name == "Olivia"
        assert (await bot.get_user_profile_photos(side.operator.id)).total_count == 0
        assert await bot.log_out()
        with pytest.raises(TelegramBadRequest, match="wrong parameter action"):
            await bot.send_chat_action(side.operator.id, "dancing")
        with pytest.raises(TelegramNotFound):
            await bot.send_dice(side.operator.id)
