"""Our Telethon client: paced, timed and bound to a lease. The one module that knows its insides."""

import asyncio
import math
from collections.abc import Callable
from typing import Any

from telethon import TelegramClient, utils
from telethon.errors import (
    FloodPremiumWaitError,
    FloodTestPhoneWaitError,
    FloodWaitError,
    SessionPasswordNeededError,
    SlowModeWaitError,
    UnauthorizedError,
)
from telethon.network import ConnectionTcpFull
from telethon.tl import functions, types

from collector.gateway import Pace
from collector.telegram.acks import Acks
from collector.telegram.dc import place, trust_key
from collector.telegram.families import family_of
from collector.telegram.session import AccountSession
from collector.telegram.settings import TelegramSettings
from collector.telegram.skim.request import SkimmingSender
from core.errors import FloodError, LeaseGone
from core.job import Family

CONNECT_TIMEOUT = 10
"""Seconds for a TCP connection to open."""

CONNECT_RETRIES = 2
"""Attempts after the first; beyond them the connection is dead and `trouble` tells."""

FLOODS = (FloodWaitError, FloodPremiumWaitError, FloodTestPhoneWaitError, SlowModeWaitError)
"""Answers that ask for a rest; each has `seconds`."""


class WriteGuard:
    """Asks before each write to Telegram whether the account is still ours."""

    def __init__(self, may_write: Callable[[], bool]) -> None:
        self._may_write = may_write
        self.refused = 0

    def allows(self) -> bool:
        """Whether a byte may go out now; a refusal is counted."""
        allowed = self._may_write()
        self.refused += not allowed
        return allowed

    def check(self) -> None:
        """Raise ConnectionError unless the account is still ours."""
        if not self.allows():
            raise ConnectionError("the lease of this account has ended")


class LeasedConnection(ConnectionTcpFull):  # type: ignore[misc]  # Telethon has no types
    """A connection that opens and writes only under a lease. Made by `leased`."""

    guard: WriteGuard

    async def connect(self, timeout: float | None = None, ssl: Any = None) -> None:
        self.guard.check()
        await super().connect(timeout=timeout, ssl=ssl)

    def send(self, data: bytes) -> Any:
        self.guard.check()
        return super().send(data)

    def _send(self, data: bytes) -> None:
        self.guard.check()
        super()._send(data)

    def abort(self) -> None:
        """Cut the connection without waiting for anything to be sent."""
        if self._writer is not None:
            self._writer.transport.abort()


def leased(guard: WriteGuard) -> type[LeasedConnection]:
    """The connection class of one account; Telethon wants a class and makes the instances."""
    return type("LeasedConnection", (LeasedConnection,), {"guard": guard})


