"""The table of methods. Names are matched without regard to case, as Telegram does."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sandbox.bot_api.bot import BotState
from sandbox.bot_api.params import Params

Handler = Callable[[BotState, Params], Any | Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Method:
    name: str
    handler: Handler

    async def run(self, bot: BotState, params: Params) -> Any:
        result = self.handler(bot, params)
        return await result if inspect.isawaitable(result) else result


METHODS: dict[str, Method] = {}


def method(name: str) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        METHODS[name.lower()] = Method(name, handler)
        return handler

    return register
