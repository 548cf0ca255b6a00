"""A client by hand: it may say anything, in any packet, and sees all that the server writes."""

import asyncio
import os
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cryptg
from telethon.extensions import BinaryReader
from telethon.tl import TLObject
from telethon.tl.core import MessageContainer, RpcResult

from sandbox.mtproto.keys import AuthKey
from sandbox.server import Sandbox

_HEAD = struct.Struct("<qqqii")
_PATIENCE = 30
SALT = 77


@dataclass(frozen=True, slots=True)
class Came:
    """A message of the server's. `answers`: the request whose result it is."""

    id: int
    seq: int
    what: Any
    answers: int | None = None


def packed(data: bytes) -> bytes:
    """A `bytes` field of Telegram's language."""
    head = bytes((len(data),)) if len(data) < 254 else b"\xfe" + len(data).to_bytes(3, "little")
    return head + data + bytes(-(len(head) + len(data)) % 4)


def vector(ids: list[int]) -> bytes:
    return struct.pack(f"<Ii{len(ids)}q", 0x1CB5C415, len(ids), *ids)


@dataclass(slots=True)
class Raw:
    """One connection. `say` numbers messages as a good client would, unless it is told how."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    key: AuthKey
    session: int = 5
    salt: int = SALT
    content: int = 0
    last: int = 0
    seen: list[Came] = field(default_factory=list)

    def number(self) -> int:
        self.last = max(self.last + 4, (int(time.time()) - 5) << 32)
        return self.last

    def next_seq(self, *, content: bool = True) -> int:
        seq = self.content * 2 + content
        self.content += content
        return seq

    def say(
        self,
        body: TLObject | bytes,
        *,
        content: bool = True,
        id: int | None = None,  # noqa: A002
        seq: int | None = None,
        salt: int | None = None,
    ) -> int:
        """Sends a message and returns its id."""
        body = bytes(body)
        number = self.number() if id is None else id
        seq = self.next_seq(content=content) if seq is None else seq
        head = (self.salt if salt is None else salt, self.session, number, seq, len(body))
        plain = _HEAD.pack(*head) + body
        plain += os.urandom(12 + -(len(plain) + 12) % 16)
        data = self.key.data
        msg_key = sha256(data[88:120] + plain).digest()[8:24]
        packet = self.key.id + msg_key + cryptg.encrypt_ige(plain, *_keys(data, msg_key, 0))
        self.writer.write(struct.pack("<I", len(packet)) + packet)
        return number

    async def read(self) -> None:
        """One packet of the server's. Raises IncompleteReadError when it has hung up."""
        async with asyncio.timeout(_PATIENCE):
            size = struct.unpack("<I", await self.reader.readexactly(4))[0]
            packet = await self.reader.readexactly(size)
        if size == 4:
            self.seen.append(Came(0, 0, struct.unpack("<i", packet)[0]))
            return
        plain = cryptg.decrypt_ige(packet[24:], *_keys(self.key.data, packet[8:24], 8))
        _, _, number, seq, length = _HEAD.unpack_from(plain)
        with BinaryReader(plain[_HEAD.size : _HEAD.size + length]) as reader:
            what = reader.tgread_object()
            if not isinstance(what, RpcResult):
                inside = what.messages if isinstance(what, MessageContainer) else None
                for one in inside or ():
                    self.seen.append(_came(one.msg_id, one.seq_no, one.obj))
                if inside is None:
                    self.seen.append(Came(number, seq, what))
                return
            self.seen.append(_came(number, seq, what))

    async def until(self, kind: type | tuple[type, ...], *, answers: int | None = None) -> Came:
        """The next message of that kind; it is taken off `seen`."""
        while True:
            for at, one in enumerate(self.seen):
                if isinstance(one.what, kind) and answers in (None, one.answers):
                    return self.seen.pop(at)
            await self.read()

    async def ask(self, request: TLObject | bytes) -> Any:
        """The answer, be it an error."""
        return (await self.until(object, answers=self.say(request))).what


def _came(number: int, seq: int, what: Any) -> Came:
    if not isinstance(what, RpcResult):
        return Came(number, seq, what)
    if what.error is not None:
        return Came(number, seq, what.error, what.req_msg_id)
    with BinaryReader(what.body) as reader:
        return Came(number, seq, reader.tgread_object(), what.req_msg_id)


def _keys(data: bytes, msg_key: bytes, side: int) -> tuple[bytes, bytes]:
    a = sha256(msg_key + data[side : side + 36]).digest()
    b = sha256(data[side + 40 : side + 76] + msg_key).digest()
    return a[:8] + b[8:24] + a[24:], b[:8] + a[8:24] + b[24:]


def new_key(sandbox: Sandbox, *, account: int | None = None) -> AuthKey:
    """A key that the server knows, of this account."""
    key = AuthKey(b"\x01" + os.urandom(255), SALT, account)
    sandbox.mtproto.keyring.add(key)
    return key


@asynccontextmanager
async def raw_client(
    sandbox: Sandbox, key: AuthKey | None = None, *, media: bool = False, session: int = 5
) -> AsyncIterator[Raw]:
    """`key`: a new one of the first account when it is left out."""
    door = sandbox.mtproto
    port = door.media_port if media else door.port
    reader, writer = await asyncio.open_connection(door.host, port)
    writer.write(b"\xee" * 4)
    known = key or new_key(sandbox, account=sandbox.world.accounts[0].id)
    try:
        yield Raw(reader, writer, known, session=session)
    finally:
        writer.transport.abort()
