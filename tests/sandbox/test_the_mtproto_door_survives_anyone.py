"""Garbage, half-open and vanishing clients leave no trace: no error, no task, no memory."""

import asyncio
import gc
import logging
import os
import random
import struct
import time
from contextlib import suppress
from hashlib import sha256

import cryptg
import pytest
import structlog
from structlog.testing import capture_logs
from telethon.extensions import BinaryReader
from telethon.sessions import StringSession
from telethon.tl import functions, types
from telethon.tl.functions.updates import GetStateRequest
from telethon_side import channel, client_of, crew_client, page, sign_in
from waiting import wait_until

from sandbox.mtproto import envelope
from sandbox.seed import small_world
from sandbox.server import Sandbox

HISTORY = "messages.getHistory"
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))


@pytest.fixture
async def sandbox(sandbox_folder):
    async with Sandbox(
        small_world(chats={"alpha_chat": 900}, accounts=20), sandbox_folder
    ) as running:
        yield running


@pytest.fixture
def calm(caplog):
    """Fails the test if anything was logged as an error."""
    with capture_logs() as events:
        yield events
    assert not [event for event in events if event["log_level"] in ("error", "critical")]
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def dial(sandbox):
    host, port = sandbox.telegram_dc.partition("@")[2].split(":")
    return await asyncio.open_connection(host, int(port))


async def throw(sandbox, data):
    """Sends bytes and waits for the server to hang up, or hangs up itself after a moment."""
    reader, writer = await dial(sandbox)
    writer.write(data)
    with suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(0.05):
            await reader.read()
    await hang_up(writer)


async def hang_up(writer):
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


GARBAGE = [
    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    b"\xef\x01abcd",
    b"\xef\x7f\xff\xff\xff" + bytes(100),
    b"\xee\xee\xee\xee\xff\xff\xff\xff",
    b"\xee\xee\xee\xee" + struct.pack("<I", 20) + bytes(20),
    b"\xee\xee\xee\xee" + struct.pack("<I", 40) + bytes(16) + struct.pack("<I", 20) + bytes(20),
    b"\xee\xee\xee\xee" + struct.pack("<I", 40) + b"\x01" * 40,
    b"\xdd\xdd\xdd\xdd" + struct.pack("<I", 24) + bytes(16) + struct.pack("<I", 9999) + bytes(4),
    struct.pack("<II", 40, 0) + b"x" * 32,
    struct.pack("<II", 4, 0),
    bytes(64),
    b"",
]


@pytest.mark.parametrize("data", GARBAGE, ids=range(len(GARBAGE)))
async def test_garbage(sandbox, calm, data):
    await throw(sandbox, data)
    await wait_until(lambda: sandbox.mtproto.connections == 0)


async def test_random_bytes_in_every_transport(sandbox, calm):
    dice = random.Random(11)
    for size in (1, 7, 8, 63, 64, 65, 500, 5000):
        for head in (b"", b"\xef", b"\xee" * 4, b"\xdd" * 4):
            await throw(sandbox, head + dice.randbytes(size))
    await wait_until(lambda: sandbox.mtproto.connections == 0)
    async with crew_client(sandbox) as client:
        await client(GetStateRequest())


class Raw:
    """Speaks with an auth key that Telethon made, and may say anything."""

    def __init__(self, sandbox, client, reader, writer):
        self.key = client.session.auth_key.key
        self.salt = sandbox.mtproto.keyring.get(self.key_id(client)).salt
        self._id = self.key_id(client)
        self.reader, self.writer = reader, writer
        self._sent = 0

    @staticmethod
    def key_id(client):
        return struct.pack("<Q", client.session.auth_key.key_id)

    def send(self, body, message_id=None, length=None):
        self._sent += 1
        if message_id is None:
            message_id = (int(time.time()) << 32) + 4 * self._sent
        plain = struct.pack(
            "<qqqii",
            self.salt,
            5,
            message_id,
            2 * self._sent + 1,
            len(body) if length is None else length,
        )
        plain += body
        plain += os.urandom(12 + -(len(plain) + 12) % 16)
        msg_key = sha256(self.key[88:120] + plain).digest()[8:24]
        a = sha256(msg_key + self.key[:36]).digest()
        b = sha256(self.key[40:76] + msg_key).digest()
        key, iv = a[:8] + b[8:24] + a[24:], b[:8] + a[8:24] + b[24:]
        packet = self._id + msg_key + cryptg.encrypt_ige(plain, key, iv)
        self.writer.write(struct.pack("<I", len(packet)) + packet)

    async def receive(self):
        size = struct.unpack("<I", await self.reader.readexactly(4))[0]
        packet = await self.reader.readexactly(size)
        msg_key = packet[8:24]
        a = sha256(msg_key + self.key[8:44]).digest()
        b = sha256(self.key[48:84] + msg_key).digest()
        key, iv = a[:8] + b[8:24] + a[24:], b[:8] + a[8:24] + b[24:]
        plain = cryptg.decrypt_ige(packet[24:], key, iv)
        with BinaryReader(plain[32:]) as body:
            return body.tgread_object()


