"""How many pages of history the sandbox gives to one client that decodes nothing."""

import asyncio
import os
import struct
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from hashlib import sha1, sha256
from pathlib import Path

import cryptg
from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.sessions import StringSession
from telethon.tl.functions.contacts import ResolveUsernameRequest
from telethon.tl.functions.messages import GetHistoryRequest
from telethon.tl.types import InputPeerChannel

PAGE = 100
_HEAD = struct.Struct("<qqqii")
_BAD_SALT, _RESULT = b"\x7b\x44\xab\xed", b"\x01\x6d\x5c\xf3"


async def pages_per_second(
    settings: Mapping[str, str], phone: str, code: str, username: str, offsets: Sequence[int]
) -> float:
    """`settings`: what points the product at a running sandbox; `phone` and `code`: of an account
    without a two-step password; `offsets`: the `offset_id` of each page, asked one by one."""
    async with asyncio.timeout(120), lean_client(settings, phone, code, username) as client:
        begun = time.perf_counter()
        await client.read(offsets)
        return len(offsets) / (time.perf_counter() - begun)


@asynccontextmanager
async def lean_client(
    settings: Mapping[str, str], phone: str, code: str, username: str
) -> AsyncIterator["LeanClient"]:
    """Signed in, connected, and past its first request, which no page is counted for."""
    session, peer = await _signed_in(settings, phone, code, username)
    reader, writer = await asyncio.open_connection(session.server_address, session.port)
    try:
        client = LeanClient(_Line(reader, writer, session.auth_key.key), peer)
        await client.read([0])
        yield client
    finally:
        writer.close()
        await writer.wait_closed()


class LeanClient:
    def __init__(self, line: "_Line", peer: InputPeerChannel) -> None:
        self._line = line
        self._peer = peer

    async def read(self, offsets: Sequence[int]) -> None:
        """A page below each of these ids, one after the other."""
        for offset in offsets:
            answer = await self._line.ask(_history(self._peer, offset))
            if len(answer) < PAGE * 32:
                raise ValueError(f"no page below {offset}")


async def _signed_in(
    settings: Mapping[str, str], phone: str, code: str, username: str
) -> tuple[StringSession, InputPeerChannel]:
    rsa.add_key(await asyncio.to_thread(Path(settings["TELEGRAM_RSA_KEY"]).read_text), old=False)
    number, _, address = settings["TELEGRAM_DC"].partition("@")
    host, _, port = address.partition(":")
    session = StringSession()
    session.set_dc(int(number), host, int(port))
    client = TelegramClient(
        session, int(settings["API_ID"]), settings["API_HASH"], receive_updates=False
    )
    await client.connect()
    try:
        await client.send_code_request(phone)
        await client.sign_in(phone, code)
        chat = (await client(ResolveUsernameRequest(username))).chats[0]
    finally:
        await client.disconnect()
    return session, InputPeerChannel(chat.id, chat.access_hash)


def _history(peer: InputPeerChannel, offset: int) -> bytes:
    return bytes(
        GetHistoryRequest(
            peer, offset, offset_date=None, add_offset=0, limit=PAGE, max_id=0, min_id=0, hash=0
        )
    )


class _Line:
    """One abridged connection that speaks with an auth key, one request at a time."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: bytes
    ) -> None:
        self._reader, self._writer, self._key = reader, writer, key
        self._key_id = sha1(key, usedforsecurity=False).digest()[12:]
        self._session = int.from_bytes(os.urandom(7), "big")
        self._salt = self._asked = self._last_id = 0
        writer.write(b"\xef")

    async def ask(self, body: bytes) -> bytes:
        """The body of the answer, as it came."""
        wanted = self._send(body)
        while True:
            answer = await self._receive()
            if answer[:4] == _BAD_SALT:
                self._salt = struct.unpack_from("<q", answer, 20)[0]
                wanted = self._send(body)
            elif answer[:4] == _RESULT and answer[4:12] == wanted:
                return answer[12:]

    def _send(self, body: bytes) -> bytes:
        self._last_id = max(self._last_id + 4, int(time.time() * 2**32) & ~3)
        head = _HEAD.pack(self._salt, self._session, self._last_id, self._asked * 2 + 1, len(body))
        self._asked += 1
        plain = head + body
        plain += os.urandom(12 + -(len(plain) + 12) % 16)
        msg_key = sha256(self._key[88:120] + plain).digest()[8:24]
        packet = self._key_id + msg_key + cryptg.encrypt_ige(plain, *self._aes(msg_key, 0))
        words = len(packet) // 4
        size = bytes((words,)) if words < 0x7F else b"\x7f" + words.to_bytes(3, "little")
        self._writer.write(size + packet)
        return struct.pack("<q", self._last_id)

    async def _receive(self) -> bytes:
        words = (await self._reader.readexactly(1))[0]
        if words == 0x7F:
            words = int.from_bytes(await self._reader.readexactly(3), "little")
        packet = await self._reader.readexactly(words * 4)
        plain = cryptg.decrypt_ige(packet[24:], *self._aes(packet[8:24], 8))
        length = _HEAD.unpack_from(plain)[4]
        return plain[_HEAD.size : _HEAD.size + length]

    def _aes(self, msg_key: bytes, side: int) -> tuple[bytes, bytes]:
        first = sha256(msg_key + self._key[side : side + 36]).digest()
        second = sha256(self._key[side + 40 : side + 76] + msg_key).digest()
        return first[:8] + second[8:24] + first[24:], second[:8] + first[8:24] + second[24:]
