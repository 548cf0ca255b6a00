"""Delivery of updates to the bot's own server: in order for a person, tried until taken."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import aiohttp

from sandbox.bot_api.errors import ApiError
from sandbox.bot_api.limits import Limits
from sandbox.bot_api.params import Params, read_reply
from sandbox.bot_api.posts import Json
from sandbox.bot_api.updates import Update, UpdateQueue

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105
TIMEOUT = aiohttp.ClientTimeout(total=60)
SLOWEST_RETRY = 60.0

Call = Callable[[str, Params], Awaitable[Any]]


class Receiver(Protocol):
    updates: UpdateQueue
    limits: Limits


class Webhook:
    def __init__(self, bot: Receiver) -> None:
        self._bot = bot
        self._delivery: asyncio.Task[None] | None = None
        self._lines: dict[int, asyncio.Lock] = {}
        self._in_flight = 0
        self._error: tuple[int, str] | None = None
        self._connections = 40
        self._secret = ""
        self.url = ""
        self.arrangement: tuple[str, str, int] | None = None
        self.untaken: list[Update] = []
        self.on_reply: Call | None = None

    def info(self) -> Json:
        info: Json = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._bot.updates) + self._in_flight,
        }
        if self.url:
            info |= {"max_connections": self._connections, "ip_address": "127.0.0.1"}
        if self._bot.updates.allowed:
            info["allowed_updates"] = self._bot.updates.allowed
        if self._error and self.url:
            info |= {"last_error_date": self._error[0], "last_error_message": self._error[1]}
        return info

    async def start(self, url: str, secret: str, connections: int) -> None:
        await self.stop()
        self.url, self._secret, self._connections = url, secret, connections
        self.arrangement = url, secret, connections
        self._delivery = asyncio.create_task(  # noqa: TID251 - the bot's own, ended by stop()
            self._deliver(), name=f"webhook {url}"
        )

    async def stop(self) -> None:
        """Undelivered updates stay in the queue, in their order."""
        self.arrangement = None
        await self.suspend()

    async def suspend(self) -> None:
        """The same, and it is to go on after a restart."""
        self.url, self._error = "", None
        delivery, self._delivery = self._delivery, None
        if delivery is not None and delivery is not asyncio.current_task():
            delivery.cancel()
            await asyncio.wait([delivery])

    async def _deliver(self) -> None:
        gate = asyncio.Semaphore(self._connections)
        waiting = self.untaken = []
        try:
            async with (
                aiohttp.ClientSession(timeout=TIMEOUT) as http,
                asyncio.TaskGroup() as group,
            ):
                while True:
                    update = self._bot.updates.take()
                    if update is None:
                        await self._bot.updates.arrived.wait()
                        continue
                    line = self._line(update)
                    waiting.append(update)
                    self._in_flight = len(waiting)
                    group.create_task(self._in_order(http, line, gate, update, waiting))
        finally:
            self._in_flight, self.untaken = 0, []
            self._bot.updates.give_back(waiting)

    async def _in_order(
        self,
        http: aiohttp.ClientSession,
        line: asyncio.Lock,
        gate: asyncio.Semaphore,
        update: Update,
        waiting: list[Update],
    ) -> None:
        async with line, gate:
            await self._until_taken(http, update)
        waiting.remove(update)
        self._bot.updates.changed()
        self._in_flight = len(waiting)

    def _line(self, update: Update) -> asyncio.Lock:
        """Updates of one person wait for each other. The table is emptied when nobody waits."""
        if not self._in_flight:
            self._lines.clear()
        return self._lines.setdefault(_sender(update), asyncio.Lock())

    async def _until_taken(self, http: aiohttp.ClientSession, update: Update) -> None:
        wait = self._bot.limits.webhook_retry
        while (failure := await self._failure(http, update)) is not None:
            self._error = int(time.time()), failure
            await asyncio.sleep(wait)
            wait = min(wait * 2, SLOWEST_RETRY)

    async def _failure(self, http: aiohttp.ClientSession, update: Update) -> str | None:
        headers = {SECRET_HEADER: self._secret} if self._secret else {}
        try:
            async with http.post(self.url, json=update, headers=headers) as response:
                if not response.ok:
                    reason = f"{response.status} {response.reason}"
                    return f"Wrong response from the webhook: {reason}"
                await self._follow(await read_reply(response))
        except TimeoutError:
            return "Read timeout expired"
        except aiohttp.ClientConnectionError:
            return "Connection refused"
        except (aiohttp.ClientError, ValueError) as error:
            return f"Wrong response from the webhook: {type(error).__name__}"
        except ApiError:
            return None
        return None

    async def _follow(self, params: Params) -> None:
        """A receiver may answer with a call of its own; its result goes nowhere."""
        name = params.text("method")
        if name and self.on_reply is not None:
            await self.on_reply(name, params)


def _sender(update: Update) -> int:
    for content in update.values():
        if isinstance(content, dict):
            who = content.get("from") or content.get("chat")
            if isinstance(who, dict) and isinstance(who.get("id"), int):
                return who["id"]
    return 0