class CrewClient(TelegramClient):  # type: ignore[misc]  # Telethon has no types
    """One account's connection.

    Every request takes its turn at `pace` first, Telethon's own ones too, and every call ends
    within `call_timeout` seconds (TimeoutError). Always `disconnect`, after a failed `connect` too.
    """

    _again: Callable[[], None] | None = None

    def __init__(
        self,
        session: AccountSession,
        settings: TelegramSettings,
        *,
        pace: Pace,
        guard: WriteGuard,
        call_timeout: float,
        receive_updates: bool = False,
    ) -> None:
        if settings.rsa_key is not None:
            trust_key(settings.rsa_key)
        place(session, settings)
        super().__init__(
            session,
            settings.api_id,
            settings.api_hash,
            connection=leased(guard),
            use_ipv6=":" in (session.server_address or ""),
            timeout=CONNECT_TIMEOUT,
            request_retries=1,
            connection_retries=CONNECT_RETRIES,
            retry_delay=1,
            sequential_updates=True,
            flood_sleep_threshold=0,
            raise_last_call_error=True,
            device_model=settings.device_model,
            system_version=settings.system_version,
            app_version=settings.app_version,
            lang_code=settings.lang_code,
            receive_updates=receive_updates,
        )
        self._sender._pending_ack = Acks(self._send_acks)  # noqa: SLF001
        self.me: Any = None
        self.refusal: Exception | None = None
        self._pace = pace
        self._guard = guard
        self._call_timeout = call_timeout
        self._connecting: asyncio.Timeout | None = None
        self._alarm: asyncio.Future[None] | None = None

    async def connect(self) -> None:
        """Connect and ask who we are: afterwards `me` is the user, or `refusal` says why not."""
        self.me = self.refusal = None
        await self._take_turn(Family.CONNECT, None)
        async with asyncio.timeout(self._call_timeout) as deadline:
            self._connecting = deadline
            try:
                await _told_apart(super().connect())
            finally:
                self._connecting = None

    async def get_me(self, input_peer: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Telethon's own, but a refusal is kept instead of swallowed."""
        request = functions.users.GetUsersRequest([types.InputUserSelf()])
        try:
            (user,) = await self(request)
        except UnauthorizedError:
            return None
        self.remember(user)
        return utils.get_input_peer(user, allow_self=False) if input_peer else user

    def remember(self, user: Any) -> None:
        """Take `user` for the account's own."""
        self.me = user
        self.session.user = user.id
        self._authorized = True
        self._mb_entity_cache.set_self_user(user.id, user.bot, user.access_hash)

    async def trouble(self, seconds: float) -> Exception | None:
        """Wait until something is wrong, at most `seconds`.

        Returns what ended the connection or refused the account; None when nothing is known to be
        wrong but the connection should be proven, because a call got no answer or the time is up.
        """
        if self.refusal is not None:
            return self.refusal
        self._alarm = asyncio.get_running_loop().create_future()
        ended = self.disconnected
        try:
            done, _ = await asyncio.wait(
                {ended, self._alarm}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            self._alarm = None
            if not ended.done():
                ended.cancel()
        if ended in done:
            return self._updates_error or ended.exception() or ConnectionError("disconnected")
        return self.refusal

    def hear(self, take: Callable[[Any], None], again: Callable[[], None]) -> None:
        """Ask for updates, and give each to `take` as it comes, past Telethon's own handling.

        Telegram begins with them at the next call. `again`: the connection broke and is back; what
        happened in between is not told.
        """
        self._no_updates = False
        self._again = again
        self._sender._updates_queue = _Ear(take)  # noqa: SLF001

    async def _handle_auto_reconnect(self) -> None:
        await super()._handle_auto_reconnect()
        if self._again is not None:
            self._again()

    async def call_at(self, dc: int, request: Any) -> Any:
        """Call another data centre, by a connection of its own that is closed when unused."""
        async with asyncio.timeout(self._call_timeout):
            sender = await self._borrow_exported_sender(dc)
        try:
            return await self._call(sender, request)
        finally:
            await self._return_exported_sender(sender)

    def abort(self) -> None:
        """Cut the connection at once; `disconnect` then has nothing to wait for."""
        connection = self._sender._connection  # noqa: SLF001
        if connection is not None:
            connection.abort()

    async def _on_login(self, user: Any) -> Any:
        self.remember(user)
        return user if self._no_updates else await super()._on_login(user)

    async def _call(
        self,
        sender: Any,
        request: Any,
        ordered: bool = False,  # noqa: FBT001, FBT002
        flood_sleep_threshold: float | None = None,
    ) -> Any:
        for part in request if utils.is_list_like(request) else [request]:
            await self._take_turn(family_of(part), part)
        if not self._guard.allows():
            raise LeaseGone
        self._flood_waited_requests.clear()
        try:
            async with asyncio.timeout(self._call_timeout):
                return await _told_apart(
                    super()._call(SkimmingSender(sender), request, ordered, flood_sleep_threshold)
                )
        except UnauthorizedError as error:
            if not isinstance(error, SessionPasswordNeededError):
                self.refusal = error
                self._sound_alarm()
            raise
        except FLOODS as flood:
            await self._pace.flooded(family_of(request), flood.seconds)
            raise
        except TimeoutError:
            self._sound_alarm()
            raise

    async def _take_turn(self, family: Family, request: Any) -> None:
        """Wait for the pacer; while it holds us, the time for connecting stands still."""
        connecting = self._connecting
        if connecting is not None:
            connecting.reschedule(None)
        try:
            await self._pace(family)
        except FloodError as flood:
            raise FloodWaitError(request=request, capture=math.ceil(flood.seconds)) from flood
        finally:
            if connecting is not None:
                now = asyncio.get_running_loop().time()
                connecting.reschedule(now + self._call_timeout)

    def _send_acks(self) -> None:
        """Let the sender look at what it has to send."""
        self._sender._send_queue._ready.set()  # noqa: SLF001

    def _sound_alarm(self) -> None:
        if self._alarm is not None and not self._alarm.done():
            self._alarm.set_result(None)


class _Ear:
    """In the place of the queue of updates that Telethon fills."""

    def __init__(self, take: Callable[[Any], None]) -> None:
        self._take = take

    def put_nowait(self, updates: Any) -> None:
        self._take(updates)


async def _told_apart(call: Any) -> Any:
    """Telethon cancels calls when it disconnects; that must not look like our own cancellation."""
    try:
        return await call
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise ConnectionError("disconnected during a call") from None
