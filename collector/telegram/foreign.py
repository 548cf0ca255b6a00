"""Calls at other data centres than the account's own: Telegram keeps files where they were sent.

What goes wrong there is that data centre's, never the account's: a 401 there says that the key that
was made for it is known no more, and another one is made.
"""

import asyncio
from typing import Any

from telethon import TelegramClient
from telethon.errors import UnauthorizedError
from telethon.tl import functions
from telethon.tl.alltlobjects import LAYER

from collector.telegram.sender import FLOODS, CrewSender, told_apart
from core.job import Family


class UnknownDataCentre(ConnectionError):
    """Telegram's configuration names no such data centre."""


class ForeignCalls(TelegramClient):  # type: ignore[misc]  # Telethon has no types
    """The part of our client that has connections to other data centres."""

    _borrowing: asyncio.Lock
    _centres: Any = None

    async def call_at(self, dc: int, request: Any) -> Any:
        """Call another data centre, by a connection of its own that is closed when unused.

        One that refuses its key gets another key, once.
        """
        try:
            return await self._call_once_at(dc, request)
        except UnauthorizedError:
            if self.refusal is not None:
                raise
        return await self._call_once_at(dc, request)

    async def _call_once_at(self, dc: int, request: Any) -> Any:
        await self._forget(dc, lambda sender: not sender.is_connected())
        async with self._borrowing, self._in_time():
            sender = await self._borrow_exported_sender(dc)
        try:
            return await self._call(sender, request)
        except UnauthorizedError:
            await self._forget(dc, lambda known: known is sender)
            raise
        finally:
            if self._borrowed_senders.get(dc, (None, None))[1] is sender:
                await self._return_exported_sender(sender)

    def bare(self, request: Any) -> Any:
        """A request as it goes to another data centre: no updates come from there."""
        return functions.InvokeWithoutUpdatesRequest(request)

    async def _forget(self, dc: int, is_bad: Any) -> None:
        """Close the connection to a data centre for good, if it is such a one."""
        async with self._borrow_sender_lock:
            state, sender = self._borrowed_senders.get(dc, (None, None))
            if sender is None or state.need_connect() or not is_bad(sender):
                return
            del self._borrowed_senders[dc]
        await sender.disconnect()

    async def _get_dc(self, dc_id: int, cdn: bool = False) -> Any:  # noqa: FBT001, FBT002
        """As Telethon's, but each client has a configuration of its own."""
        if self._centres is None:
            self._centres = await self(functions.help.GetConfigRequest())
        options = [one for one in self._centres.dc_options if one.id == dc_id and one.cdn == cdn]
        options.sort(key=lambda one: (bool(one.ipv6) != self._use_ipv6, bool(one.media_only)))
        if not options:
            raise UnknownDataCentre(f"data centre {dc_id} is unknown")
        return options[0]

    async def _create_exported_sender(self, dc_id: int) -> Any:
        dc = await self._get_dc(dc_id)
        auth = await self(functions.auth.ExportAuthorizationRequest(dc_id))
        query = functions.auth.ImportAuthorizationRequest(id=auth.id, bytes=auth.bytes)
        self._init_request.query = query
        request = functions.InvokeWithLayerRequest(LAYER, self._init_request)
        await self._take_turn(Family.CONNECT, query)
        sender = CrewSender(None, loggers=self._log)
        await sender.connect(self._connection(dc.ip_address, dc.port, dc.id, loggers=self._log))
        try:
            await told_apart(sender.send(request))
        except BaseException as error:
            await sender.disconnect()
            if isinstance(error, FLOODS):
                await self._tell(error, Family.CONNECT)
            raise
        return sender
