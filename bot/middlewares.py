"""Who is answered, and in which language."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from aiogram import BaseMiddleware
from aiogram.types import TelegramObject, User

from bot.i18n import Locales
from core.clock import Clock
from core.operator import Operator
from db.operators import Operators

log = structlog.get_logger(__name__)

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]

STRANGER_LOG_SECONDS = 60.0
STRANGERS_REMEMBERED = 1000


class OnlyOperators(BaseMiddleware):
    """Lets an update of an operator through, with `operator` and `texts`; drops all others.

    A stranger causes nothing but a log line, at most one a minute each.
    """

    def __init__(self, operators: Operators, locales: Locales, clock: Clock) -> None:
        self._operators = operators
        self._locales = locales
        self._clock = clock
        self._logged: dict[int, float] = {}
        self._know: Callable[[Sequence[Operator]], None] | None = None

    def tells(self, know: Callable[[Sequence[Operator]], None]) -> None:
        """Let somebody know each operator who comes by."""
        self._know = know

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        user: User | None = data.get("event_from_user")
        if user is None or user.is_bot:
            return None
        operator = await self._operators.get(user.id)
        if operator is None:
            self._log_stranger(user.id)
            return None
        if self._know is not None:
            self._know([operator])
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

    def _log_stranger(self, user: int) -> None:
        now = self._clock.elapsed()
        if now - self._logged.get(user, -STRANGER_LOG_SECONDS) < STRANGER_LOG_SECONDS:
            return
        if len(self._logged) >= STRANGERS_REMEMBERED:
            self._logged.clear()
        self._logged[user] = now
        log.info("stranger.ignored", user=user)
