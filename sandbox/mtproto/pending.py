"""Calls that wait: for their time, for another call, or for ever."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox.counters import Call as Counted
from sandbox.mtproto.journal import Call
from sandbox.mtproto.keys import AuthKey, Session
from sandbox.mtproto.rpc import RpcError
from sandbox.mtproto.unwrap import Unwrapped

if TYPE_CHECKING:
    from sandbox.mtproto.connection import Connection


class Pending:
    """A call that has no answer yet. `what`: the request, or why it is refused; `after`: the
    messages whose calls come first; `delay`: seconds by which the answer is late."""

    __slots__ = ("_timer", "after", "body", "call", "connection", "delay", "key", "message_id",
                 "session", "what")  # fmt: skip

    def __init__(
        self,
        connection: "Connection",
        key: AuthKey,
        session: Session,
        message_id: int,
        call: Counted,
    ) -> None:
        self._timer: asyncio.TimerHandle | None = None
        self.connection = connection
        self.key = key
        self.session = session
        self.message_id = message_id
        self.call = call
        self.after: tuple[int, ...] = ()
        self.what: Unwrapped | RpcError | None = None
        self.delay = 0.0
        self.body: bytes | RpcError = b""
        session.journal.began(message_id)

    def later(self, seconds: float, then: Callable[["Pending"], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, then, self)

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    @property
    def blocked(self) -> bool:
        """Whether a call that comes first still runs."""
        return any(self.session.journal.call(one) is Call.RUNNING for one in self.after)

    @property
    def in_vain(self) -> bool:
        """Whether a call that came first failed, or is none."""
        return any(self.session.journal.call(one) is not Call.DONE for one in self.after)


class Waiting:
    """All of them, by connection."""

    def __init__(self) -> None:
        self._by_connection: dict[Connection, dict[int, Pending]] = {}
        self._held: set[Pending] = set()

    def __len__(self) -> int:
        return sum(len(there) for there in self._by_connection.values())

    def add(self, pending: Pending) -> None:
        self._by_connection.setdefault(pending.connection, {})[pending.message_id] = pending
        if pending.after:
            self._held.add(pending)

    def remove(self, pending: Pending) -> None:
        there = self._by_connection.get(pending.connection, {})
        there.pop(pending.message_id, None)
        self._held.discard(pending)
        if not there:
            self._by_connection.pop(pending.connection, None)

    def left(self, connection: "Connection") -> list[Pending]:
        """The connection has gone: its calls, which nobody waits for any more."""
        gone = list(self._by_connection.pop(connection, {}).values())
        self._held.difference_update(gone)
        for one in gone:
            one.cancel()
            one.session.journal.ended(one.message_id, failed=True)
        return gone

    def find(self, session: Session, message_id: int) -> Pending | None:
        for there in self._by_connection.values():
            one = there.get(message_id)
            if one is not None and one.session is session:
                return one
        return None

    def behind(self, session: Session, message_id: int) -> list[Pending]:
        """Calls that waited for this one, and now for none."""
        there = [
            one
            for one in self._held
            if one.session is session and message_id in one.after and not one.blocked
        ]
        for one in there:
            self.remove(one)
        return sorted(there, key=lambda one: one.message_id)
