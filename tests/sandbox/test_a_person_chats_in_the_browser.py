"""The chat page in a real browser, with a small unmodified aiogram bot behind it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiogram import Bot, Dispatcher, F
from aiogram.filters import Command, CommandStart
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    CallbackQuery,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    Message,
    ReplyKeyboardMarkup,
)
from bot_api_side import Side, bot_api_side, polling
from browser_side import PHONE, browser, chat_page
from playwright.async_api import Browser, Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="module")

RICH = (
    '<b>bold</b> <tg-spoiler>secret</tg-spoiler> <a href="https://example.com/">link</a>'
    "<blockquote expandable>1\n2\n3\n4\n5</blockquote>"
    '<pre><code class="language-python">x = 1</code></pre>'
)
HOSTILE = '<img src=x onerror="document.title=`owned`">'

IN_FRONT = """(toast) => {
  toast.parentElement.style.pointerEvents = "auto";
  const { x, y, width, height } = toast.getBoundingClientRect();
  return document.elementFromPoint(x + width / 2, y + height / 2) === toast;
}"""


def button(text: str, data: str, **more: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=text, callback_data=data, **more)


def rows(*buttons: InlineKeyboardButton) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[list(buttons)])


def small_bot() -> Dispatcher:
    dispatcher = Dispatcher()

    @dispatcher.message(CommandStart())
    async def start(message: Message) -> None:
        chinese = (message.from_user.language_code or "").startswith("zh")
        await message.answer(
            "你好" if chinese else "Hello",
            reply_markup=rows(
                button("Count", "count:0", style="primary"),
                button("Alert", "alert"),
                button("Silent", "silent"),
            ),
        )

    @dispatcher.callback_query(F.data.startswith("count:"))
    async def count(query: CallbackQuery) -> None:
        number = int(query.data.removeprefix("count:")) + 1
        again = rows(button("Count", f"count:{number}"))
        await query.message.edit_text(f"Counted {number}", reply_markup=again)
        await query.answer(f"Now {number}")

    @dispatcher.callback_query(F.data == "alert")
    async def alert(query: CallbackQuery) -> None:
        await query.answer("Look here", show_alert=True)

    @dispatcher.message(Command("file"))
    async def send_file(message: Message) -> None:
        await message.reply_document(
            BufferedInputFile(b"id,text\n" * 200, "导出.csv"), caption="Here"
        )

    @dispatcher.message(Command("rich"))
    async def rich(message: Message) -> None:
        await message.answer(RICH, parse_mode="HTML")

    @dispatcher.message(Command("ask"))
    async def ask(message: Message) -> None:
        yes = KeyboardButton(text="Yes")
        board = ReplyKeyboardMarkup(keyboard=[[yes]], one_time_keyboard=True)
        await message.answer("Sure?", reply_markup=board)
        await message.answer("Name?", reply_markup=ForceReply())

    @dispatcher.message(F.text)
    async def echo(message: Message) -> None:
        await message.bot.send_chat_action(message.chat.id, "typing")
        await message.answer(f"You said: {message.text}")

    return dispatcher


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with browser() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def side() -> AsyncIterator[Side]:
    async with bot_api_side() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def bot(side: Side) -> AsyncIterator[Bot]:
    async with side.bot() as running, polling(running, small_bot()):
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def page(side: Side, bot: Bot, chromium: Browser) -> AsyncIterator[Page]:
    async with chat_page(chromium, side.url) as page:
        page.set_default_timeout(10_000)
        yield page


async def say(page: Page, text: str) -> None:
    await page.fill("[data-input]", text)
    await page.press("[data-input]", "Enter")


def said(page: Page, text: str):
    return page.locator("[data-message-id]", has=page.locator("[data-content]", has_text=text))


async def test_an_empty_chat_says_how_to_begin(page: Page) -> None:
    await expect(page.locator("[data-empty]")).to_contain_text("Press /start to begin")
    await page.click("[data-action=start]")
    await expect(said(page, "Hello")).to_be_visible()
    await expect(page.locator("[data-empty]")).to_be_hidden()


async def test_a_press_edits_and_toasts(side: Side, page: Page) -> None:
    await say(page, "/start")
    await page.click("[data-button=Count]")
    await expect(page.locator("[data-toast]")).to_have_text("Now 1")
    await expect(said(page, "Counted 1").locator("[data-edited]")).to_be_visible()
    await expect(page.locator("[aria-busy=true]")).to_have_count(0)
    await page.click("[data-button=Count]")
    await expect(said(page, "Counted 2")).to_be_visible()


async def test_a_press_spins_until_its_alert_that_waits(side: Side, page: Page) -> None:
    await say(page, "/start")
    side.door.delay_next("answerCallbackQuery", 0.4)
    await page.click("[data-button=Alert]")
    await expect(page.locator("[data-button=Alert]")).to_have_attribute("aria-busy", "true")
    await expect(page.locator("[data-alert]")).to_contain_text("Look here")
    await page.click("[data-alert] button")
    await expect(page.locator("[data-alert]")).to_be_hidden()
    await expect(page.locator("[aria-busy=true]")).to_have_count(0)


async def test_a_press_without_an_answer_is_said_so(side: Side, page: Page) -> None:
    side.door.limits.callback_seconds = 0.3
    await say(page, "/start")
    await page.click("[data-button=Silent]")
    await expect(page.locator("[data-toast=no-answer]")).to_be_visible()
    await expect(page.locator("[aria-busy=true]")).to_have_count(0)


async def test_a_document_is_a_reply_and_downloads(page: Page) -> None:
    await say(page, "/file")
    chip = page.locator("[data-document]")
    await expect(chip).to_contain_text("1.6 kB")
    async with page.expect_download() as waiting:
        await chip.click()
    download = await waiting.value
    assert download.suggested_filename == "导出.csv"
    content = await asyncio.to_thread(Path(await download.path()).read_bytes)
    assert content == b"id,text\n" * 200
    await expect(said(page, "Here").locator("[data-reply-to]")).to_contain_text("/file")


async def test_formatting_is_drawn(page: Page) -> None:
    await say(page, "/rich")
    message = said(page, "bold")
    await expect(message.locator("strong", has_text="bold")).to_be_visible()
    await expect(message.locator("a", has_text="link")).to_have_attribute(
        "href", "https://example.com/"
    )
    await expect(message.locator("pre")).to_have_attribute("data-language", "python")
    await message.locator(".spoiler").click()
    await expect(message.locator(".spoiler")).to_have_class("spoiler shown")
    await expect(message.locator("blockquote")).to_have_class("folded")
    await message.locator("[data-unfold]").click()
    await expect(message.locator("blockquote")).not_to_have_class("folded")


async def test_text_is_never_markup(page: Page) -> None:
    await say(page, HOSTILE)
    await expect(said(page, f"You said: {HOSTILE}")).to_be_visible()
    assert await page.title() == "Telecrew sandbox"
    assert await page.locator("#messages img").count() == 0


async def test_lines_and_replies_are_written(side: Side, page: Page) -> None:
    await page.fill("[data-input]", "one")
    await page.press("[data-input]", "Shift+Enter")
    await page.keyboard.type("two")
    await page.press("[data-input]", "Enter")
    await expect(said(page, "You said: one")).to_be_visible()
    assert side.operator.messages[0].text == "one\ntwo"
    await said(page, "You said: one").hover()
    await said(page, "You said: one").locator("[data-action=reply]").click()
    await expect(page.locator("[data-answering]")).to_contain_text("You said")
    await say(page, "an answer")
    await expect(said(page, "You said: an answer")).to_be_visible()
    assert side.operator.messages[2].reply_to == side.operator.messages[1].id


async def test_the_bots_reply_keyboard_and_forced_reply(side: Side, page: Page) -> None:
    await say(page, "/ask")
    await expect(page.locator("[data-answering]")).to_contain_text("Name?")
    await say(page, "Olivia")
    await expect(said(page, "You said: Olivia")).to_be_visible()
    asked = next(seen for seen in side.operator.messages if seen.text == "Name?")
    answer = next(seen for seen in side.operator.messages if seen.text == "Olivia")
    assert answer.reply_to == asked.id


async def test_commands_are_completed_by_keyboard_in_the_persons_language(
    bot: Bot, page: Page
) -> None:
    for words, code in (({"rich": "All marks", "file": "A file"}, None), ({"rich": "格式"}, "zh")):
        commands = [BotCommand(command=name, description=text) for name, text in words.items()]
        await bot.set_my_commands(commands, language_code=code)
    await page.click("[data-action=commands]")
    await expect(page.locator("[data-command]")).to_have_count(2)
    await page.fill("[data-input]", "/f")
    await expect(page.locator("[data-command]")).to_have_text(["/fileA file"])
    await page.press("[data-input]", "Tab")
    await expect(page.locator("[data-input]")).to_have_value("/file ")
    await page.click("[data-language=zh]")
    await page.fill("[data-input]", "/")
    await expect(page.locator("[data-command]")).to_have_text(["/rich格式"])
    await page.press("[data-input]", "ArrowDown")
    await page.press("[data-input]", "Enter")
    await expect(said(page, "bold")).to_be_visible()


async def test_the_language_is_the_pages_and_the_persons(side: Side, page: Page) -> None:
    await page.click("[data-language=zh]")
    await expect(page.locator("[data-empty]")).to_contain_text("点按 /start 开始")
    await page.click("[data-action=start]")
    await expect(said(page, "你好")).to_be_visible()
    assert side.operator.chat.language == "zh-hans"
    await page.reload()
    await expect(page.locator("[data-status]")).to_have_text("机器人")
    await expect(said(page, "你好")).to_be_visible()


async def test_operator_and_stranger_have_their_own_chats(side: Side, page: Page) -> None:
    await say(page, "/start")
    await expect(said(page, "Hello")).to_be_visible()
    await page.click("[data-person=stranger]")
    await expect(page.locator("[data-empty]")).to_be_visible()
    await say(page, "let me in")
    await expect(said(page, "You said: let me in")).to_be_visible()
    assert side.stranger.messages[0].text == "let me in"
    await page.click("[data-person=operator]")
    await expect(said(page, "Hello")).to_be_visible()
    await expect(said(page, "let me in")).to_have_count(0)


async def test_stopping_the_bot_and_back(side: Side, page: Page) -> None:
    await say(page, "/start")
    await page.click("[data-action=block]")
    await expect(page.locator("[data-input]")).to_be_hidden()
    assert side.operator.chat.blocked
    await page.click("[data-action=unblock]")
    await say(page, "back")
    await expect(said(page, "You said: back")).to_be_visible()


async def test_deleted_and_pinned_messages(side: Side, bot: Bot, page: Page) -> None:
    await say(page, "hi")
    await expect(said(page, "You said: hi")).to_be_visible()
    answer = side.operator.last
    await bot.pin_chat_message(side.operator.id, answer.id)
    await expect(page.locator("[data-pinned]")).to_have_text("You said: hi")
    await bot.delete_message(side.operator.id, answer.id)
    await expect(said(page, "You said: hi")).to_have_count(0)
    await expect(page.locator("[data-pinned]")).to_be_hidden()


async def test_the_page_finds_back_by_itself(side: Side, bot: Bot, page: Page) -> None:
    await say(page, "hi")
    await expect(said(page, "You said: hi")).to_be_visible()
    side.door.bot.feed.close()
    await bot.send_message(side.operator.id, "meanwhile")
    await expect(said(page, "meanwhile")).to_be_visible()


async def test_reading_above_is_not_disturbed(side: Side, bot: Bot, page: Page) -> None:
    side.door.limits.enabled = False
    await say(page, "hi")
    await expect(said(page, "You said: hi")).to_be_visible()
    for number in range(40):
        await bot.send_message(side.operator.id, f"line {number}")
    await expect(said(page, "line 39")).to_be_in_viewport()
    await page.locator("#scroller").evaluate("node => node.scrollTo(0, 0)")
    await expect(page.locator("[data-action=to-bottom]")).to_be_visible()
    await bot.send_message(side.operator.id, "news")
    await expect(page.locator("#unread")).to_have_text("1")
    await expect(said(page, "news")).not_to_be_in_viewport()
    await page.click("[data-action=to-bottom]")
    await expect(said(page, "news")).to_be_in_viewport()


async def test_the_newest_stays_in_view_when_the_page_changes_its_size(
    side: Side, bot: Bot, page: Page
) -> None:
    side.door.limits.enabled = False
    await say(page, "hi")
    await expect(said(page, "You said: hi")).to_be_visible()
    for number in range(30):
        await bot.send_message(side.operator.id, f"line {number}")
    board = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text=f"Row {at}")] for at in range(4)])
    await bot.send_message(side.operator.id, "Choose", reply_markup=board)
    await expect(page.locator("[data-reply-key]")).to_have_count(4)
    await expect(said(page, "Choose")).to_be_in_viewport(ratio=1)
    await page.set_viewport_size({"width": 500, "height": 480})
    await expect(said(page, "Choose")).to_be_in_viewport(ratio=1)
    await page.reload()
    await expect(said(page, "Choose")).to_be_in_viewport(ratio=1)


async def test_older_messages_come_on_request(side: Side, chromium: Browser) -> None:
    for number in range(450):
        await side.operator.send(f"old {number}")
    async with chat_page(chromium, side.url) as page:
        shown = page.locator("[data-message-id]")
        for count in (200, 400, 450):
            await expect(shown).to_have_count(count)
            if count < 450:
                await page.click("#earlier")
        await expect(shown.first).to_contain_text("old 0")
        await expect(page.locator("#earlier")).to_be_hidden()


async def test_dark_follows_the_system_and_the_switch(
    side: Side, bot: Bot, chromium: Browser
) -> None:
    async with chat_page(chromium, side.url, color_scheme="dark") as page:

        async def brightness(bound: str) -> None:
            shown = "getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]"
            await page.wait_for_function(f"Number({shown}) {bound}")

        await brightness("< 60")
        await page.click("[data-theme-choice=light]")
        await brightness("> 200")
        await page.reload()
        await brightness("> 200")
        await page.click("[data-theme-choice=dark]")
        await brightness("< 60")


async def test_it_fits_a_phone(side: Side, bot: Bot, chromium: Browser) -> None:
    async with chat_page(
        chromium, side.url, viewport=PHONE, has_touch=True, is_mobile=True
    ) as page:
        await page.tap("[data-action=start]")
        await expect(said(page, "Hello")).to_be_in_viewport()
        await say(page, "/rich")
        await expect(said(page, "bold")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        box = await page.locator("[data-button=Count]").bounding_box()
        assert box["height"] >= 44
        await page.tap("#panel-open")
        await expect(page.locator("[data-chat=harbour_news]")).to_be_in_viewport()
        await page.tap("[data-chat=harbour_news]")
        assert await page.locator("[data-toast]").evaluate(IN_FRONT)
        await page.tap("[data-person=stranger]")
        await expect(page.locator("[data-empty]")).to_be_in_viewport()


async def test_a_chats_name_is_copied(side: Side, bot: Bot, chromium: Browser) -> None:
    allowed = ["clipboard-read", "clipboard-write"]
    async with chat_page(chromium, side.url, permissions=allowed) as page:
        await page.click("[data-chat=harbour_news]")
        await expect(page.locator("[data-toast]")).to_have_text("Copied @harbour_news")
        assert await page.evaluate("navigator.clipboard.readText()") == "@harbour_news"
