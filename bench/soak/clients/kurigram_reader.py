"""Kurigram signs in, reads a chat and fetches a file. It speaks the sandbox's layer by itself."""

import asyncio
import hashlib
import json
import sys
from pathlib import Path

from pyrogram import Client
from pyrogram.crypto import rsa
from pyrogram.storage.sqlite_storage import SQLiteStorage


class Storage(SQLiteStorage):
    """Its address is the sandbox's, whatever the client thinks."""

    async def server_address(self, _value: object = None) -> str:
        return str(GIVEN["host"])

    async def port(self, _value: object = None) -> int:
        return int(GIVEN["port"])


async def read(client: Client) -> dict[str, object]:
    messages = [
        [one.id, int(one.raw.date), getattr(one.raw, "message", None) or ""]
        async for one in client.get_chat_history(GIVEN["chat"])
    ]
    filed = await client.get_messages(GIVEN["files"], GIVEN["file"])
    file = bytes((await client.download_media(filed, in_memory=True)).getbuffer())
    return {"messages": messages, "size": len(file), "sha256": hashlib.sha256(file).hexdigest()}


async def main() -> dict[str, object]:
    rsa.server_public_keys[int(GIVEN["fingerprint"])] = rsa.PublicKey(
        int(GIVEN["modulus"]), GIVEN["exponent"]
    )
    client = Client(
        "reader", api_id=GIVEN["apiId"], api_hash=GIVEN["apiHash"], phone_number=GIVEN["phone"],
        phone_code=GIVEN["code"], password=GIVEN["password"], no_updates=True,
        storage_engine=Storage("reader", Path.cwd(), in_memory=True),
    )  # fmt: skip
    async with client:
        return await read(client)


if __name__ == "__main__":
    GIVEN = json.loads(sys.argv[1])
    Path(GIVEN["out"]).write_text(json.dumps(asyncio.run(main())))
