"""Telethon's sender, but it sends no call twice and none that nobody waits for any more."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from time import monotonic
from typing import Any, TypeVar

import structlog
from telethon.errors import (
    FloodPremiumWaitError,
    FloodTestPhoneWaitError,
    FloodWaitError,
    InterdcCallErrorError,
    InterdcCallRichErrorError,
    NetworkMigrateError,
    PhoneMigrateError,
    RpcCallFailError,
    RpcMcgetFailError,
    ServerError,
    SlowModeWaitError,
    TimedOutError,
    UserMigrateError,
)
from telethon.extensions import BinaryReader
from telethon.extensions.messagepacker import MessagePacker
from telethon.network import MTProtoSender
from telethon.network.requeststate import RequestState
from telethon.tl.core.rpcresult import RpcResult
from telethon.tl.types import Pong

from collector.gateway import Witness
from collector.telegram.unread import UNDECODABLE, Unread, WholeState

log = structlog.get_logger(__name__)

T = TypeVar("T")


class LineCut(ConnectionError):
    """The connection broke, or was left, before the answer came; the call may have arrived."""


FLOODS = (FloodWaitError, FloodPremiumWaitError, FloodTestPhoneWaitError, SlowModeWaitError)
"""Answers that ask for a rest; each has `seconds`."""

PASSING = (
    LineCut,
    ServerError,
    RpcCallFailError,
    RpcMcgetFailError,
    InterdcCallErrorError,
    InterdcCallRichErrorError,
    TimedOutError,
    PhoneMigrateError,
    NetworkMigrateError,
    UserMigrateError,
)
"""After these a call is made once more, at its next turn; never a join: it may have worked."""


IDS_A_SECOND = 2**32
"""The ids of Telegram's messages are its unix time in these units."""

MOST_NOTED = 200
"""Messages whose going out is remembered."""


class CrewSender(MTProtoSender):  # type: ignore[misc]  # Telethon has no types
    """Calls that are open when the connection breaks are cancelled (`told_apart` makes a LineCut of
    that): Telethon's own sender sends them again, whatever the pacer says by then.
    """

    def __init__(self, *given: Any, witness: Witness | None = None, **named: Any) -> None:
        super().__init__(*given, **named)
        self._witness = witness
        self._state = WholeState(self.auth_key, loggers=self._loggers)
        self._send_queue = _Queue(self._state, loggers=self._loggers)
        if witness is not None:
            self._send_queue.elapsed = witness.elapsed
        self.unread: Callable[[Unread], None] = _nobody
        """Is told of what came unasked and cannot be decoded."""

    async def _reconnect(self, last_error: Exception | None) -> None:
        for state in self._pending_state.values():
            state.future.cancel()
        self._pending_state.clear()
        await super()._reconnect(last_error)

    async def _process_message(self, message: Any) -> None:
        """Telethon's own; what cannot be read takes nothing with it that came beside it."""
        self._attest(message)
        if not isinstance(message.obj, Unread):
            try:
                await super()._process_message(message)
            except (*UNDECODABLE, asyncio.InvalidStateError) as error:
                log.warning("message.broken", why=repr(error)[:200])
            return
        self._pending_ack.add(message.msg_id)
        asked = message.obj.answers()
        state = None if asked is None else self._pending_state.pop(asked, None)
        if state is not None and not state.future.done():
            state.future.set_exception(BufferError("an answer that cannot be read"))
        if asked is None:
            log.warning("update.unread", bytes=len(message.obj.raw))
            self.unread(message.obj)

    def _attest(self, message: Any) -> None:
        """Tell the witness when Telegram answered a call."""
        asked = _asked_by(message.obj)
        sent = None if asked is None else self._send_queue.sent.pop(asked, None)
        if self._witness is not None and sent is not None:
            received = self._witness.elapsed()
            self._witness.telegram(message.msg_id / IDS_A_SECOND, sent=sent, received=received)

    async def _handle_gzip_packed(self, message: Any) -> None:
        try:
            with BinaryReader(message.obj.data) as reader:
                message.obj = reader.tgread_object()
        except UNDECODABLE:
            message.obj = Unread(message.obj.data)
        await self._process_message(message)

    async def _disconnect(self, error: Exception | None = None) -> None:
        await super()._disconnect(error)
        self._send_queue.give_up(error)


def _nobody(_: Unread) -> None:
    """Nobody listens."""


class _Queue(MessagePacker):  # type: ignore[misc]  # Telethon has no types
    """What is to be sent, without what its caller has given up."""

    _deque: deque[RequestState]

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.elapsed: Callable[[], float] = monotonic
        self.sent: dict[int, float] = {}
        """When the latest messages went out, by their ids."""

    async def get(self) -> tuple[Any, Any]:
        """As Telethon's: a batch and its bytes, or twice None."""
        if not self._deque:
            self._ready.clear()
            await self._ready.wait()
        for state in [state for state in self._deque if state.future.done()]:
            self._deque.remove(state)
        if not self._deque:
            return None, None
        batch, data = await super().get()
        self._note(batch or ())
        return batch, data

    def _note(self, batch: Iterable[Any]) -> None:
        now = self.elapsed()
        for state in batch:
            self.sent[state.msg_id] = now
        while len(self.sent) > MOST_NOTED:
            del self.sent[next(iter(self.sent))]

    def give_up(self, error: Exception | None) -> None:
        """End the calls that were never sent, with `error` if there is one."""
        for state in self._deque:
            if error is None or state.future.done():
                state.future.cancel()
            else:
                state.future.set_exception(error)
                state.future.exception()
        self._deque.clear()


def _asked_by(answer: Any) -> int | None:
    """The id of the message that this is the answer to."""
    if isinstance(answer, RpcResult):
        return int(answer.req_msg_id)
    return int(answer.msg_id) if isinstance(answer, Pong) else None


async def told_apart(call: Awaitable[T]) -> T:
    """Telethon cancels calls when a connection ends: a LineCut, unlike our own cancellation."""
    try:
        return await call
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise LineCut("disconnected during a call") from None
