"""The embedded MongoDB: the first starts it, others join, the last stops it, a crash leaves it."""

from db.client import connect
from db.database import Database


async def test_it_is_a_replica_set_that_takes_majority_writes(database: Database) -> None:
    await database.ping()


async def test_it_lets_nobody_in_without_the_password(mongo_uri: str) -> None:
    async with connect("mongodb://" + mongo_uri.rpartition("@")[2]) as client:
        assert await client.admin.command("ping")
