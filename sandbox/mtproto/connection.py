"""One client's socket: packets, messages, acknowledgements. Nothing here ever waits."""

import asyncio
from collections import deque
from typing import TYPE_CHECKING

import structlog

from sandbox.counters import Line
from sandbox.mtproto import crypto, envelope
from sandbox.mtproto.framing import FramingError
from sandbox.mtproto.handshake import Handshake, HandshakeError
from sandbox.mtproto.inbox import Inbox
from sandbox.mtproto.journal import Sent
from sandbox.mtproto.keys import AuthKey, Session
from sandbox.mtproto.transport import Transport
from sandbox.mtproto.trickle import Trickle

if TYPE_CHECKING:
    from sandbox.mtproto.door import MtprotoDoor

log = structlog.get_logger()
_KEY_UNKNOWN = (-404).to_bytes(4, "little", signed=True)
_MOST_UNREAD = 16 * 1024 * 1024
_PLAIN = bytes(8)


class Connection(asyncio.Protocol):
    """`key` is the auth key that the client last proved to hold; `turn` says which of that key's
    connections this is. A `stalled` one is neither read nor written, and stays. `media`: it came
    to the address that is for files alone."""

    def __init__(self, door: "MtprotoDoor", *, media: bool = False) -> None:
        self._door = door
        self.media = media
        self._deadline: asyncio.TimerHandle | None = None
        self._stream: asyncio.Transport | None = None
        self._transport = Transport()
        self._packets: deque[bytes] = deque()
        self._paused = False
        self._handshake = Handshake(door.rsa_key, door.keyring)
        self._inbox = Inbox(door, self)
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
        self._end_deadline()
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
            self._door.refused(self, str(error))
            self.close()
        except Exception:  # the edge of the process: one client never ends the server
            log.exception("mtproto.failed")
            self.close()

    def stall(self) -> None:
        """From now on this end is as good as gone, and the other is not told."""
        self.stalled = True
        self._end_deadline()
        self._packets.clear()
        self._trickle.stop()
        if self._stream is not None:
            self._stream.pause_reading()

    def close(self) -> None:
        """At once, as a broken line does."""
        if self._stream is not None:
            self._stream.abort()

    def hang_up_in(self, seconds: float) -> None:
        """Closes the connection then, unless it is said again."""
        self._end_deadline()
        if self._stream is not None:
            loop = asyncio.get_running_loop()
            self._deadline = loop.call_later(max(0, seconds), self._stream.close)

    def _end_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def send_again(self, key: AuthKey, session: Session, sent: Sent) -> None:
        """Writes what was written before, with the id that it had."""
        plain = envelope.pack(key.salt, session.id, sent.id, sent.seq, sent.body)
        self._write(crypto.encrypt(key.data, key.id, plain))

    def send(
        self,
        key: AuthKey,
        session: Session,
        body: bytes,
        *,
        content: bool,
        soon: bool = False,
        request: int | None = None,
    ) -> None:
        """Encrypts a message and writes it; does nothing once the client has gone. `soon`: when
        the loop is next free, together with others, and not at all to a client that has long
        stopped reading. `request`: the message that this answers; kept until it is confirmed."""
        if not self.open or (soon and self._clogged):
            return
        number = self._door.next_message_id(answer=content)
        sequence = session.next_seq(content=content)
        if request is not None:
            session.journal.sent(Sent(number, sequence, body, request))
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
        self._inbox.take(key, session, message, is_new=is_new)
