"""The pushing room: which connections want updates, and how updates reach them."""

import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from telethon.tl import TLObject, types

from sandbox import tl
from sandbox.mtproto import peers

if TYPE_CHECKING:
    from sandbox.mtproto.connection import Connection
    from sandbox.mtproto.door import MtprotoDoor
    from sandbox.mtproto.keys import AuthKey, Session

KEPT_TIMES = 300_000
_UPDATES = types.Updates.CONSTRUCTOR_ID.to_bytes(4, "little")
_SEQ = tl.integer(0)


class Room:
    """A session gets updates from its first call on that is not inside `invokeWithoutUpdates`.
    `sent_at`: (chat, message) -> `time.monotonic()` of the first socket write of the message."""

    def __init__(self, door: "MtprotoDoor") -> None:
        self._door = door
        self._listening: dict[int, dict[Connection, Session]] = {}
        self._heard_as: dict[Connection, tuple[int, Session]] = {}
        self.sent_at: dict[tuple[int, int], float] = {}
        self.pushed = 0

    def heard(self, connection: "Connection", key: "AuthKey", session: "Session") -> None:
        """A call came on the connection whose session wants updates."""
        if key.account is None or self._heard_as.get(connection) == (key.account, session):
            return
        self.left(connection)
        if connection.open:
            self._heard_as[connection] = key.account, session
            self._listening.setdefault(key.account, {})[connection] = session

    def left(self, connection: "Connection") -> None:
        account, _ = self._heard_as.pop(connection, (None, None))
        if account is None:
            return
        there = self._listening.get(account, {})
        there.pop(connection, None)
        if not there:
            self._listening.pop(account, None)

    def accounts(self) -> list[int]:
        """Accounts with somebody who listens."""
        return list(self._listening)

    def push(
        self,
        account: int,
        updates: Sequence[TLObject | bytes],
        *,
        users: Iterable[int] = (),
        channels: Iterable[int] = (),
        mark: tuple[int, int] | None = None,
    ) -> int:
        """Sends one `updates` to every listening session of the account, now. `users` and
        `channels` (basic groups too) are ids that it describes. `mark`: the chat and message
        whose `sent_at` this is. Returns how many sessions it was written to."""
        there = self._listening.get(account)
        if not there:
            return 0
        described = peers.described(self._door.world)
        body = b"".join(
            (
                _UPDATES,
                tl.vector([_raw(update) for update in updates]),
                tl.vector([described.user(account, one) for one in dict.fromkeys(users)]),
                tl.vector([described.channel(account, one) for one in dict.fromkeys(channels)]),
                tl.integer(int(self._door.now())),
                _SEQ,
            )
        )
        return self._write(account, there, self._door.faults.files.stamp(body), mark)

    def push_whole(self, account: int, updates: TLObject) -> int:
        """An `Updates` of any constructor, as it is."""
        there = self._listening.get(account)
        return self._write(account, there, bytes(updates), None) if there else 0

    def push_to_key(self, key: "AuthKey", update: TLObject) -> int:
        """One `updateShort` to a key's connections, signed in or not: for `updateLoginToken`."""
        now = tl.integer(int(self._door.now()))
        body = types.UpdateShort.CONSTRUCTOR_ID.to_bytes(4, "little") + bytes(update) + now
        there = [one for one in self._door.connections_of(key) if one.session is not None]
        for connection in there:
            connection.send(key, connection.session, body, content=True)  # type: ignore[arg-type]
        return len(there)

    def _write(
        self,
        account: int,
        there: "dict[Connection, Session]",
        body: bytes,
        mark: tuple[int, int] | None,
    ) -> int:
        written, body = 0, self._door.faults.objects.written(account, "push", body)
        for connection, session in tuple(there.items()):
            key = connection.key
            if key is None or key.account != account or not connection.open:
                self.left(connection)
                continue
            connection.send(key, session, body, content=True, soon=True)
            written += 1
        if written and mark is not None and mark not in self.sent_at:
            self.sent_at[mark] = time.monotonic()
            if len(self.sent_at) > KEPT_TIMES:
                del self.sent_at[next(iter(self.sent_at))]
        self.pushed += written
        return written


def _raw(item: TLObject | bytes) -> bytes:
    return item if isinstance(item, bytes) else bytes(item)
