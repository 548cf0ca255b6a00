"""A connection that opens and writes only under a lease, and whose bytes end with it.

What was written may not have left the machine: a cable is out, or the other side does not read. The
system would go on sending it after the connection was closed, and after this process has ended; by
then another machine may hold the account, and a byte of ours would cost its key.
"""

import socket
import struct
import time
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from telethon.network import ConnectionTcpFull

DROP_WHAT_WAITS = struct.pack("ii", 1, 0)
"""SO_LINGER on, for no time: closing drops what was not sent, however the socket is closed."""


class WriteGuard:
    """Asks before each write to Telegram whether the account is still ours.

    `underway`: seconds that the system may go on sending what was written, though nobody confirms
    it; then it gives the connection up, even while this process stands still.
    """

    def __init__(self, may_write: Callable[[], bool], *, underway: float | None = None) -> None:
        self._may_write = may_write
        self.underway = underway
        self.refused = 0
        self._lines: WeakSet[LeasedConnection] = WeakSet()
        self._heard_at = time.monotonic()

    def heard(self) -> None:
        """Something came from Telegram."""
        self._heard_at = time.monotonic()

    def silent_for(self) -> float:
        """Seconds since anything came."""
        return time.monotonic() - self._heard_at

    def allows(self) -> bool:
        """Whether a byte may go out now; a refusal is counted."""
        allowed = self._may_write()
        self.refused += not allowed
        return allowed

    def opened(self, line: "LeasedConnection") -> None:
        """One more connection of the account, to whatever data centre."""
        self._lines.add(line)

    def cut(self) -> None:
        """Cut every connection of the account; what waits to be sent is dropped."""
        for line in self._lines:
            line.abort()

    def cut_unless_ours(self) -> None:
        """Cut them if the account may be another's by now."""
        if not self._may_write():
            self.cut()

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
        self.guard.opened(self)
        self._bound(self._writer.get_extra_info("socket"))

    def _bound(self, line: socket.socket) -> None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, DROP_WHAT_WAITS)
        limit = getattr(socket, "TCP_USER_TIMEOUT", None)  # Linux
        if limit is not None and self.guard.underway is not None:
            line.setsockopt(socket.IPPROTO_TCP, limit, int(self.guard.underway * 1000))

    async def recv(self) -> Any:
        received = await super().recv()
        self.guard.heard()
        return received

    def send(self, data: bytes) -> Any:
        self.guard.check()
        return super().send(data)

    def _send(self, data: bytes) -> None:
        self.guard.check()
        super()._send(data)

    def abort(self) -> None:
        """Cut the connection; what waits to be sent is dropped."""
        if self._writer is not None:
            self._writer.transport.abort()


def leased(guard: WriteGuard) -> type[LeasedConnection]:
    """The connection class of one account; Telethon wants a class and makes the instances."""
    return type("LeasedConnection", (LeasedConnection,), {"guard": guard})
