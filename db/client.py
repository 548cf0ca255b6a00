"""The one place that names motor; it uses only calls that `pymongo.AsyncMongoClient` shares."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

os.environ.setdefault("MOTOR_MAX_WORKERS", "64")

from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import WriteConcern
from pymongo.errors import PyMongoError

from db.address import address_for_driver, refused_by_driver

CODEC: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)

Document = dict[str, Any]
Client = Any
MongoDatabase = Any
Collection = Any

SERVER_SELECTION_MS = 5_000

LIVENESS: dict[str, Any] = {
    "serverSelectionTimeoutMS": SERVER_SELECTION_MS,
    "heartbeatFrequencyMS": 5_000,
    "connectTimeoutMS": 5_000,
}
"""A server that hangs is noticed by its heartbeats and all calls to it end with an error, while a
call that is only slow takes as long as it needs."""


SAFE_WRITES: dict[str, Any] = {"w": "majority", "journal": True}
"""A write counts when a majority has it on disk, whatever the URI or the server would have it."""


@asynccontextmanager
async def connect(uri: str, *, timeout_ms: int = SERVER_SELECTION_MS) -> AsyncIterator[Client]:
    """A client of the MongoDB at `uri`, closed at the end. It connects at its first call.

    SettingsError for an address that cannot be used, or would break what we promise.
    """
    client = _client(uri, {**LIVENESS, **SAFE_WRITES, "serverSelectionTimeoutMS": timeout_ms})
    try:
        yield client
    finally:
        client.close()


def _client(uri: str, options: dict[str, Any]) -> Client:
    address = address_for_driver(uri)
    try:
        return AsyncIOMotorClient(address, tz_aware=True, appname="telecrew", **options)
    except (PyMongoError, ValueError, TypeError, OSError) as error:
        raise refused_by_driver(uri, error) from None


def database_of(client: Client, name: str) -> MongoDatabase:
    """The database, with majority writes and times in UTC."""
    concern = WriteConcern(w="majority", j=True)
    return client.get_database(name, codec_options=CODEC, write_concern=concern)
