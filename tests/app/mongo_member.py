"""A process that is in an embedded MongoDB until its input ends: for tests to run and to kill."""

import asyncio
import sys
from pathlib import Path

from app.embedded_mongo import EmbeddedMongo


async def main() -> None:
    async with EmbeddedMongo(Path(sys.argv[1])) as mongo:
        sys.stdout.write(f"{mongo.pid} {mongo.uri}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


asyncio.run(main())
