"""A webhook gets every update with its secret, in order for a person, until it says 200."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiogram import Dispatcher
from aiogram.exceptions import TelegramBadRequest, TelegramConflictError
from aiogram.types import Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web
from bot_api_side import Side
from waiting import wait_until

SECRET = "only_telegram_knows"


@dataclass
class Receiver:
    url: str = ""
    failures: int = 0
    texts: list[str] = field(default_factory=list)
    secrets: set[str | None] = field(default_factory=set)

    async def take(self, request: web.Request) -> web.Response:
        if self.failures:
            self.failures -= 1
            raise web.HTTPInternalServerError
        update = await request.json()
        self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.texts.append(update["message"]["text"])
        return web.Response()


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    taking, app = Receiver(), web.Application()
    app.router.add_post("/hook", taking.take)
    async with served(app) as url:
        taking.url = url
        yield taking


async def test_updates_come_in_order_with_the_secret(side: Side) -> None:
    async with side.bot() as bot, receiver() as hook:
        await bot.set_webhook(hook.url, secret_token=SECRET)
        for number in range(50):
            await side.operator.send(str(number))
        await wait_until(lambda: len(hook.texts) == 50)
        assert hook.texts == [str(number) for number in range(50)]
        assert hook.secrets == {SECRET}
        info = await bot.get_webhook_info()
        assert (info.url, info.pending_update_count) == (hook.url, 0)


async def test_what_was_not_taken_comes_again(side: Side) -> None:
    side.door.limits.webhook_retry = 0.02
    async with side.bot() as bot, receiver() as hook:
        hook.failures = 3
        await bot.set_webhook(hook.url)
        await side.operator.send("at last")
        await wait_until(lambda: hook.texts == ["at last"])
        assert hook.secrets == {None}
        info = await bot.get_webhook_info()
        expected = "Wrong response from the webhook: 500 Internal Server Error"
        assert info.last_error_message == expected


async def test_polling_and_webhook_exclude_each_other(side: Side) -> None:
    async with side.bot() as bot:
        await bot.set_webhook("http://127.0.0.1:9/hook")
        with pytest.raises(TelegramConflictError, match="webhook is active"):
            await bot.get_updates()
        await side.operator.send("kept for the poller")
        await wait_until(lambda: side.door.bot.webhook.info()["pending_update_count"])
        await bot.delete_webhook()
        assert [u.message.text for u in await bot.get_updates()] == ["kept for the poller"]
        await bot.set_webhook("http://127.0.0.1:9/hook", drop_pending_updates=True)
        await bot.delete_webhook()
        assert await bot.get_updates() == []


async def test_bad_webhooks_are_refused(side: Side) -> None:
    async with side.bot() as bot:
        with pytest.raises(TelegramBadRequest, match="HTTPS URL must be provided"):
            await bot.set_webhook("ftp://example.com")
        with pytest.raises(TelegramBadRequest, match="unallowed characters"):
            await bot.set_webhook("https://example.com/", secret_token="has space")


@pytest.mark.parametrize("background", [True, False])
async def test_an_unmodified_aiogram_webhook_answers(side: Side, *, background: bool) -> None:
    dispatcher, app = Dispatcher(), web.Application()

    @dispatcher.message()
    async def echo(message: Message) -> object:
        reply = message.answer(f"heard {message.text}")
        return await reply if background else reply

    async with side.bot() as bot, asyncio.timeout(20):
        handler = SimpleRequestHandler(
            dispatcher, bot, handle_in_background=background, secret_token=SECRET
        )
        handler.register(app, "/hook")
        async with served(app) as url:
            await bot.set_webhook(url, secret_token=SECRET)
            await side.operator.send("you")
            await side.operator.wait_for_message(lambda seen: seen.text == "heard you")
            await bot.delete_webhook()
