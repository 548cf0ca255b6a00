"""Who is answered, and in which language."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import BaseMiddleware
from aiogram.types import TelegramObject, User

from bot.i18n import Locales
from bot.known import KnownOperators
from core.operator import Operator
from db.operators import Operators

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class OnlyOperators(BaseMiddleware):
    """Lets an update of an operator through, with `operator` and `texts`; drops all others.

    It asks the store: who was removed is out at once.
    """

    def __init__(self, operators: Operators, locales: Locales, known: KnownOperators) -> None:
        self._operators = operators
        self._locales = locales
        self._known = known

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        user: User | None = data.get("event_from_user")
        if user is None or user.is_bot:
            return None
        operator = await self._operators.get(user.id)
        if operator is None:
            self._known.forget(user.id)
            self._known.turn_away(user.id)
            return None
        self._known.know(operator)
        await self._remember(operator, user)
        data["operator"] = operator
        data["texts"] = self._locales.of(operator.language, user.language_code)
        with structlog.contextvars.bound_contextvars(operator=operator.id):
            return await handler(event, data)

    async def _remember(self, operator: Operator, user: User) -> None:
        if not user.first_name:
            return
        if (operator.name, operator.telegram_language) != (user.full_name, user.language_code):
            await self._operators.seen(
                operator.id, name=user.full_name, telegram_language=user.language_code
            )
