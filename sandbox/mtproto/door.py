"""The MTProto door: listens, knows all connections, and has every call answered once."""

import asyncio
import time
from collections.abc import Callable

import structlog
from telethon.tl import TLObject, types

from sandbox.counters import Counters
from sandbox.faults import Faults
from sandbox.mtproto import envelope, methods, rpc
from sandbox.mtproto.connection import Connection
from sandbox.mtproto.keys import HOME, AuthKey, Keyring, KeyStore, Session
from sandbox.mtproto.later import Later
from sandbox.mtproto.news import News
from sandbox.mtproto.passwords import Passwords
from sandbox.mtproto.pending import Pending, Waiting
from sandbox.mtproto.requests import LAYER, Unread, other_layer
from sandbox.mtproto.room import Room
from sandbox.mtproto.rpc import Caller, RpcError
from sandbox.mtproto.rsa_key import RsaKey
from sandbox.mtproto.search_desk import SearchDesk
from sandbox.mtproto.society import Society
from sandbox.mtproto.unwrap import Unwrapped, unwrap
from sandbox.world import World

log = structlog.get_logger()
_FOR_FILES_TOO = ("help.getConfig", "help.getNearestDc", "auth.bindTempAuthKey")


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
        self.port = self.media_port = 0
        self._compress = compress
        self._connections: set[Connection] = set()
        self._waiting = Waiting()
        self._last_message_id = 0
        self._servers: list[asyncio.Server] = []

    async def start(self, host: str, port: int, media_port: int = 0) -> None:
        """`media_port`: of the address that `help.getConfig` calls `media_only`."""
        self.host = host
        self.port = await self._listen(lambda: Connection(self), port)
        self.media_port = await self._listen(lambda: Connection(self, media=True), media_port)

    async def _listen(self, made: Callable[[], Connection], port: int) -> int:
        server = await asyncio.get_running_loop().create_server(made, self.host, port)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        self.later.cancel()
        for server in self._servers:
            server.close()
        for connection in tuple(self._connections):
            connection.close()
        for server in self._servers:
            await server.wait_closed()

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
        for pending in self._waiting.left(connection):
            self.counters.dropped(pending.call)

    def refused(self, connection: Connection, reason: str) -> None:
        """A packet was not taken: whoever writes a client sees why."""
        account = connection.key.account if connection.key else None
        log.warning("mtproto.refused", reason=reason, account=account)

    def spoke(self, connection: Connection, key: AuthKey) -> None:
        """Bytes came on a connection of `key`. Once a later one has spoken with the key, any byte
        on an older one costs the key its account, whether the later one is still there or not.
        Connections for files alone are others' company: they may be many."""
        if connection.media:
            connection.key = key
        elif connection.key is not key:
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
        request: TLObject | Unread,
    ) -> None:
        """Answers a request now, later or never, as the faults have it."""
        inner = None if isinstance(request, Unread) else unwrap(request)
        name = request.name if inner is None else rpc.name_of(inner.request)
        session.layer = (request if inner is None else inner).layer or session.layer
        pending = Pending(
            connection, key, session, message_id, self.counters.received(key.account, name)
        )
        verdict = self.faults.judge(key.account, name)
        if verdict.silent:
            self._waiting.add(pending)
            return
        refusal = verdict.error or self._refusal(connection, session, request, name)
        pending.what, pending.delay = refusal or inner, verdict.delay
        pending.after = () if inner is None else inner.after
        if pending.blocked:
            self._waiting.add(pending)
        else:
            self._proceed(pending)

    def _proceed(self, pending: Pending) -> None:
        key, inner = pending.key, pending.what
        if isinstance(inner, RpcError):
            pending.body = inner
        elif pending.in_vain:
            pending.body = RpcError(400, "MSG_WAIT_FAILED")
        else:
            pending.body = self._carry_out(Caller(self, key, pending.call), inner)
        heard = not (isinstance(inner, RpcError) or inner.quiet or pending.connection.media)
        if heard and key.dc == HOME:
            self.room.heard(pending.connection, key, pending.session)
        if pending.delay:
            self._waiting.add(pending)
            pending.later(pending.delay, self.finished)
        else:
            self.finished(pending)

    def finished(self, pending: Pending) -> None:
        """Writes the answer of a call, and lets those behind it go on."""
        self._waiting.remove(pending)
        body, error = pending.body, None
        if isinstance(body, RpcError):
            error = body.message
            body = bytes(types.RpcError(error_code=body.code, error_message=body.message))
        elif self._compress and len(body) > 512:
            body = envelope.deflate(body)
        self.counters.answered(pending.call, error=error)
        session, request = pending.session, pending.message_id
        session.journal.ended(request, failed=error is not None)
        answer = envelope.result(request, body)
        pending.connection.send(pending.key, session, answer, content=True, request=request)
        for one in self._waiting.behind(session, request):
            self._proceed(one)

    def drop(self, session: Session, message_id: int) -> None:
        """Ends a call that still runs: `rpc_answer_dropped_running` is its answer."""
        pending = self._waiting.find(session, message_id)
        if pending is not None:
            pending.cancel()
            pending.body = bytes(types.RpcAnswerDroppedRunning())
            self.finished(pending)

    def _refusal(
        self, connection: Connection, session: Session, request: TLObject | Unread, name: str
    ) -> RpcError | None:
        """Why the call is not carried out at all."""
        error = None
        if isinstance(request, Unread):
            error = request.error
        elif session.layer not in (None, LAYER):
            error = other_layer(session.layer)
        elif connection.media and not (name.startswith("upload.") or name in _FOR_FILES_TOO):
            error = RpcError(400, f"METHOD_NOT_SUPPORTED: {name}, this address is media_only")
        if error is not None:
            self.refused(connection, error.message)
        return error

    def _carry_out(self, caller: Caller, inner: Unwrapped) -> bytes | RpcError:
        name = caller.call.method
        try:
            self._check_application(caller.key, inner)
            body = self.faults.files.stamp(_as_bytes(rpc.answer(caller, inner.request)))
            return self.faults.objects.written(caller.key.account, name, body)
        except RpcError as error:
            if error.message.startswith("METHOD_NOT_SUPPORTED"):
                log.warning("mtproto.refused", reason=error.message, account=caller.key.account)
            return error
        except Exception:  # the edge of the process: one request never ends the server
            log.exception("mtproto.method_failed", method=name)
            return RpcError(500, "INTERNAL_SERVER_ERROR")

    def _check_application(self, key: AuthKey, inner: Unwrapped) -> None:
        if inner.api_id is None:
            return
        if inner.api_id != self.api_id:
            raise RpcError(400, "CONNECTION_API_ID_INVALID")
        key.device = inner.device


def _as_bytes(answer: TLObject | bytes) -> bytes:
    return answer if isinstance(answer, bytes) else bytes(answer)
