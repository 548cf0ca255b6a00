"""Packets in a stream of bytes: the full, abridged and intermediate framings."""

import struct
from typing import Protocol
from zlib import crc32

MAX_PACKET = 2 * 1024 * 1024
_TWO_INTS = struct.Struct("<II")
_INT = struct.Struct("<I")


class FramingError(Exception):
    """Bytes that no client of this framing sends."""


class Framing(Protocol):
    """`take` cuts the next packet off the buffer, or returns None until more has come."""

    def take(self, buffer: bytearray) -> bytes | None: ...

    def wrap(self, packet: bytes) -> bytes: ...


class Full:
    def __init__(self) -> None:
        self._sent = 0
        self._received = 0

    def take(self, buffer: bytearray) -> bytes | None:
        if len(buffer) < 8:
            return None
        length, number = _TWO_INTS.unpack_from(buffer)
        _check(length, least=12)
        if number != self._received:
            raise FramingError("a packet is out of turn")
        if len(buffer) < length:
            return None
        whole = bytes(buffer[: length - 4])
        if _INT.unpack_from(buffer, length - 4)[0] != crc32(whole):
            raise FramingError("wrong checksum")
        del buffer[:length]
        self._received += 1
        return whole[8:]

    def wrap(self, packet: bytes) -> bytes:
        framed = _TWO_INTS.pack(len(packet) + 12, self._sent) + packet
        self._sent += 1
        return framed + _INT.pack(crc32(framed))


class Abridged:
    def take(self, buffer: bytearray) -> bytes | None:
        if not buffer:
            return None
        head, words = 1, buffer[0] & 0x7F
        if words == 0x7F:
            if len(buffer) < 4:
                return None
            head, words = 4, int.from_bytes(buffer[1:4], "little")
        _check(words * 4, least=4)
        return _cut(buffer, head, words * 4)

    def wrap(self, packet: bytes) -> bytes:
        words = len(packet) // 4
        if words < 0x7F:
            return bytes((words,)) + packet
        return b"\x7f" + words.to_bytes(3, "little") + packet


class Intermediate:
    """With `padded` a packet may be followed by up to 15 bytes of noise."""

    def __init__(self, *, padded: bool = False) -> None:
        self._padded = padded

    def take(self, buffer: bytearray) -> bytes | None:
        if len(buffer) < 4:
            return None
        length = _INT.unpack_from(buffer)[0] & 0x7FFFFFFF
        _check(length, least=4)
        packet = _cut(buffer, 4, length)
        if packet is not None and self._padded:
            return _without_noise(packet)
        return packet

    def wrap(self, packet: bytes) -> bytes:
        return _INT.pack(len(packet)) + packet


def _check(length: int, *, least: int) -> None:
    if not least <= length <= MAX_PACKET:
        raise FramingError("impossible length")


def _cut(buffer: bytearray, head: int, length: int) -> bytes | None:
    if len(buffer) < head + length:
        return None
    packet = bytes(buffer[head : head + length])
    del buffer[: head + length]
    return packet


def _without_noise(packet: bytes) -> bytes:
    """Encrypted packets are 24 bytes and a multiple of 16; plain ones say their length."""
    if packet[:8] == bytes(8) and len(packet) >= 20:
        return packet[: 20 + _INT.unpack_from(packet, 16)[0]]
    return packet[: 24 + (len(packet) - 24) // 16 * 16]
