"""What surrounds a request on its way: message ids, salts, containers, acknowledgements."""

import gzip
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from telethon.tl import functions, types

from sandbox import tl

_HEAD = struct.Struct("<qqqii")
_PART = struct.Struct("<qii")
_PLAIN = struct.Struct("<qqi")
_LONG = struct.Struct("<q")
CONTAINER = b"\xdc\xf8\xf1\x73"
GZIP = b"\xa1\xcf\x72\x30"
RPC_RESULT = b"\x01\x6d\x5c\xf3"
_BIGGEST_CONTAINER = 1020
_TOO_LOW, _TOO_HIGH, _NOT_BY_FOUR = 16, 17, 18


def _code(kind: type) -> bytes:
    return kind.CONSTRUCTOR_ID.to_bytes(4, "little")  # type: ignore[attr-defined]


_ACKS = {
    _code(types.MsgsAck),
    _code(types.HttpWait) if hasattr(types, "HttpWait") else b"\x9f\x35\x99\x92",
    _code(types.MsgResendReq),
    _code(types.MsgsStateInfo),
    _code(types.MsgsAllInfo),
}
_PINGS = {_code(functions.PingRequest), _code(functions.PingDelayDisconnectRequest)}
_STATE = _code(types.MsgsStateReq)
_FUTURE_SALTS = _code(functions.GetFutureSaltsRequest)
_DESTROY = _code(functions.DestroySessionRequest)
_DROP = _code(functions.RpcDropAnswerRequest)


class BrokenError(Exception):
    """A packet that no client sends."""


@dataclass(frozen=True, slots=True)
class Message:
    salt: int
    session_id: int
    id: int
    seq: int
    body: bytes


class Part(NamedTuple):
    id: int
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


def parts(message_id: int, body: bytes) -> Iterator[Part]:
    """The messages of a container, or the one message."""
    if body[:4] != CONTAINER:
        yield Part(message_id, body)
        return
    count, at = int.from_bytes(body[4:8], "little"), 8
    if count > _BIGGEST_CONTAINER:
        raise BrokenError("container too big")
    for _ in range(count):
        if len(body) - at < _PART.size:
            raise BrokenError("container cut short")
        inner_id, _, length = _PART.unpack_from(body, at)
        at += _PART.size
        if not 4 <= length <= len(body) - at:
            raise BrokenError("wrong length in a container")
        yield Part(inner_id, body[at : at + length])
        at += length


def bundled(message_id: int, seq: int, body: bytes) -> bytes:
    """One message as a container holds it."""
    return _PART.pack(message_id, seq, len(body)) + body


def container(messages: list[bytes]) -> bytes:
    return CONTAINER + tl.integer(len(messages)) + b"".join(messages)


def inflate(body: bytes, most: int) -> bytes:
    """A gzipped body in clear; any other as it is."""
    if body[:4] != GZIP:
        return body
    head, size = (8, int.from_bytes(body[5:8], "little")) if body[4] == 254 else (5, body[4])
    decompressor = zlib.decompressobj(31)
    try:
        data = decompressor.decompress(body[head : head + size], most)
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


def bad_message(message: Message, code: int) -> bytes:
    return bytes(
        types.BadMsgNotification(bad_msg_id=message.id, bad_msg_seqno=message.seq, error_code=code)
    )


def new_session(first_message_id: int, unique_id: int, salt: int) -> bytes:
    return bytes(types.NewSessionCreated(first_message_id, unique_id, salt))


def result(message_id: int, body: bytes) -> bytes:
    return RPC_RESULT + _LONG.pack(message_id) + body


def service_reply(body: bytes, message_id: int, salt: int, now: float) -> tuple[bool, bytes | None]:
    """(was it a message of the protocol itself, what to say)."""
    kind = body[:4]
    if kind in _ACKS:
        return True, None
    if len(body) < 12:
        return False, None
    number = _LONG.unpack_from(body, 4)[0]
    if kind in _PINGS:
        return True, bytes(types.Pong(msg_id=message_id, ping_id=number))
    if kind == _STATE:
        count = int.from_bytes(body[8:12], "little")
        known = types.MsgsStateInfo(req_msg_id=message_id, info=bytes((4,)) * min(count, 8192))
        return True, bytes(known)
    if kind == _FUTURE_SALTS:
        return True, _future_salts(message_id, salt, int(now))
    if kind == _DESTROY:
        return True, bytes(types.DestroySessionOk(session_id=number))
    if kind == _DROP:
        return True, result(message_id, bytes(types.RpcAnswerUnknown()))
    return False, None


def _future_salts(message_id: int, salt: int, now: int) -> bytes:
    day = tl.integer(now - 60) + tl.integer(now + 86_400) + tl.long(salt)
    head = types.FutureSalts.CONSTRUCTOR_ID.to_bytes(4, "little")
    return head + tl.long(message_id) + tl.integer(now) + tl.integer(1) + day
