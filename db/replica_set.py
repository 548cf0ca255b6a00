"""A replica set that is made of mongods which wait for it."""

import asyncio
import time
from collections.abc import Sequence

from pymongo.errors import OperationFailure, PyMongoError

from db.client import Client, connect

PATIENCE = 90.0
"""Seconds in which the mongods have to answer and to agree."""

ANSWER_MS = 2_000
ALREADY_INITIALIZED = 23
MOST_TOLD = 300
"""Characters of an error: the driver tells of each server at length."""


class NoReplicaSet(Exception):
    """There is none that takes writes; the message says why."""


async def found_replica_set(
    name: str, members: Sequence[str], *, patience: float = PATIENCE
) -> None:
    """Return once the set of these `HOST:PORT` takes writes; one that is there is left as it is.

    Raises NoReplicaSet.
    """
    deadline = time.monotonic() + patience
    trouble = "nobody was asked"
    while time.monotonic() < deadline:
        try:
            if await _takes_writes(name, members):
                return
            trouble = "it has no primary yet"
        except PyMongoError as error:
            trouble = str(error)[:MOST_TOLD]
        await asyncio.sleep(0.5)
    raise NoReplicaSet(f"{members[0]} is in no replica set that takes writes: {trouble}.")


async def _takes_writes(name: str, members: Sequence[str]) -> bool:
    uri = f"mongodb://{members[0]}/?directConnection=true"
    async with connect(uri, timeout_ms=ANSWER_MS) as client:
        hello = await client.admin.command("hello")
        if "setName" not in hello:
            await _initiate(client, name, members)
            return False
        if hello["setName"] != name:
            raise NoReplicaSet(f"{members[0]} is in the replica set {hello['setName']}.")
        return bool(hello.get("primary"))


async def _initiate(client: Client, name: str, members: Sequence[str]) -> None:
    """Another one may have done it in between."""
    places = [{"_id": number, "host": place} for number, place in enumerate(members)]
    try:
        await client.admin.command("replSetInitiate", {"_id": name, "members": places})
    except OperationFailure as error:
        if error.code != ALREADY_INITIALIZED:
            raise
