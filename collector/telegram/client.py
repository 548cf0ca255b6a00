"""Our Telethon client: paced, timed and bound to a lease. It and `foreign` know its insides."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from telethon import utils
from telethon.errors import (
    FloodWaitError,
    SessionPasswordNeededError,
    TypeNotFoundError,
    UnauthorizedError,
)
from telethon.tl import functions, types

from collector.gateway import Pace, Witness
from collector.telegram.acks import Acks
from collector.telegram.connection import WriteGuard, leased
from collector.telegram.dc import place, trust_key
from collector.telegram.errors import ends_account
from collector.telegram.families import family_of
from collector.telegram.foreign import ForeignCalls
from collector.telegram.sender import FLOODS, PASSING, CrewSender, told_apart
from collector.telegram.session import AccountSession
from collector.telegram.settings import TelegramSettings
from collector.telegram.skim.request import SkimmingSender
from core.errors import FloodError, LeaseGone
from core.job import Family

CONNECT_TIMEOUT = 10
"""Seconds for a TCP connection to open."""

CONNECT_RETRIES = 2
"""Attempts after the first; beyond them the connection is dead and `trouble` tells."""


class CrewClient(ForeignCalls):
    """One account's connection.

    Each time that a request is sent, Telethon's own ones too, it takes a turn at `pace` first; an
    answer comes within `call_timeout` seconds of that (TimeoutError). Always `disconnect`, after a
    failed `connect` too.
    """

    me: Any = None
    refusal: Exception | None = None
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
        witness: Witness | None = None,
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
            request_retries=0,
            connection_retries=CONNECT_RETRIES,
            sequential_updates=True,
            flood_sleep_threshold=0,
            raise_last_call_error=True,
            device_model=settings.device_model,
            system_version=settings.system_version,
            app_version=settings.app_version,
            lang_code=settings.lang_code,
            receive_updates=receive_updates,
        )
        self._sender = self._made_sender(witness)
        self._pace = pace
        self._guard = guard
        self._call_timeout = call_timeout
        self._borrowing = asyncio.Lock()
        self._connecting: dict[asyncio.Task[Any] | None, asyncio.Timeout] = {}
        self._alarm: asyncio.Future[None] | None = None
        self._told: Exception | None = None

    def _made_sender(self, witness: Witness | None) -> CrewSender:
        """In the place of the one that Telethon made, with the same settings."""
        sender = CrewSender(
            self.session.auth_key,
            witness=witness,
            loggers=self._log,
            retries=CONNECT_RETRIES,
            delay=1,
            connect_timeout=CONNECT_TIMEOUT,
            auth_key_callback=self._auth_key_callback,
            updates_queue=self._updates_queue,
            auto_reconnect_callback=self._handle_auto_reconnect,
        )
        sender._pending_ack = Acks(self._send_acks)  # noqa: SLF001
        return sender

    async def connect(self) -> None:
        """Connect and ask who we are: afterwards `me` is the user, or `refusal` says why not."""
        self.me = self.refusal = None
        await self._take_turn(Family.CONNECT, None)
        async with self._in_time():
            try:
                await told_apart(super().connect())
            except FLOODS as flood:
                await self._tell(flood, Family.CONNECT)
                raise

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        """At most `call_timeout` seconds; the time that the pacer takes stands still."""
        task = asyncio.current_task()
        async with asyncio.timeout(self._call_timeout) as deadline:
            self._connecting[task] = deadline
            try:
                yield
            finally:
                del self._connecting[task]

    async def get_me(self, input_peer: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Telethon's own, but a refusal is kept instead of swallowed. An answer that is not
        understood proves the key all the same."""
        request = functions.users.GetUsersRequest([types.InputUserSelf()])
        try:
            (user,) = await self(request)
        except UnauthorizedError as error:
            self.refusal = error
            return None
        except TypeNotFoundError:
            if self.session.user is None:
                raise
            user = types.User(id=self.session.user)
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
        self._sender.unread = take

    async def _handle_auto_reconnect(self) -> None:
        await super()._handle_auto_reconnect()
        if self._again is not None:
            self._again()

    def abort(self) -> None:
        """Cut every connection at once; `disconnect` then has nothing to wait for."""
        self._guard.cut()

    def abort_unless_ours(self) -> None:
        """Cut every connection if the account is another's by now: nothing may be sent any more."""
        self._guard.cut_unless_ours()

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
        once = family_of(request) is Family.JOIN
        while True:
            for part in request if utils.is_list_like(request) else [request]:
                await self._take_turn(family_of(part), part)
            try:
                return await self._send_once(sender, request, ordered, flood_sleep_threshold)
            except PASSING:
                if once or not sender.is_connected():
                    raise
            once = True

    async def _send_once(self, sender: Any, request: Any, *how: Any) -> Any:
        if not self._guard.allows():
            raise LeaseGone
        self._flood_waited_requests.clear()
        at_home = sender is self._sender
        try:
            async with asyncio.timeout(self._call_timeout):
                if not at_home:
                    return await told_apart(sender.send(self.bare(request)))
                return await told_apart(super()._call(SkimmingSender(sender), request, *how))
        except UnauthorizedError as error:
            if at_home and not isinstance(error, SessionPasswordNeededError):
                self.refusal = error if ends_account(error) else self.refusal
                self._sound_alarm()
            raise
        except FLOODS as flood:
            await self._tell(flood, family_of(request))
            raise
        except TimeoutError:
            if at_home:
                self._sound_alarm()
            raise

    async def _tell(self, flood: Any, family: Family) -> None:
        """Tell the pacer of a flood, once, and not of what it said itself."""
        if flood is not self._told and flood.__cause__ is None:
            self._told = flood
            await self._pace.flooded(family, flood.seconds)

    async def _take_turn(self, family: Family, request: Any) -> None:
        """Wait for the pacer; while it holds us, the time for connecting stands still."""
        connecting = self._connecting.get(asyncio.current_task())
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
