"""Finds out which transport a client speaks, and undoes its obfuscation."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from sandbox.mtproto.framing import Abridged, Framing, FramingError, Full, Intermediate

_OBFUSCATED_HEAD = 64


class Transport:
    """Bytes in, packets out; and back."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._framing: Framing | None = None
        self._decryptor = None
        self._encryptor = None

    def feed(self, data: bytes) -> list[bytes]:
        """Whole packets that have come. Raises FramingError."""
        self._buffer += self._decryptor.update(data) if self._decryptor else data
        if self._framing is None:
            self._framing = self._detect()
        packets: list[bytes] = []
        while self._framing and (packet := self._framing.take(self._buffer)) is not None:
            packets.append(packet)
        return packets

    def wrap(self, packet: bytes) -> bytes:
        """Raises FramingError before the client has said how it speaks."""
        if self._framing is None:
            raise FramingError("nothing was received yet")
        framed = self._framing.wrap(packet)
        return self._encryptor.update(framed) if self._encryptor else framed

    def _detect(self) -> Framing | None:
        buffer = self._buffer
        if buffer[:1] == b"\xef":
            del buffer[:1]
            return Abridged()
        if len(buffer) < 8:
            return None
        if buffer[:4] == b"\xee" * 4:
            del buffer[:4]
            return Intermediate()
        if buffer[:4] == b"\xdd" * 4:
            del buffer[:4]
            return Intermediate(padded=True)
        if buffer[4:8] == bytes(4):
            return Full()
        return self._deobfuscate() if len(buffer) >= _OBFUSCATED_HEAD else None

    def _deobfuscate(self) -> Framing:
        head = bytes(self._buffer[:_OBFUSCATED_HEAD])
        back = head[55:7:-1]
        self._decryptor = _ctr(head[8:40], head[40:56])
        self._encryptor = _ctr(back[:32], back[32:48])
        clear = self._decryptor.update(head)
        framings = {
            b"\xef" * 4: Abridged,
            b"\xee" * 4: Intermediate,
            b"\xdd" * 4: lambda: Intermediate(padded=True),
        }
        framing = framings.get(clear[56:60])
        if framing is None:
            raise FramingError("no known transport")
        rest = self._decryptor.update(bytes(self._buffer[_OBFUSCATED_HEAD:]))
        self._buffer[:] = rest
        return framing()


def _ctr(key: bytes, iv: bytes):
    return Cipher(algorithms.AES(key), modes.CTR(iv)).encryptor()
