"""What somebody would write without the product: Telethon, `iter_messages`, `insert_many`.

The settings come as the first line of JSON on standard input: `settings` as the product's, `dc`
(number, host, port), `sessions` (Telethon's strings), `uri`, `database`. Then each line is a list
with the sources of each client; what is answered is the count of messages.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Any

from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.sessions import StringSession

from bench.plain_fields import document
from db.client import connect, database_of

BATCH = 500


async def main() -> None:
    given = json.loads(await asyncio.to_thread(sys.stdin.readline))
    rsa.add_key(given["rsa_key"], old=False)
    clients = [
        TelegramClient(StringSession(session), given["api_id"], given["api_hash"])
        for session in given["sessions"]
    ]
    for client in clients:
        await client.connect()
    print(json.dumps("connected"), flush=True)
    async with connect(given["uri"]) as mongo:
        collection = database_of(mongo, given["database"])["plain"]
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(await read_all(clients, json.loads(line), collection)), flush=True)


async def read_all(
    clients: Sequence[TelegramClient], sources: Sequence[Sequence[str]], collection: Any
) -> int:
    """Every client reads its sources, one after another; all clients at once."""

    async def read_some(client: TelegramClient, names: Sequence[str]) -> int:
        return sum([await read(client, name, collection) for name in names])

    async with asyncio.TaskGroup() as group:
        readers = [
            group.create_task(read_some(client, names))
            for client, names in zip(clients, sources, strict=False)
        ]
    return sum(reader.result() for reader in readers)


async def read(client: TelegramClient, source: str, collection: Any) -> int:
    """One history, newest first."""
    count, batch = 0, []
    async for message in client.iter_messages(source, wait_time=0):
        batch.append(document(message))
        if len(batch) == BATCH:
            await collection.insert_many(batch, ordered=False)
            count, batch = count + len(batch), []
    if batch:
        await collection.insert_many(batch, ordered=False)
    return count + len(batch)


if __name__ == "__main__":
    asyncio.run(main())
