"""What surrounds a request on its way: message ids, salts, containers, acknowledgements."""

import gzip
import struct
import zlib
from dataclasses import dataclass
from typing import NamedTuple

from telethon.tl import types

from sandbox import tl

_HEAD = struct.Struct("<qqqii")
_PART = struct.Struct("<qii")
_PLAIN = struct.Struct("<qqi")
_LONG = struct.Struct("<q")
CONTAINER = b"\xdc\xf8\xf1\x73"
GZIP = b"\xa1\xcf\x72\x30"
RPC_RESULT = b"\x01\x6d\x5c\xf3"
_COPY = b"\xb2\x46\x60\xe0"
_BIGGEST_CONTAINER = 1020
_BIGGEST = 8 * 1024 * 1024
_ZLIB_OR_GZIP = 47
INVALID_CONTAINER = 64
_TOO_LOW, _TOO_HIGH, _NOT_BY_FOUR = 16, 17, 18


class BrokenError(Exception):
    """A packet that no client sends."""


class ContainerError(BrokenError):
    """A container that is not one."""


@dataclass(frozen=True, slots=True)
class Message:
    salt: int
    session_id: int
    id: int
    seq: int
    body: bytes


class Part(NamedTuple):
    id: int
    seq: int
    body: bytes


def pack(salt: int, session_id: int, message_id: int, seq: int, body: bytes) -> bytes:
    return _HEAD.pack(salt, session_id, message_id, seq, len(body)) + body


def unpack(plain: bytes) -> Message:
    salt, session_id, message_id, seq, length = _HEAD.unpack_from(plain)
    padding = len(plain) - _HEAD.size - length
    if length < 4 or length % 4 or not 12 <= padding <= 1024:
        raise BrokenError("wrong length")
    return Message(salt, session_id, message_id, seq, plain[_HEAD.size : _HEAD.size + length])


def pack_plain(message_id: int, body: bytes) -> bytes:
    return _PLAIN.pack(0, message_id, len(body)) + body


def unpack_plain(packet: bytes) -> bytes:
    if len(packet) < _PLAIN.size + 4:
        raise BrokenError("too short")
    _, _, length = _PLAIN.unpack_from(packet)
    if not 4 <= length <= len(packet) - _PLAIN.size:
        raise BrokenError("wrong length")
    return packet[_PLAIN.size : _PLAIN.size + length]


def parts(message: Message) -> tuple[list[Part], bool]:
    """(what came in this message, was it a container), all unpacked. Raises BrokenError."""
    body = inflate(message.body)
    if body[:4] == CONTAINER:
        return [_unpacked(part) for part in _contained(message.id, body)], True
    return [_unpacked(Part(message.id, message.seq, body))], False


def _contained(message_id: int, body: bytes) -> list[Part]:
    count, at = int.from_bytes(body[4:8], "little"), 8
    if count > _BIGGEST_CONTAINER:
        raise ContainerError("container too big")
    found = []
    for _ in range(count):
        part, at = _part(body, at)
        if part.id >= message_id:
            raise ContainerError("container older than what it holds")
        if part.body[:4] == CONTAINER:
            raise ContainerError("container in a container")
        found.append(part)
    return found


def _part(body: bytes, at: int) -> tuple[Part, int]:
    """(the message that begins there, where it ends)."""
    if len(body) - at < _PART.size:
        raise ContainerError("container cut short")
    inner_id, seq, length = _PART.unpack_from(body, at)
    at += _PART.size
    if not 4 <= length <= len(body) - at or length % 4:
        raise ContainerError("wrong length in a container")
    return Part(inner_id, seq, body[at : at + length]), at + length


def _unpacked(part: Part) -> Part:
    """A packed message in clear, and the original of a copy."""
    if part.body[:4] == _COPY:
        part, _ = _part(part.body, 4)
    return part if part.body[:4] != GZIP else part._replace(body=inflate(part.body))


def bundled(message_id: int, seq: int, body: bytes) -> bytes:
    """One message as a container holds it."""
    return _PART.pack(message_id, seq, len(body)) + body


def container(messages: list[bytes]) -> bytes:
    return CONTAINER + tl.integer(len(messages)) + b"".join(messages)


def inflate(body: bytes) -> bytes:
    """A packed body in clear; any other as it is. Raises BrokenError."""
    if body[:4] != GZIP:
        return body
    if len(body) < 8:
        raise BrokenError("packed body cut short")
    head, size = (8, int.from_bytes(body[5:8], "little")) if body[4] == 254 else (5, body[4])
    return unzip(body[head : head + size])


def unzip(packed: bytes) -> bytes:
    """What `gzip_packed` holds: by gzip, or by zlib as some clients do. Raises BrokenError."""
    decompressor = zlib.decompressobj(_ZLIB_OR_GZIP)
    try:
        data = decompressor.decompress(packed, _BIGGEST)
    except zlib.error as error:
        raise BrokenError("cannot be inflated") from error
    if decompressor.unconsumed_tail or len(data) < 4:
        raise BrokenError("inflates to nothing, or too much")
    return data


def deflate(body: bytes) -> bytes:
    return GZIP + tl.string(gzip.compress(body, 6, mtime=0))


def fault_of(message: Message, now: float) -> int:
    """The error code for an impossible message id, or 0."""
    if message.id % 4:
        return _NOT_BY_FOUR
    age = now - (message.id >> 32)
    if age > 300:
        return _TOO_LOW
    return _TOO_HIGH if age < -30 else 0


def bad_salt(message: Message, salt: int) -> bytes:
    return bytes(
        types.BadServerSalt(
            bad_msg_id=message.id, bad_msg_seqno=message.seq, error_code=48, new_server_salt=salt
        )
    )


def bad_message(message: Message | Part, code: int) -> bytes:
    return bytes(
        types.BadMsgNotification(bad_msg_id=message.id, bad_msg_seqno=message.seq, error_code=code)
    )


def new_session(first_message_id: int, unique_id: int, salt: int) -> bytes:
    return bytes(types.NewSessionCreated(first_message_id, unique_id, salt))


def acknowledged(message_id: int) -> bytes:
    return bytes(types.MsgsAck([message_id]))


def result(message_id: int, body: bytes) -> bytes:
    return RPC_RESULT + _LONG.pack(message_id) + body
