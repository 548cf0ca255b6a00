"""A connection that opens and writes only under a lease."""

import time
from collections.abc import Callable
from typing import Any

from telethon.network import ConnectionTcpFull


class WriteGuard:
    """Asks before each write to Telegram whether the account is still ours."""

    def __init__(self, may_write: Callable[[], bool]) -> None:
        self._may_write = may_write
        self.refused = 0
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
        """Cut the connection without waiting for anything to be sent."""
        if self._writer is not None:
            self._writer.transport.abort()


def leased(guard: WriteGuard) -> type[LeasedConnection]:
    """The connection class of one account; Telethon wants a class and makes the instances."""
    return type("LeasedConnection", (LeasedConnection,), {"guard": guard})
