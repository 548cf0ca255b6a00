"""A door on a real port with unmodified aiogram in front of it, for the tests of this folder."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import (
    AnswerCallbackQuery,
    EditMessageText,
    GetMe,
    GetUpdates,
    Response,
    SendMessage,
)
from aiohttp import web

from sandbox.bot_api import BotApiDoor
from sandbox.bot_api.person import Human
from sandbox.counters import Counters
from sandbox.seed import small_world

ANSWERS = [
    Response[method.__returning__]
    for method in (AnswerCallbackQuery, EditMessageText, GetMe, GetUpdates, SendMessage)
]
"""Held: pydantic drops a type that nobody holds, and aiogram would make it anew for a call."""


@dataclass(frozen=True, kw_only=True)
class Side:
    door: BotApiDoor
    url: str
    counters: Counters

    @property
    def token(self) -> str:
        return self.door.world.control_bot.token

    @property
    def operator(self) -> Human:
        return self.door.person(self.door.world.operator.id)

    @property
    def stranger(self) -> Human:
        return self.door.person(self.door.world.stranger.id)

    @asynccontextmanager
    async def bot(self, token: str = "", **defaults: str) -> AsyncIterator[Bot]:
        session = AiohttpSession(api=TelegramAPIServer.from_base(self.url))
        bot = Bot(token or self.token, session, DefaultBotProperties(**defaults))
        try:
            yield bot
        finally:
            await session.close()


@asynccontextmanager
async def bot_api_side() -> AsyncIterator[Side]:
    counters = Counters()
    world = small_world(chats={"harbour_news": 500, "crypto_talk_zh": 800})
    door = BotApiDoor(world, counters)
    app = web.Application()
    door.add_routes(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield Side(door=door, url=f"http://127.0.0.1:{port}", counters=counters)
    finally:
        await runner.cleanup()


@asynccontextmanager
async def polling(bot: Bot, dispatcher: Dispatcher) -> AsyncIterator[None]:
    """The dispatcher at work, stopped as its library means it to be."""
    async with asyncio.TaskGroup() as group:
        runner = group.create_task(
            dispatcher.start_polling(
                bot, handle_signals=False, close_bot_session=False, polling_timeout=5
            )
        )
        try:
            yield
        finally:
            await dispatcher.stop_polling()
            await runner