NESTED = b"".join(
    bytes(functions.InvokeWithLayerRequest(1, functions.PingRequest(1)))[:8] for _ in range(3000)
)
BODIES = [
    b"\0\0\0\0",
    os.urandom(64),
    envelope.GZIP + b"\x0cnotgzipatall",
    envelope.GZIP + b"\xfe\xff\xff\xff",
    envelope.CONTAINER + struct.pack("<I", 5000),
    envelope.CONTAINER + struct.pack("<I", 3) + bytes(16),
    envelope.CONTAINER + struct.pack("<Iqii", 1, 4, 0, 9999) + bytes(4),
    bytes(functions.help.GetConfigRequest()) + bytes(4),
    functions.messages.GetHistoryRequest.CONSTRUCTOR_ID.to_bytes(4, "little"),
    bytes(functions.contacts.ResolveUsernameRequest("abcdefgh"))[:8],
    NESTED,
    envelope.deflate(bytes(12_000_000)),
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
async def test_encrypted_nonsense(sandbox, calm, body):
    async with crew_client(sandbox, 1) as client, crew_client(sandbox, 2) as bystander:
        reader, writer = await dial(sandbox)
        writer.write(b"\xee" * 4)
        Raw(sandbox, client, reader, writer).send(body)
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(0.1):
                await reader.read()
        await hang_up(writer)
        await bystander(GetStateRequest())


@pytest.mark.parametrize(("message_id", "code"), [(4, 16), (2**63 - 4, 17), (5, 18)])
async def test_impossible_message_ids_are_named(sandbox, calm, message_id, code):
    async with crew_client(sandbox) as client:
        reader, writer = await dial(sandbox)
        writer.write(b"\xee" * 4)
        raw = Raw(sandbox, client, reader, writer)
        raw.send(bytes(functions.PingRequest(7)), message_id)
        notice = await raw.receive()
        assert isinstance(notice, types.BadMsgNotification)
        assert (notice.error_code, notice.bad_msg_id) == (code, message_id)
        await hang_up(writer)


async def test_half_open_and_silent_clients_cost_nothing(sandbox, calm):
    before = len(asyncio.all_tasks())
    pairs = [await dial(sandbox) for _ in range(100)]
    await wait_until(lambda: sandbox.mtproto.connections == 100)
    assert len(asyncio.all_tasks()) == before
    async with crew_client(sandbox) as client:
        assert (await page(client, await channel(client, "alpha_chat"))).count == 900
    for _, writer in pairs:
        writer.transport.abort()
    await wait_until(lambda: sandbox.mtproto.connections == 0)


async def test_a_client_that_vanishes_in_the_middle_of_a_request(sandbox, calm):
    async with crew_client(sandbox, 1) as client:
        saved = StringSession.save(client.session)
        peer = await channel(client, "alpha_chat")
    sandbox.faults.delay(0.1, method=HISTORY)
    for _ in range(5):
        async with client_of(sandbox, session=saved) as client:
            with pytest.raises((ConnectionError, TimeoutError)):
                async with asyncio.timeout(0.03):
                    await page(client, peer)
    await wait_until(lambda: sandbox.mtproto.connections == 0)
    assert not sandbox.mtproto._waiting
    assert all(call.open for call in sandbox.counters.of(method=HISTORY))


async def test_a_client_that_never_reads_is_not_read_from_either(sandbox, calm):
    async with crew_client(sandbox) as client:
        peer = await channel(client, "alpha_chat")
        reader, writer = await dial(sandbox)
        writer.write(b"\xee" * 4)
        raw = Raw(sandbox, client, reader, writer)
        ask = functions.messages.GetHistoryRequest(peer, 0, None, 0, 100, 0, 0, 0)
        reader._transport.pause_reading()
        for _ in range(2000):
            raw.send(bytes(ask))
        async with crew_client(sandbox, 2) as bystander:
            await bystander(GetStateRequest())
        served = sandbox.counters.totals[sandbox.world.accounts[0].id, HISTORY]
        assert 0 < served < 1000
        writer.transport.abort()


async def test_twenty_clients_at_once(sandbox, calm):
    chat = sandbox.world.chat("alpha_chat")

    async def read(number):
        async with client_of(sandbox) as client:
            await sign_in(client, sandbox.world.accounts[number])
            peer, offset, ids = await channel(client, "alpha_chat"), 0, []
            while (found := await page(client, peer, offset)).messages:
                ids += [message.id for message in found.messages]
                offset = ids[-1]
            return ids

    async with asyncio.TaskGroup() as group:
        readers = [group.create_task(read(number)) for number in range(20)]
    everything = list(chat.ids())[::-1]
    assert all(reader.result() == everything for reader in readers)
    assert {call.account for call in sandbox.counters.of(method=HISTORY)} == {
        person.id for person in sandbox.world.accounts
    }


async def test_nothing_is_left_when_the_sandbox_stops(sandbox_folder, calm):
    before = len(asyncio.all_tasks())
    async with Sandbox(small_world(chats={"alpha_chat": 50}), sandbox_folder) as sandbox:
        sandbox.faults.delay(5, method=HISTORY)
        async with crew_client(sandbox, connection_retries=0) as client:
            peer = await channel(client, "alpha_chat")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await page(client, peer)
    await wait_until(lambda: len(asyncio.all_tasks()) == before)
    gc.collect()
