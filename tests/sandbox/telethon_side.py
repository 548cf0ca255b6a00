"""Unmodified Telethon clients in front of a sandbox."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.network import ConnectionTcpFull
from telethon.sessions import StringSession
from telethon.tl import types
from telethon.tl.functions.contacts import ResolveUsernameRequest
from telethon.tl.functions.messages import GetHistoryRequest

from sandbox.people import Person
from sandbox.server import Sandbox

DC_ID = 2


@asynccontextmanager
async def client_of(
    sandbox: Sandbox, *, session: str = "", connection: type = ConnectionTcpFull, **more: Any
) -> AsyncIterator[TelegramClient]:
    """A connected client, signed in only if `session` is."""
    rsa.add_key(sandbox.rsa_key_path.read_text(), old=False)
    kept = StringSession(session)
    host, port = sandbox.telegram_dc.partition("@")[2].split(":")
    kept.set_dc(DC_ID, host, int(port))
    settings: dict[str, Any] = {
        "flood_sleep_threshold": 0,
        "request_retries": 1,
        "raise_last_call_error": True,
        "receive_updates": False,
        "connection": connection,
    }
    client = TelegramClient(kept, sandbox.api_id, sandbox.api_hash, **(settings | more))
    try:
        await client.connect()
        yield client
    finally:
        await client.disconnect()


async def sign_in(client: TelegramClient, person: Person) -> types.User:
    await client.send_code_request(person.phone)
    return await client.sign_in(person.phone, person.login_code)


@asynccontextmanager
async def crew_client(
    sandbox: Sandbox, number: int = 1, **more: Any
) -> AsyncIterator[TelegramClient]:
    """The crew's account `number`, signed in."""
    async with client_of(sandbox, **more) as client:
        await sign_in(client, sandbox.world.accounts[number - 1])
        yield client


async def channel(client: TelegramClient, username: str) -> types.InputPeerChannel:
    found = await client(ResolveUsernameRequest(username))
    chat = found.chats[0]
    return types.InputPeerChannel(chat.id, chat.access_hash)


async def page(
    client: TelegramClient, peer: types.InputPeerChannel, offset_id: int = 0, **more: Any
) -> Any:
    arguments: dict[str, Any] = {
        "offset_date": None,
        "add_offset": 0,
        "limit": 100,
        "max_id": 0,
        "min_id": 0,
        "hash": 0,
    }
    return await client(GetHistoryRequest(peer, offset_id, **(arguments | more)))
