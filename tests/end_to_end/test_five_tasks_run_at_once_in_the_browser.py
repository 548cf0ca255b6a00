"""Four history tasks on two accounts and an automatic one, made by clicks in the chat page.

The pictures that it takes stand in the README; `TELECREW_PICTURES` names a folder to keep them.
"""

from pathlib import Path

import pytest
from browser_side import PHONE, browser, chat_page
from demo_side import Chat, Demo, card, demo, picture

PACE = "history=20/1,resolve=2/1/0,info=5/1"
LIMIT = "10000"
TASKS = (
    ("@python_talk", "Ada One", 12_000),
    ("@world_news_now", "博文 二", 8_000),
    ("@biquan_daily", "Ada One", 10_000),
    ("@jishu_jiaoliu", "博文 二", 10_000),
    ("@crypto_daily", "Balance automatically", 10_000),
)
"""Source, account, and how many messages; the chats above 12,000 are read to `LIMIT`."""
WHOLE = ("@python_talk", "@world_news_now")
PAGE_SECONDS = 3.0
"""What a page takes until all five run, so that none is done before the last one is begun."""

TOGETHER = 10
"""Pages that each task reads while all the others do, at least."""


@pytest.mark.timeout(300)
async def test_five_tasks_made_by_clicks_run_at_once_and_end_with_the_right_count(
    pictures: Path,
) -> None:
    async with demo(PACE=PACE) as running, browser() as chromium:
        async with chat_page(chromium, running.url) as page:
            chat = Chat(page)
            await running.fault("delay", seconds=PAGE_SECONDS, method="messages.getHistory")
            await chat.say("/start")
            await chat.see("Accounts ready: 3 of 4")
            for source, account, _ in TASKS:
                await make(chat, source, account)
            for number in (4, 5):
                await card(page, number).filter(has_text="a second").wait_for(timeout=60_000)
            await picture(page, pictures / "chat-light.png")
            await running.no_faults()
            for number, (_, _, size) in enumerate(TASKS, start=1):
                await card(page, number).filter(has_text=f"{size:,}").wait_for(timeout=120_000)
                await card(page, number).filter(has_text="Done").wait_for(timeout=120_000)
            await chat.say("/accounts")
            await chat.see("Ada One")
            await look_in_other_clothes(chat, pictures)
        await at_the_same_time(running)
        async with chat_page(chromium, running.url, viewport=PHONE) as page:
            await page.locator("[data-message-id]").last.wait_for()
            await picture(page, pictures / "chat-phone.png")


async def make(chat: Chat, source: str, account: str) -> None:
    """`/newtask @name`, another account, Start: what a person clicks."""
    await chat.say(f"/newtask {source}")
    review = await chat.see("messages")
    if source not in WHOLE:
        await chat.press("What to read", within=review)
        await chat.see("Or type a number")
        await chat.say(LIMIT)
        review = await chat.see(f"Newest {int(LIMIT):,}")
    await chat.press("Account", within=review)
    choices = await chat.see("Who shall do it?")
    await chat.press(account, within=choices)
    review = await chat.see(account if account.startswith("Bal") else f"{account} (#")
    await chat.press("Start", within=review)
    await chat.see("Running", timeout=60)


async def look_in_other_clothes(chat: Chat, pictures: Path) -> None:
    page = chat.page
    await page.locator("[data-theme-choice=dark]").click()
    await picture(page, pictures / "chat-dark.png")
    await page.locator("[data-theme-choice=light]").click()
    await page.locator("[data-language=zh]").click()
    await chat.say("/newtask @jishu_jiaoliu @dushu_club")
    await chat.see("技术交流群")
    await picture(page, pictures / "chat-zh.png")


async def at_the_same_time(running: Demo) -> None:
    """By the sandbox's own counts: from the last one's first page to the first one's last page,
    each of them read on.
    """
    names = {chat["id"]: chat["username"] for chat in (await running.control("world"))["chats"]}
    pages: dict[str, list[float]] = {source.removeprefix("@"): [] for source, _, _ in TASKS}
    for call in await running.control("calls?method=messages.getHistory"):
        if call["items"] > 1:
            pages[names[call["chat_id"]]].append(call["received_at"])
    start = max(min(times) for times in pages.values())
    end = min(max(times) for times in pages.values())
    together = {name: sum(start <= at <= end for at in times) for name, times in pages.items()}
    assert min(together.values()) >= TOGETHER, together
    summary = await running.control("counters")
    assert summary["most_accounts_in_flight"] == 3
    assert summary["violations"] == 0
    assert summary["key_violations"] == []
