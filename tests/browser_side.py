"""A headless browser for tests that look at the chat page."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, async_playwright

ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DESKTOP = {"width": 1180, "height": 820}
PHONE = {"width": 375, "height": 720}


def chromium_path() -> str | None:
    """Where the system has one; None leaves it to playwright's own."""
    named = os.environ.get("CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("google-chrome")


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium_path(), args=ARGS)
        try:
            yield running
        finally:
            await running.close()


@asynccontextmanager
async def chat_page(running: Browser, url: str, **options: object) -> AsyncIterator[Page]:
    """The page, open, in a profile of its own; any error in its console fails the test."""
    settings = {"viewport": DESKTOP, "locale": "en-GB", "accept_downloads": True} | options
    context = await running.new_context(**settings)
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: line.type == "error" and errors.append(line.text))
    try:
        await page.goto(url)
        yield page
        assert errors == []
    finally:
        await context.close()
