"""The Bot API over HTTP: what an unmodified bot library talks to."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import web

from sandbox.bot_api import methods as _methods  # noqa: F401 - fills the registry
from sandbox.bot_api.bot import BotState
from sandbox.bot_api.control import BotApiControl
from sandbox.bot_api.errors import ApiError, not_found, too_many_requests, unauthorized
from sandbox.bot_api.gathering import Gathering, gather
from sandbox.bot_api.injection import inject
from sandbox.bot_api.limits import Limits, Scripted
from sandbox.bot_api.page import ChatPage
from sandbox.bot_api.params import Params, read_params
from sandbox.bot_api.person import Human
from sandbox.bot_api.registry import METHODS, Method
from sandbox.counters import Counters
from sandbox.world import World


class BotApiDoor:
    """Serves `/bot<token>/<method>`, `/file/bot<token>/<path>` and the chat page under `/`.

    `limits` may be changed at any time. The `*_next` verbs prepare what the next calls of a
    method meet (`*` is any method).
    """

    def __init__(self, world: World, counters: Counters) -> None:
        self.world = world
        self.counters = counters
        self.limits = Limits()
        self.bots = {
            token: BotState(account, world.people.values(), self.limits)
            for token, account in world.bots.items()
        }
        self.bot = self.bots[world.control_bot.token]
        self._scripted = Scripted()
        self._humans: dict[int, Human] = {}
        self._changed: Callable[[], None] = lambda: None
        self._parts = (ChatPage(self), BotApiControl(self))
        for bot in self.bots.values():
            bot.webhook.on_reply = self._replier(bot)

    def add_routes(self, app: web.Application) -> None:
        app.router.add_route("*", "/bot{token:[^/]+}/{method:[^/]*}", self._call)
        app.router.add_get("/file/bot{token:[^/]+}/{path:.+}", self._download)
        for part in self._parts:
            part.add_routes(app)
        app.on_shutdown.append(self._on_shutdown)

    async def close(self) -> None:
        for bot in self.bots.values():
            bot.updates.interrupt(ApiError(502, "Bad Gateway"))
            bot.feed.close()
            await bot.webhook.suspend()

    def on_change(self, changed: Callable[[], None]) -> None:
        """`changed` is called whenever a bot's state may be another."""
        self._changed = changed
        for bot in self.bots.values():
            bot.updates.changed = bot.feed.changed = changed

    def person(self, person_id: int) -> Human:
        """The human of that id in front of the control bot. Raises KeyError for a stranger to
        the world."""
        if person_id not in self._humans:
            chat = self.bot.chats.of(person_id)
            if chat is None:
                raise KeyError(person_id)
            self._humans[person_id] = Human(self.bot, chat)
        return self._humans[person_id]

    def group(
        self, title: str, *people: int, supergroup: bool = False, reads_all: bool = False
    ) -> Gathering:
        """A new group of these people and the control bot. `reads_all`: privacy mode is off.
        Raises KeyError for a stranger to the world."""
        members = [self.person(each).chat.person for each in people]
        return gather(self.bot, title, members, supergroup=supergroup, reads_all=reads_all)

    def inject(self, update: dict[str, Any], *, unasked: bool = False) -> int | None:
        """Queues an update as it is, under the next update id; see `injection`. `unasked`: even of
        a kind that the bot does not want, as one that came before it said so."""
        return inject(self.bot, update, unasked=unasked)

    def flood_next(self, method: str, seconds: int, times: int = 1) -> None:
        self._scripted.errors[method] += [too_many_requests(seconds)] * times

    def fail_next(
        self, method: str, code: int, description: str, times: int = 1, **parameters: int
    ) -> None:
        """`description` is whole, as the bot shall read it: "Bad Request: chat not found".
        `parameters`: `retry_after` or `migrate_to_chat_id`."""
        self._scripted.errors[method] += [ApiError(code, description, **parameters)] * times

    def delay_next(self, method: str, seconds: float, times: int = 1) -> None:
        self._scripted.delays[method] += [seconds] * times

    def drop_answer_next(self, method: str, times: int = 1) -> None:
        """The call takes effect; its connection ends without an answer."""
        self._scripted.drops[method] += times

    @property
    def polls(self) -> int:
        """How often bots began to fetch updates."""
        return sum(bot.updates.polls for bot in self.bots.values())

    def clear_faults(self) -> None:
        """Forgets what was prepared for calls that have not come."""
        self._scripted = Scripted()

    async def _call(self, request: web.Request) -> web.StreamResponse:
        named = METHODS.get(request.match_info["method"].lower())
        name = named.name if named else request.match_info["method"]
        bot = self.bots.get(request.match_info["token"])
        chat_id: int | None = None
        try:
            if bot is None:
                raise unauthorized()
            params = await read_params(request)
            chat_id = params.integer("chat_id") or None
            answer = await self._answer(bot, named, params)
            error = None
        except ApiError as refusal:
            answer, error = refusal, refusal.description
        self.counters.bot_api_call(
            name,
            token_ok=bot is not None,
            user_id=bot.id if bot else None,
            chat_id=chat_id,
            error=error,
        )
        self._changed()
        if self._scripted.drop_answer(name) and request.transport is not None:
            request.transport.abort()
        return _respond(answer)

    async def _answer(self, bot: BotState, named: Method | None, params: Params) -> Any:
        if named is None:
            raise not_found()
        delay = self.limits.latency + self._scripted.delay(named.name)
        if delay > 0:
            await asyncio.sleep(delay)
        if prepared := self._scripted.error(named.name):
            raise prepared
        bot.gate.admit(named.name, params.text("chat_id") or "")
        return await named.run(bot, params)

    def _replier(self, bot: BotState) -> Any:
        async def reply(name: str, params: Params) -> Any:
            return await self._answer(bot, METHODS.get(name.lower()), params)

        return reply

    async def _download(self, request: web.Request) -> web.Response:
        bot = self.bots.get(request.match_info["token"])
        if bot is None:
            return _respond(unauthorized())
        file = bot.files.at(request.match_info["path"])
        if file is None:
            return _respond(not_found())
        return web.Response(body=file.content, content_type="application/octet-stream")

    async def _on_shutdown(self, app: web.Application) -> None:  # noqa: ARG002
        await self.close()


def _respond(answer: Any) -> web.Response:
    if isinstance(answer, ApiError):
        return web.json_response(answer.as_json(), status=answer.code)
    return web.json_response({"ok": True, "result": answer})
