"""One client's socket: packets, messages, acknowledgements. Nothing here ever waits."""

import asyncio
import zlib
from collections import deque
from typing import TYPE_CHECKING

import structlog
from telethon.errors import TypeNotFoundError
from telethon.extensions import BinaryReader
from telethon.tl import TLObject

from sandbox.counters import Line
from sandbox.mtproto import crypto, envelope
from sandbox.mtproto.framing import FramingError
from sandbox.mtproto.handshake import Handshake, HandshakeError
from sandbox.mtproto.keys import AuthKey, Session
from sandbox.mtproto.transport import Transport
from sandbox.mtproto.trickle import Trickle

if TYPE_CHECKING:
    from sandbox.mtproto.door import MtprotoDoor

log = structlog.get_logger()
_KEY_UNKNOWN = (-404).to_bytes(4, "little", signed=True)
_MAX_INFLATED = 8 * 1024 * 1024
_MOST_UNREAD = 16 * 1024 * 1024
_PLAIN = bytes(8)


class Connection(asyncio.Protocol):
    """`key` is the auth key that the client last proved to hold; `turn` says which of that key's
    connections this is. A `stalled` one is neither read nor written, and stays."""

    def __init__(self, door: "MtprotoDoor") -> None:
        self._door = door
        self._stream: asyncio.Transport | None = None
        self._transport = Transport()
        self._packets: deque[bytes] = deque()
        self._paused = False
        self._handshake = Handshake(door.rsa_key, door.keyring)
        self._trickle = Trickle(self._put, self._rate)
        self._held: list[bytes] = []
        self._bundle: list[bytes] = []
        self.key: AuthKey | None = None
        self.line: Line | None = None
        self.turn = 0
        self.session: Session | None = None
        self.stalled = False

    @property
    def open(self) -> bool:
        return self._stream is not None and not self._stream.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._stream = transport  # type: ignore[assignment]
        self.line = self._door.counters.connected()
        self._door.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._stream = None
        self._trickle.stop()
        if self.line is not None:
            self._door.counters.disconnected(self.line)
        self._door.closed(self)

    def pause_writing(self) -> None:
        self._paused = True
        if self._stream is not None:
            self._stream.pause_reading()

    def resume_writing(self) -> None:
        self._paused = False
        self.data_received(b"")
        if self._stream is not None and not self._paused and not self.stalled:
            self._stream.resume_reading()

    def data_received(self, data: bytes) -> None:
        """Requests wait while their client does not read its answers."""
        if data and self.line is not None:
            self._door.counters.heard(self.line, len(data))
        if data and self.key is not None:
            self._door.spoke(self, self.key)
        try:
            self._packets.extend(self._transport.feed(data))
            while self._packets and self.open and not self._paused and not self.stalled:
                self._packet(self._packets.popleft())
        except (FramingError, HandshakeError, envelope.BrokenError) as error:
            log.info("mtproto.refused", reason=str(error))
            self.close()
        except Exception:  # the edge of the process: one client never ends the server
            log.exception("mtproto.failed")
            self.close()

    def stall(self) -> None:
        """From now on this end is as good as gone, and the other is not told."""
        self.stalled = True
        self._packets.clear()
        self._trickle.stop()
        if self._stream is not None:
            self._stream.pause_reading()

    def close(self) -> None:
        """At once, as a broken line does."""
        if self._stream is not None:
            self._stream.abort()

    def send(
        self, key: AuthKey, session: Session, body: bytes, *, content: bool, soon: bool = False
    ) -> None:
        """Encrypts a message and writes it; does nothing once the client has gone. `soon`: when
        the loop is next free, together with others, and not at all to a client that has long
        stopped reading."""
        if not self.open or (soon and self._clogged):
            return
        number = self._door.next_message_id(answer=content)
        sequence = session.next_seq(content=content)
        if soon and self._door.faults.objects.bundles(key.account):
            self._bundle.append(envelope.bundled(number, sequence, body))
            return
        if self._bundle and content:
            body = envelope.container([*self._bundle, envelope.bundled(number, sequence, body)])
            number = self._door.next_message_id(answer=content)
            self._bundle.clear()
        plain = envelope.pack(key.salt, session.id, number, sequence, body)
        self._write(crypto.encrypt(key.data, key.id, plain), soon=soon)

    def _write(self, packet: bytes, *, soon: bool = False) -> None:
        if self._stream is None or self.stalled:
            return
        framed = self._transport.wrap(packet)
        if self._trickle.busy or self._rate() is not None:
            self._flush()
            self._trickle.feed(framed)
            return
        if soon and not self._held:
            asyncio.get_running_loop().call_soon(self._flush)
        self._held.append(framed)
        if not soon:
            self._flush()

    @property
    def _clogged(self) -> bool:
        return (
            self._paused
            and self._stream is not None
            and self._stream.get_write_buffer_size() > _MOST_UNREAD
        )

    def _flush(self) -> None:
        held, self._held = self._held, []
        if held and self._stream is not None and not self.stalled:
            self._stream.write(b"".join(held))

    def _put(self, data: bytes) -> None:
        if self._stream is not None:
            self._stream.write(data)

    def _rate(self) -> float | None:
        return self._door.faults.scenery.rate(self.key.account if self.key else None)

    def _packet(self, packet: bytes) -> None:
        if packet[:8] == _PLAIN:
            answer = self._handshake.answer(envelope.unpack_plain(packet))
            self._write(envelope.pack_plain(self._door.next_message_id(answer=True), answer))
            return
        key = self._door.keyring.get(packet[:8])
        if key is None:
            self._write(_KEY_UNKNOWN)
            if self._stream is not None:
                self._stream.close()
            return
        plain = crypto.decrypt(key.data, packet)
        if plain is None:
            raise envelope.BrokenError("wrong message key")
        self._encrypted(key, envelope.unpack(plain))

    def _encrypted(self, key: AuthKey, message: envelope.Message) -> None:
        self._door.spoke(self, key)
        if self.stalled:
            return
        session, is_new = key.session(message.session_id)
        self.key, self.session = key, session
        if self.line is not None:
            self.line.account = key.account
        if message.salt != key.salt:
            self.send(key, session, envelope.bad_salt(message, key.salt), content=False)
            return
        fault = envelope.fault_of(message, self._door.now())
        if fault:
            self.send(key, session, envelope.bad_message(message, fault), content=False)
            return
        if is_new:
            created = envelope.new_session(message.id, session.id, key.salt)
            self.send(key, session, created, content=True)
        for message_id, body in envelope.parts(message.id, message.body):
            self._body(key, session, message_id, body)

    def _body(self, key: AuthKey, session: Session, message_id: int, body: bytes) -> None:
        body = envelope.inflate(body, _MAX_INFLATED)
        handled, reply = envelope.service_reply(body, message_id, key.salt, self._door.now())
        if handled:
            if reply:
                self.send(key, session, reply, content=True)
            return
        self._door.call(self, key, session, message_id, read_request(body))


def read_request(body: bytes) -> TLObject | int:
    """The request, or the constructor that nobody knows. Raises BrokenError."""
    try:
        with BinaryReader(body) as reader:
            return reader.tgread_object()
    except TypeNotFoundError as error:
        return error.invalid_constructor_id
    except zlib.error as error:
        raise envelope.BrokenError("cannot be inflated") from error
    except Exception as error:
        raise envelope.BrokenError("unreadable request") from error
