"""Data of the release before are taken over: after a start they are those of the mongod that runs,
so that the next release can follow.
"""

from pathlib import Path

from structlog.testing import capture_logs

from app.embedded_mongo import EmbeddedMongo
from db import admin
from db.client import connect

BEFORE = "5.0"
"""Of the data; the packaged mongod is 6.0."""


async def release_of(mongo: EmbeddedMongo) -> str:
    async with connect(mongo.uri) as client:
        asked = {"getParameter": 1, "featureCompatibilityVersion": 1}
        reply = await client.admin.command(asked)
        return str(reply["featureCompatibilityVersion"]["version"])


async def test_after_a_start_and_only_when_they_are_older(tmp_path: Path) -> None:
    async with EmbeddedMongo(tmp_path) as mongo:
        own = await release_of(mongo)
        async with connect(mongo.uri) as client:
            await client.some.things.insert_one({"_id": 1})
            await client.admin.command({"setFeatureCompatibilityVersion": BEFORE})
        assert await release_of(mongo) == BEFORE
        async with EmbeddedMongo(tmp_path) as joined:
            assert await release_of(joined) == BEFORE
    with capture_logs() as logs:
        async with EmbeddedMongo(tmp_path) as mongo, connect(mongo.uri) as client:
            assert await release_of(mongo) == own
            assert await client.some.things.count_documents({}) == 1
            assert (await admin.inspect(mongo.uri)).version.startswith(f"{own}.")
            assert await admin.raise_compatibility(mongo.uri) is None
    raised = [one for one in logs if one["event"] == "mongod.data_raised"]
    assert [one["version"] for one in raised] == [own]
