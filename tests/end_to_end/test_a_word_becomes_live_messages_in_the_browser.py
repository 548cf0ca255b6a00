"""From a word to live messages by clicks in the chat page: groups are found, ticked, joined, read
and listened to; and once more by itself, on a schedule, by rules.

The pictures that it takes stand in the documents; `TELECREW_PICTURES` names a folder to keep them.
"""

import re
from pathlib import Path

import pytest
from browser_side import browser, chat_page
from demo_side import Chat, Demo, card, demo, picture
from playwright.async_api import Locator, expect

TICKED = ("Bitcoin Lounge", "币币交流群", "以太坊中文社区")
TRAFFIC = "20"
ALL_OF_IT = "All of it"
AUTOMATIC = "Balance automatically"


@pytest.mark.timeout(240)
async def test_what_is_ticked_is_joined_read_and_heard_and_rules_do_it_on_a_schedule(
    pictures: Path,
) -> None:
    async with demo("--traffic", TRAFFIC) as running, browser() as chromium:
        async with chat_page(chromium, running.url) as page:
            chat = Chat(page)
            review = await look_for(chat, "bitcoin\n币")
            await chat.press("Start", within=review)
            ticked = card(page, 1)
            await tick(chat, ticked, pictures)
            await lives(ticked)
            await picture(page, pictures / "pipeline.png")

            await by_rules_on_a_schedule(chat, await look_for(chat, "python"))
            ruled = card(page, 2)
            await lives(ruled)
            assert "waits for your choice" not in await ruled.inner_text()
            await hears_more(ticked)
            await hears_more(ruled)
            await page.locator("[data-language=zh]").click()
            await chat.say("/tasks")
            await shows(ruled, "监听中")
            await ruled.scroll_into_view_if_needed()
            await picture(page, pictures / "pipeline-zh.png")
        await joins_were_few(running)


async def look_for(chat: Chat, words: str) -> Locator:
    """`/newtask`, all steps, these words, whoever is free; the review."""
    await chat.say("/newtask")
    await chat.press(ALL_OF_IT, within=await chat.see(ALL_OF_IT))
    await chat.see("Words to search for")
    await chat.say(words)
    review = await chat.see("Account")
    await chat.press("Account", within=review)
    await chat.press(AUTOMATIC, within=await chat.see("Who shall do it?"))
    return await chat.see(AUTOMATIC)


async def tick(chat: Chat, asking: Locator, pictures: Path) -> None:
    """Choose some of what was found, and confirm."""
    await shows(asking, "Choose groups")
    await chat.press("Choose groups", within=asking)
    listing = await chat.see("0 ticked")
    for count, title in enumerate(TICKED, start=1):
        await chat.press(f" {title[:16]}", within=listing)
        listing = await chat.see(f"{count} ticked")
    await picture(chat.page, pictures / "found-groups.png")
    await chat.press(f"Join and collect ({len(TICKED)})", within=listing)
    await chat.press(f"Yes, join {len(TICKED)}", within=await chat.see("Yes, join"))


async def by_rules_on_a_schedule(chat: Chat, review: Locator) -> None:
    """Nobody is asked; the schedule starts it."""
    await chat.press("Joining", within=review)
    await chat.press("Join those that fit the rules", within=await chat.see("I tick them"))
    await chat.press("≥ 1,000", within=await chat.see("✓ Any size"))
    await chat.press("Back", within=await chat.see("✓ ≥ 1,000"))
    await chat.press("When", within=await chat.see(AUTOMATIC))
    await chat.see("Or type")
    await chat.say("30m")
    await chat.press("Start", within=await chat.see("Every 30 minutes"))


async def lives(running: Locator) -> None:
    """Everything was joined and read, and news come in."""
    await shows(running, "Listening")
    await shows(running, re.compile(r"(\d+) of \1 chats live"))
    await shows(running, re.compile(r"about [\d,]+ new"))


async def hears_more(running: Locator) -> None:
    """What it heard grows."""
    before = heard(await running.inner_text())

    async def grown() -> bool:
        return heard(await running.inner_text()) > before

    for _ in range(60):
        if await grown():
            return
        await running.page.wait_for_timeout(500)
    raise AssertionError(f"still {before} new")


def heard(text: str) -> int:
    """How many new messages a card tells of."""
    found = re.search(r"about ([\d,]+) new", text)
    return 0 if found is None else int(found[1].replace(",", ""))


async def shows(running: Locator, text: str | re.Pattern[str], *, seconds: float = 60) -> None:
    """Wait until a card says this."""
    await expect(running).to_contain_text(text, timeout=seconds * 1000)


async def joins_were_few(running: Demo) -> None:
    """Each chat was joined by one account, by the sandbox's own counts."""
    calls = await running.control("calls?method=channels.joinChannel")
    joined = [call["chat_id"] for call in calls if call["error"] is None]
    assert len(joined) == len(set(joined)) >= len(TICKED)
    summary = await running.control("counters")
    assert summary["key_violations"] == []
