"""A Bot API on a real port, and the gateway before it that now and then answers by itself."""

import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from sandbox.bot_api import BotApiDoor
from sandbox.counters import Counters
from sandbox.seed import small_world


class Gateway:
    """What stands before the Bot API: answers `broken` many calls of a method with its own page."""

    def __init__(self) -> None:
        self.broken: Counter[str] = Counter()
        self.turned_away: list[tuple[str, float]] = []

    def middleware(self) -> Any:
        @web.middleware
        async def pass_on(request: web.Request, handler: Any) -> web.StreamResponse:
            method = request.path.rsplit("/", 1)[-1]
            if self.broken[method] <= 0:
                return await handler(request)
            self.broken[method] -= 1
            self.turned_away.append((method, time.monotonic()))
            page = "<html><h1>502 Bad Gateway</h1></html>"
            return web.Response(text=page, status=502, content_type="text/html")

        return pass_on

    def times(self, method: str) -> list[float]:
        """When calls of a method got the page."""
        return [at for name, at in self.turned_away if name == method]


@asynccontextmanager
async def bot_api() -> AsyncIterator[tuple[BotApiDoor, str, Gateway]]:
    """A Bot API door, its address, and the gateway before it."""
    door = BotApiDoor(small_world(chats={"harbour_news": 500}), Counters())
    gateway = Gateway()
    app = web.Application(middlewares=[gateway.middleware()])
    door.add_routes(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield door, f"http://127.0.0.1:{runner.addresses[0][1]}", gateway
    finally:
        await runner.cleanup()
