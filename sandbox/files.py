"""The bytes of photos and files: made when they are asked for, the same each time."""

from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b, sha256
from random import Random
from typing import NamedTuple

from telethon.tl import types

BLOCK = 64 * 1024
REFERENCE_HEAD = b"\1sandbox-ref-"
_SIZE_BITS = 32


class Content(NamedTuple):
    """What a message's file is. `expiring`: it is to be seen once, or is already gone, and then
    has neither id nor size."""

    kind: str
    id: int
    size: int
    expiring: bool

    @property
    def sha256(self) -> str:
        return digest_of(self.id)


def file_id(draw: int, size: int) -> int:
    """An id of 63 bits that says how big its file is (below 4 GiB)."""
    return (draw & 0x7FFFFFFF) << _SIZE_BITS | size


def size_of(known_id: int) -> int:
    return known_id & ((1 << _SIZE_BITS) - 1)


def access_hash(known_id: int) -> int:
    digest = blake2b(f"file:{known_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def reference(epoch: int) -> bytes:
    """The file reference that messages show in that epoch: 20 bytes."""
    return REFERENCE_HEAD + epoch.to_bytes(20 - len(REFERENCE_HEAD), "big")


def epoch_of(shown: bytes) -> int | None:
    """None: no server ever gave it."""
    if len(shown) != 20 or not shown.startswith(REFERENCE_HEAD):
        return None
    return int.from_bytes(shown[len(REFERENCE_HEAD) :], "big")


def read(
    known_id: int, offset: int, limit: int, *, thumb: str = "", size: int | None = None
) -> bytes:
    """A part of the file; shorter at its end, and empty behind it. `thumb`: a smaller picture, a
    ninth of the size. `size`: another one than the file is said to have."""
    if size is None:
        size = size_of(known_id) // (9 if thumb else 1)
    end = min(offset + limit, size)
    if end <= offset:
        return b""
    first = offset // BLOCK
    blocks = [_block(known_id, thumb, number) for number in range(first, (end - 1) // BLOCK + 1)]
    return b"".join(blocks)[offset - first * BLOCK : end - first * BLOCK]


@lru_cache(maxsize=10_000)
def digest_of(known_id: int) -> str:
    """SHA-256 of the whole file, in hexadecimal."""
    digest = sha256()
    for part in parts(known_id):
        digest.update(part)
    return digest.hexdigest()


def parts(known_id: int) -> Iterator[bytes]:
    size = size_of(known_id)
    for offset in range(0, size, BLOCK):
        yield read(known_id, offset, BLOCK)


def content_of(message: types.TypeMessage) -> Content | None:
    """The file of a message: the truth for checks; of a photo, its biggest size. None: it has
    none."""
    media = getattr(message, "media", None)
    if isinstance(media, types.MessageMediaPhoto):
        kind, held = "photo", media.photo
    elif isinstance(media, types.MessageMediaDocument):
        kind, held = "document", media.document
    else:
        return None
    expiring = media.ttl_seconds is not None
    if held is None:
        return Content(kind, 0, 0, expiring)
    return Content(kind, held.id, size_of(held.id), expiring)


@lru_cache(maxsize=64)
def _block(known_id: int, thumb: str, number: int) -> bytes:
    return Random(f"{known_id}:{thumb}:{number}").randbytes(BLOCK)
