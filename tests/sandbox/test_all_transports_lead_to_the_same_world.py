"""Every transport of the protocol, and both ways to begin the key exchange."""

import asyncio
import os
import struct
import time
from hashlib import sha1, sha256
from itertools import count

import cryptg
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from telethon.extensions import BinaryReader
from telethon.network import (
    ConnectionTcpAbridged,
    ConnectionTcpFull,
    ConnectionTcpIntermediate,
    ConnectionTcpObfuscated,
)
from telethon.tl import functions, types
from telethon_side import channel, crew_client, page

from sandbox.mtproto import crypto
from sandbox.mtproto.prime import G, P
from sandbox.seed import small_world
from sandbox.server import Sandbox


@pytest.fixture
async def sandbox(sandbox_folder):
    async with Sandbox(small_world(chats={"alpha_chat": 300}), sandbox_folder) as running:
        yield running


@pytest.mark.parametrize(
    "connection",
    [
        ConnectionTcpFull,
        ConnectionTcpAbridged,
        ConnectionTcpIntermediate,
        ConnectionTcpObfuscated,
    ],
)
async def test_each_transport_reads_a_page(sandbox, connection):
    async with crew_client(sandbox, connection=connection) as client:
        found = await page(client, await channel(client, "alpha_chat"))
    assert [message.id for message in found.messages] == list(
        sandbox.world.chat("alpha_chat").ids()
    )[:-101:-1]


class PaddedClient:
    """A few lines of a client that pads its packets and begins the exchange as newer ones do."""

    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer
        self._ids = count(int(time.time()) << 32, 4)

    async def ask(self, request):
        body = bytes(request)
        packet = struct.pack("<qqi", 0, next(self._ids), len(body)) + body
        noise = os.urandom(7)
        self._writer.write(struct.pack("<I", len(packet) + len(noise)) + packet + noise)
        size = struct.unpack("<I", await self._reader.readexactly(4))[0]
        answer = await self._reader.readexactly(size)
        with BinaryReader(answer[20:]) as reader:
            return reader.tgread_object()


def rsa_pad(data, public):
    """RSA_PAD of the protocol's description."""
    while True:
        padded = data + os.urandom(192 - len(data))
        temporary = os.urandom(32)
        hashed = padded[::-1] + sha256(temporary + padded).digest()
        encrypted = cryptg.encrypt_ige(hashed, temporary, bytes(32))
        masked = bytes(a ^ b for a, b in zip(temporary, sha256(encrypted).digest(), strict=True))
        number = int.from_bytes(masked + encrypted, "big")
        if number < public.n:
            return pow(number, public.e, public.n).to_bytes(256, "big")


def sha1_of(data):
    return sha1(data, usedforsecurity=False).digest()


async def test_the_newer_padding_with_a_data_centre_and_padded_packets(sandbox):
    public = load_pem_public_key(sandbox.rsa_key_path.read_bytes()).public_numbers()
    host, port = sandbox.telegram_dc.partition("@")[2].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"\xdd" * 4)
    client = PaddedClient(reader, writer)
    nonce = int.from_bytes(os.urandom(16), "little", signed=True)
    offer = await client.ask(functions.ReqPqMultiRequest(nonce))
    server_nonce, new_nonce = offer.server_nonce, int.from_bytes(os.urandom(32), "little") >> 1
    inner = types.PQInnerDataDc(
        offer.pq, b"\x49\x4c\x55\x3b", b"\x53\x91\x10\x73", nonce, server_nonce, new_nonce, dc=2
    )
    reply = await client.ask(
        functions.ReqDHParamsRequest(
            nonce,
            server_nonce,
            inner.p,
            inner.q,
            offer.server_public_key_fingerprints[0],
            rsa_pad(bytes(inner), public),
        )
    )
    secrets = (
        server_nonce.to_bytes(16, "little", signed=True),
        new_nonce.to_bytes(32, "little", signed=True),
    )
    key, iv = crypto.key_from_nonces(*secrets)
    with BinaryReader(cryptg.decrypt_ige(reply.encrypted_answer, key, iv)[20:]) as opened:
        dh = opened.tgread_object()
    assert (dh.nonce, dh.g, int.from_bytes(dh.dh_prime, "big")) == (nonce, G, P)
    exponent = int.from_bytes(os.urandom(256), "big")
    g_b = pow(dh.g, exponent, P).to_bytes(256, "big")
    mine = bytes(types.ClientDHInnerData(nonce, server_nonce, 0, g_b))
    signed = sha1_of(mine) + mine
    signed += os.urandom(-len(signed) % 16)
    done = await client.ask(
        functions.SetClientDHParamsRequest(nonce, server_nonce, cryptg.encrypt_ige(signed, key, iv))
    )
    shared = pow(int.from_bytes(dh.g_a, "big"), exponent, P).to_bytes(256, "big")
    number = b"\x01" if isinstance(done, types.DhGenOk) else b"\x02"
    digest = sha1_of(secrets[1] + number + sha1_of(shared)[:8])[4:]
    got = getattr(done, f"new_nonce_hash{number[0]}")
    assert got.to_bytes(16, "little", signed=True) == digest
    assert (number == b"\x02") == (shared[0] == 0)
    writer.close()
    await writer.wait_closed()
