"""`telecrew demo` as a process, the chat page in a browser, and what the sandbox counted."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Locator, Page
from playwright.async_api import TimeoutError as NotSeen

START_SECONDS = 90


@dataclass
class Demo:
    """A running demo; `url` is its chat page."""

    process: asyncio.subprocess.Process
    url: str
    lines: list[str]

    async def control(self, path: str) -> Any:
        """What the sandbox's control routes answer."""
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{self.url}control/{path}") as response,
        ):
            assert response.status == 200, await response.text()
            return await response.json()

    async def fault(self, kind: str, **arguments: object) -> None:
        """Let something go wrong in the sandbox."""
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{self.url}control/faults/{kind}", json=arguments) as response,
        ):
            assert response.status == 200, await response.text()

    async def no_faults(self) -> None:
        """Let everything go right again."""
        async with (
            aiohttp.ClientSession() as http,
            http.delete(f"{self.url}control/faults") as response,
        ):
            assert response.status == 200, await response.text()


@asynccontextmanager
async def demo(*words: str, **environment: str) -> AsyncIterator[Demo]:
    """`telecrew demo`, with nothing configured but what is given here; ended by Ctrl-C."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "app.cli",
        "demo",
        "--traffic",
        "0",
        *words,
        env=kept | environment,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        lines: list[str] = []
        async with asyncio.timeout(START_SECONDS):
            url = await _chat_page(process, lines)
        yield Demo(process=process, url=url, lines=lines)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        rest, _ = await asyncio.wait_for(process.communicate(), 40)
        lines.extend(rest.decode().splitlines())


async def _chat_page(process: asyncio.subprocess.Process, lines: list[str]) -> str:
    assert process.stdout is not None
    while line := (await process.stdout.readline()).decode():
        lines.append(line.rstrip())
        if found := re.search(r"Chat page: (http://\S+/)", line):
            return found[1]
    raise AssertionError(f"the demo ended: {lines}")


class Chat:
    """A person in front of the chat page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def say(self, text: str) -> None:
        box = self.page.locator("textarea")
        await box.fill(text)
        await box.press("Enter")

    def last(self) -> Locator:
        """The newest message."""
        return self.page.locator("[data-message-id]").last

    async def see(self, text: str, *, timeout: float = 15) -> Locator:
        """Wait until the newest message has this text."""
        found = self.last().filter(has_text=text)
        try:
            await found.wait_for(timeout=timeout * 1000)
        except NotSeen:
            shown = await self.page.locator("[data-message-id]").all_inner_texts()
            raise AssertionError(f"no {text!r} at the end of: {shown[-3:]}") from None
        return found

    async def press(self, text: str, *, within: Locator | None = None) -> None:
        place = self.last() if within is None else within
        await place.locator("[data-button]").filter(has_text=text).first.click()


def card(page: Page, number: int) -> Locator:
    """The card of a task's run."""
    cards = page.locator("[data-message-id]").filter(
        has_text=re.compile(rf"(Task|任务) #{number} ·")
    )
    return cards.first


async def picture(page: Page, path: Path) -> None:
    """A screenshot, for the documents."""
    await page.screenshot(path=path, animations="disabled")
