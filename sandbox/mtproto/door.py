"""The MTProto door: listens, knows all connections, and has every call answered once."""

import asyncio
import time

import structlog
from telethon.tl import TLObject, types

from sandbox.counters import Call, Counters
from sandbox.faults import Faults
from sandbox.mtproto import envelope, methods, rpc
from sandbox.mtproto.connection import Connection
from sandbox.mtproto.keys import HOME, AuthKey, Keyring, KeyStore, Session
from sandbox.mtproto.later import Later
from sandbox.mtproto.news import News
from sandbox.mtproto.passwords import Passwords
from sandbox.mtproto.room import Room
from sandbox.mtproto.rpc import Caller, RpcError
from sandbox.mtproto.rsa_key import RsaKey
from sandbox.mtproto.search_desk import SearchDesk
from sandbox.mtproto.society import Society
from sandbox.mtproto.unwrap import unwrap
from sandbox.world import World

log = structlog.get_logger()


class MtprotoDoor:
    """Clients must show `api_id` and `api_hash`. `compress`: gzip answers over 512 bytes."""

    methods = methods

    def __init__(
        self,
        world: World,
        counters: Counters,
        faults: Faults,
        *,
        rsa_key: RsaKey,
        api_id: int,
        api_hash: str,
        compress: bool = False,
        key_store: KeyStore | None = None,
    ) -> None:
        self.world = world
        self.counters = counters
        self.faults = faults
        self.rsa_key = rsa_key
        self.api_id = api_id
        self.api_hash = api_hash
        self.keyring = Keyring(key_store)
        self.passwords = Passwords()
        self.exports: dict[bytes, tuple[int, int]] = {}
        self.room = Room(self)
        self.news = News(self)
        faults.updates.push_too_long = self.news.push_too_long
        self.later = Later()
        self.society = Society(self, self.later)
        self.search_desk = SearchDesk(self, self.later)
        self.host = ""
        self.port = 0
        self._compress = compress
        self._connections: set[Connection] = set()
        self._waiting: dict[Connection, set[_Pending]] = {}
        self._last_message_id = 0
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), host, port)
        self.host = host
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self.later.cancel()
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections):
            connection.close()
        if self._server is not None:
            await self._server.wait_closed()

    @property
    def connections(self) -> int:
        return len(self._connections)

    @staticmethod
    def now() -> float:
        return time.time()

    def next_message_id(self, *, answer: bool) -> int:
        """Rises for ever; odd, as a server's are."""
        wanted = int(time.time() * (1 << 32)) & ~3
        self._last_message_id = max(wanted, (self._last_message_id & ~3) + 4) + (1 if answer else 3)
        return self._last_message_id

    def opened(self, connection: Connection) -> None:
        self._connections.add(connection)
        if self.faults.scenery.swallows(None, known=False):
            connection.stall()

    def closed(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self.room.left(connection)
        for pending in self._waiting.pop(connection, ()):
            pending.cancel()
            self.counters.dropped(pending.call)

    def spoke(self, connection: Connection, key: AuthKey) -> None:
        """Bytes came on a connection of `key`. Once a later one has spoken with the key, any byte
        on an older one costs the key its account, whether the later one is still there or not."""
        if connection.key is not key:
            key.connections += 1
            connection.key, connection.turn = key, key.connections
            if self.faults.scenery.swallows(key.account, known=True):
                connection.stall()
        elif connection.turn < key.connections and key.error is None:
            self.counters.key_violated(key.id.hex(), key.account)
            self.keyring.belongs(key, None, "AUTH_KEY_DUPLICATED")

    def cut(self, account: int | None) -> int:
        """Breaks the account's connections (all when None). Returns how many."""
        return len([connection.close() for connection in self._of(account)])

    def stall(self, account: int | None) -> int:
        """Leaves the account's connections open and dead. Returns how many."""
        return len([connection.stall() for connection in self._of(account)])

    def heal(self, account: int | None) -> int:
        """Breaks what was stalled: nothing that was lost on it is made up for."""
        return len([one.close() for one in self._of(account) if one.stalled])

    def _of(self, account: int | None) -> list[Connection]:
        return [
            connection
            for connection in self._connections
            if account is None or (connection.key and connection.key.account == account)
        ]

    def connections_of(self, key: AuthKey) -> list[Connection]:
        return [connection for connection in self._connections if connection.key is key]

    def call(
        self,
        connection: Connection,
        key: AuthKey,
        session: Session,
        message_id: int,
        request: TLObject | int,
    ) -> None:
        """Answers a request now, later or never, as the faults have it."""
        if isinstance(request, int):
            name, inner = f"unknown.{request:08x}", None
        else:
            inner = unwrap(request)
            name = rpc.name_of(inner.request)
        call = self.counters.received(key.account, name)
        pending = _Pending(self, connection, key, session, message_id, call)
        verdict = self.faults.judge(key.account, name)
        if verdict.silent:
            self._waiting.setdefault(connection, set()).add(pending)
            return
        pending.body = verdict.error or self._carry_out(Caller(self, key, call), inner, name)
        if inner is not None and not inner.quiet and key.dc == HOME:
            self.room.heard(connection, key, session)
        if verdict.delay:
            self._waiting.setdefault(connection, set()).add(pending)
            pending.later(verdict.delay)
        else:
            pending.finish()

    def finished(self, pending: "_Pending") -> None:
        """Writes the answer of a call."""
        self._waiting.get(pending.connection, set()).discard(pending)
        body, error = pending.body, None
        if isinstance(body, RpcError):
            error = body.message
            body = bytes(types.RpcError(error_code=body.code, error_message=body.message))
        elif self._compress and len(body) > 512:
            body = envelope.deflate(body)
        self.counters.answered(pending.call, error=error)
        answer = envelope.result(pending.message_id, body)
        pending.connection.send(pending.key, pending.session, answer, content=True)

    def _carry_out(self, caller: Caller, inner: object, name: str) -> bytes | RpcError:
        if inner is None:
            return RpcError(400, f"INPUT_METHOD_INVALID: {name}")
        try:
            self._check_application(caller.key, inner)
            body = self.faults.files.stamp(_as_bytes(rpc.answer(caller, inner.request)))
            return self.faults.objects.written(caller.key.account, name, body)
        except RpcError as error:
            return error
        except Exception:  # the edge of the process: one request never ends the server
            log.exception("mtproto.method_failed", method=name)
            return RpcError(500, "INTERNAL_SERVER_ERROR")

    def _check_application(self, key: AuthKey, inner: object) -> None:
        if inner.api_id is None:
            return
        if inner.api_id != self.api_id:
            raise RpcError(400, "CONNECTION_API_ID_INVALID")
        key.device = inner.device


class _Pending:
    """A call that waits for its answer."""

    __slots__ = ("_door", "_timer", "body", "call", "connection", "key", "message_id", "session")

    def __init__(
        self,
        door: MtprotoDoor,
        connection: Connection,
        key: AuthKey,
        session: Session,
        message_id: int,
        call: Call,
    ) -> None:
        self._door = door
        self._timer: asyncio.TimerHandle | None = None
        self.connection = connection
        self.key = key
        self.session = session
        self.message_id = message_id
        self.call = call
        self.body: bytes | RpcError = b""

    def later(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self.finish)

    def finish(self) -> None:
        self._door.finished(self)

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


def _as_bytes(answer: TLObject | bytes) -> bytes:
    return answer if isinstance(answer, bytes) else bytes(answer)
