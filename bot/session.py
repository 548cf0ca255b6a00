"""The connection to the Bot API: which server, and what a flood of ours means."""

import asyncio
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import structlog
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import ClientDecodeError, TelegramRetryAfter, TelegramServerError
from aiogram.methods import EditMessageText, GetUpdates, Response, SendMessage, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import InlineKeyboardMarkup, LinkPreviewOptions
from aiohttp import ClientSession, TraceConfig, TraceRequestEndParams, TraceRequestStartParams

from bot.groups import PrivateOnly
from core.foreign import one_line, several_lines
from core.trusted_clock import TimeSource, TrustedClock

log = structlog.get_logger(__name__)

MAX_WAIT = 60.0
MAX_TRIES = 4

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class CardEdit(EditMessageText):
    """An edit whose text is soon out of date: after a flood a newer one goes instead."""


class CardSend(SendMessage):
    """A new card or an ending: after a flood its desk sends it again, and nobody waits for that."""


class RawUpdates(GetUpdates):
    """The updates as they came: one that does not fit the schema spoils no others, and one that was
    seen already is not read again."""

    __returning__ = list[Any]


class ObeyFloods(BaseRequestMiddleware):
    """Waits as long as Telegram says and tries again; a longer wait is raised."""

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        for _ in range(MAX_TRIES - 1):
            try:
                return await make_request(bot, method)
            except TelegramRetryAfter as error:
                if isinstance(method, CardEdit | CardSend) or error.retry_after > MAX_WAIT:
                    raise
                log.warning(
                    "telegram.flood", method=method.__api_method__, seconds=error.retry_after
                )
                await asyncio.sleep(error.retry_after)
        return await make_request(bot, method)


class ForeignAnswers(BaseRequestMiddleware):
    """Takes what is no answer of the Bot API, as the HTML of a gateway, for an outage."""

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        try:
            return await make_request(bot, method)
        except ClientDecodeError as error:
            raise TelegramServerError(
                method=method, message="the answer is not one of the Bot API"
            ) from error


class DisarmedTexts(BaseRequestMiddleware):
    """The last door to a chat: whatever way a text from outside came into a message, nothing in it
    turns the direction of writing, hides, or is half a character."""

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        return await make_request(bot, disarmed(method))


def disarmed(method: TelegramMethod[TelegramType]) -> TelegramMethod[TelegramType]:
    """The same call with harmless texts."""
    changes: dict[str, Any] = {}
    for name in ("text", "caption"):
        text = getattr(method, name, None)
        if isinstance(text, str) and (clean := several_lines(text)) != text:
            changes[name] = clean
    markup = getattr(method, "reply_markup", None)
    if isinstance(markup, InlineKeyboardMarkup):
        rows = [
            [one.model_copy(update={"text": one_line(one.text)}) for one in row]
            for row in markup.inline_keyboard
        ]
        if rows != markup.inline_keyboard:
            changes["reply_markup"] = markup.model_copy(update={"inline_keyboard": rows})
    return method.model_copy(update=changes) if changes else method


class KnownAnswers(BaseRequestMiddleware):
    """Holds on to the types of answers: pydantic drops one that nobody holds, and making it anew
    for the next call takes several milliseconds."""

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        _answer_type(method.__returning__)
        return await make_request(bot, method)


@cache
def _answer_type(result: Any) -> type[Response[Any]]:
    return Response[result]


class DatedSession(AiohttpSession):
    """Tells what time each answer has. Of a server on this machine that is no witness, so accounts
    are asked for what cannot be undone."""

    def __init__(self, trusted: TrustedClock, **more: Any) -> None:
        super().__init__(**more)
        self._trusted = trusted
        self._trace = TraceConfig()
        self._trace.on_request_start.append(self._asked)
        self._trace.on_request_end.append(self._answered)
        self._trace.freeze()

    async def create_session(self) -> ClientSession:
        session = await super().create_session()
        if self._trace not in session.trace_configs:
            session.trace_configs.append(self._trace)
        return session

    async def _asked(self, _: ClientSession, about: Any, __: TraceRequestStartParams) -> None:
        about.sent = self._trusted.elapsed()

    async def _answered(self, _: ClientSession, about: Any, params: TraceRequestEndParams) -> None:
        received = self._trusted.elapsed()
        try:
            moment = parsedate_to_datetime(params.response.headers.get("Date", ""))
        except ValueError:
            return
        self._trusted.heard(
            TimeSource.BOT_API, moment.timestamp(), sent=about.sent, received=received, precision=1
        )


def make_bot(
    token: str,
    api_url: str | None,
    trusted: TrustedClock | None = None,
    gate: BaseRequestMiddleware | None = None,
) -> Bot:
    """A client of the Bot API server at `api_url`, Telegram's own when None. `trusted` is told what
    time the answers have; `gate` is asked before each attempt.

    Raises aiogram's TokenValidationError for a text that is no token.
    """
    server = TelegramAPIServer.from_base(api_url.rstrip("/")) if api_url else PRODUCTION
    session = AiohttpSession(api=server) if trusted is None else DatedSession(trusted, api=server)
    session.middleware(PrivateOnly())
    session.middleware(ObeyFloods())
    session.middleware(ForeignAnswers())
    session.middleware(KnownAnswers())
    session.middleware(DisarmedTexts())
    if gate is not None:
        session.middleware(gate)
    defaults = DefaultBotProperties(parse_mode=ParseMode.HTML, link_preview=NO_PREVIEW)
    return Bot(token, session=session, default=defaults)
