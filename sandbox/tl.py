"""Pieces of Telegram's binary language, written by hand where speed matters."""

import struct
from collections.abc import Sequence

from telethon.tl import types

VECTOR = b"\x15\xc4\xb5\x1c"
PEER_USER = types.PeerUser.CONSTRUCTOR_ID.to_bytes(4, "little")
PEER_CHANNEL = types.PeerChannel.CONSTRUCTOR_ID.to_bytes(4, "little")
MESSAGE = types.Message.CONSTRUCTOR_ID.to_bytes(4, "little")
_INT = struct.Struct("<i")
_LONG = struct.Struct("<q")
_PADDING = (b"", b"\0\0\0", b"\0\0", b"\0")

MESSAGE_HEAD = struct.Struct("<4sIIi")
integer = _INT.pack
two_integers = struct.Struct("<ii").pack
long = _LONG.pack


def string(data: bytes) -> bytes:
    size = len(data)
    if size < 254:
        return bytes((size,)) + data + _PADDING[(size + 1) % 4]
    return b"\xfe" + size.to_bytes(3, "little") + data + _PADDING[size % 4]


def vector(items: Sequence[bytes]) -> bytes:
    return VECTOR + _INT.pack(len(items)) + b"".join(items)


def peer_user(user_id: int) -> bytes:
    return PEER_USER + _LONG.pack(user_id)


def peer_channel(channel_id: int) -> bytes:
    return PEER_CHANNEL + _LONG.pack(channel_id)


def message_id(raw: bytes) -> int:
    """The id of a serialized message of any kind."""
    return int(_INT.unpack_from(raw, 12 if raw[:4] == MESSAGE else 8)[0])


def with_access_hash(template: bytes, access_hash: int) -> bytes:
    """A serialized `user` or `channel` (constructor, two flag words, id, access hash, ...)
    as another viewer gets it."""
    return template[:20] + _LONG.pack(access_hash) + template[28:]
