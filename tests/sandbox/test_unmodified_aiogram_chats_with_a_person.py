"""An unmodified aiogram bot polls the sandbox, hears a person and is heard."""

from aiogram import Dispatcher, F
from aiogram.filters import CommandStart
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from bot_api_side import Side, polling


def greeter() -> Dispatcher:
    dispatcher = Dispatcher()
    more = InlineKeyboardButton(text="More", callback_data="more")

    @dispatcher.message(CommandStart())
    async def start(message: Message) -> None:
        keyboard = InlineKeyboardMarkup(inline_keyboard=[[more]])
        await message.answer(f"Hello, {message.from_user.first_name}", reply_markup=keyboard)

    @dispatcher.callback_query(F.data == "more")
    async def press(query: CallbackQuery) -> None:
        await query.message.edit_text("There is more")
        await query.answer("Done", show_alert=True)

    return dispatcher


async def test_a_person_says_start_and_reads_the_answer(side: Side) -> None:
    async with side.bot() as bot, polling(bot, greeter()):
        await side.operator.send("/start")
        hello = await side.operator.wait_for_message(lambda seen: seen.text == "Hello, Olivia")
        assert hello.buttons == [["More"]]
        assert [seen.text for seen in side.operator.messages] == ["/start", "Hello, Olivia"]
        assert not side.stranger.messages


async def test_a_press_edits_the_message_and_shows_an_alert(side: Side) -> None:
    async with side.bot() as bot, polling(bot, greeter()):
        await side.operator.send("/start")
        hello = await side.operator.wait_for_message(lambda seen: seen.buttons)
        query = await side.operator.answered(await side.operator.press(hello.id, "More"))
        assert (query.text, query.alert) == ("Done", True)
        now = side.operator.message(hello.id)
        assert (now.text, now.buttons, now.edited) == ("There is more", [], True)


async def test_the_server_counts_what_the_bot_called(side: Side) -> None:
    async with side.bot() as bot, polling(bot, greeter()):
        await side.operator.send("/start")
        await side.operator.wait_for_message(lambda seen: seen.buttons)
    assert {"deleteWebhook", "getMe", "getUpdates", "sendMessage"} >= set(side.counters.bot_totals)
    assert side.counters.bot_totals["sendMessage"] == 1
    sent = [call for call in side.counters.bot_calls if call.method == "sendMessage"]
    assert [(call.chat_id, call.error) for call in sent] == [(side.operator.id, None)]
