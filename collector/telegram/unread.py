"""What comes unasked and cannot be decoded: told to whoever listens, and nothing else is lost."""

import gzip
import struct
import time
import zlib
from collections.abc import Iterator
from typing import Any

from telethon.crypto import AES
from telethon.errors import InvalidBufferError, SecurityError
from telethon.extensions import BinaryReader
from telethon.network.mtprotostate import (
    MSG_TOO_NEW_DELTA,
    MSG_TOO_OLD_DELTA,
    MTProtoState,
)
from telethon.tl.core import MessageContainer, RpcResult
from telethon.tl.core.tlmessage import TLMessage

from collector.telegram.torn import BROKEN
from core.clock import SystemClock

CLOCK = SystemClock()

UNDECODABLE = (*BROKEN, zlib.error, gzip.BadGzipFile, EOFError)
"""What reading a message of the protocol may raise when what is in it cannot be read."""

_HEAD = struct.Struct("<qii")
_HEAD_AT, _BODY_AT = 16, 32
_CONTAINER = MessageContainer.CONSTRUCTOR_ID.to_bytes(4, "little")
_RESULT = RpcResult.CONSTRUCTOR_ID.to_bytes(4, "little")


class Unread:
    """The body of a message of the protocol, as it came."""

    CONSTRUCTOR_ID = 0

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    def answers(self) -> int | None:
        """The id of the request that it answers, if it is an answer."""
        if not self.raw.startswith(_RESULT) or len(self.raw) < _HEAD_AT:
            return None
        return int.from_bytes(self.raw[4:12], "little", signed=True)


STEP = 1.0
"""Seconds by which the wall clock may move against the other one and not count as set."""


class WholeState(MTProtoState):  # type: ignore[misc]  # Telethon has no types
    """Telethon's, which lets a whole container go, answers in it too, for one update that it cannot
    read; here only that one is an `Unread`.

    Telethon takes what came for too old or too new by the wall clock, and lets it go; here a step
    of that is made good, so a connection goes by the time at which it began.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        self._began = _drift()
        self._offset = 0.0
        super().__init__(*given, **named)

    @property
    def time_offset(self) -> float:
        """Seconds from the wall clock to Telegram's time."""
        return self._offset + self._stepped()

    @time_offset.setter
    def time_offset(self, seconds: float) -> None:
        self._offset = seconds - self._stepped()

    def _stepped(self) -> float:
        stepped = self._began - _drift()
        return stepped if abs(stepped) > STEP else 0.0

    def decrypt_message_data(self, body: bytes) -> Any:
        """The message; None for one that is to be ignored."""
        try:
            return super().decrypt_message_data(body)
        except (SecurityError, InvalidBufferError):
            raise
        except UNDECODABLE:
            return self._in_pieces(body)

    def _in_pieces(self, body: bytes) -> Any:
        """Telethon found it to be authentic, and of this session, before it began to decode."""
        key, iv = self._calc_key(self.auth_key.key, body[8:24], False)  # noqa: FBT003
        plain = AES.decrypt_ige(body[24:], key, iv)
        number, sequence, length = _HEAD.unpack_from(plain, _HEAD_AT)
        age = time.time() + self.time_offset - (number >> 32)
        if not -MSG_TOO_NEW_DELTA <= age <= MSG_TOO_OLD_DELTA:
            return None
        self._recent_remote_ids.append(number)
        self._highest_remote_id = number
        self._ignore_count = 0
        whole = plain[_BODY_AT : _BODY_AT + length]
        return TLMessage(number, sequence, MessageContainer(list(_pieces(number, sequence, whole))))


def _drift() -> float:
    return time.time() - CLOCK.elapsed()


def _pieces(number: int, sequence: int, data: bytes) -> Iterator[Any]:
    if not data.startswith(_CONTAINER):
        yield _piece(number, sequence, data)
        return
    at = 8
    for _ in range(int.from_bytes(data[4:8], "little")):
        if len(data) < at + _HEAD.size:
            return
        inner, order, length = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        yield _piece(inner, order, data[at : at + length])
        at += length


def _piece(number: int, sequence: int, data: bytes) -> Any:
    try:
        with BinaryReader(data) as reader:
            return TLMessage(number, sequence, reader.tgread_object())
    except UNDECODABLE:
        return TLMessage(number, sequence, Unread(data))
