"""Who is too old or too new for a store does not work on it, changes nothing, and says so."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from house import House, kept
from waiting import wait_until

from bench.soak.service import Service
from core.schema import THIS
from db.client import MongoDatabase

FUTURE = {"_id": "store", "version": 9, "oldest": 9, "release": "0.9.0", "recount": False}
SENTENCE = "Install Telecrew 0.9.0 or newer here, too."

COMMANDS = (
    ("run", "--no-env-file"),
    ("bot", "--no-env-file"),
    ("collector", "--no-env-file"),
    ("login", "+99 000"),
    ("accounts", "list"),
    ("export", "@alpha_chat"),
)
"""Every command that opens the store; `doctor` looks and tells."""


async def spoken(house: House, words: tuple[str, ...], out: Path) -> tuple[int, str]:
    with out.open("wb") as file:
        process = await house.nursery.spawn(
            "app.cli",
            *words,
            env={**kept(), **house.settings},
            folder=house.folder,
            streams=(None, file.fileno(), file.fileno()),
        )
        status = await asyncio.wait_for(process.wait(), 60)
    return status, await asyncio.to_thread(out.read_text)


async def everything(bare: MongoDatabase) -> dict[str, list[Any]]:
    names = await bare.list_collection_names()
    return {name: [one async for one in bare[name].find({})] for name in sorted(names)}


@pytest.mark.timeout(180)
async def test_each_command_refuses_a_store_of_a_later_release(make_house) -> None:
    house: House = await make_house({"alpha_chat": 50}, accounts=1)
    await house.bare["schema"].insert_one(FUTURE)
    before = await everything(house.bare)
    for words in COMMANDS:
        status, said = await spoken(house, words, house.folder / "said.txt")
        assert status == 1, (words, said)
        assert SENTENCE in " ".join(said.split()), (words, said)
        assert "Traceback" not in said
        assert await everything(house.bare) == before, words
    status, said = await spoken(house, ("doctor",), house.folder / "said.txt")
    assert status == 1
    assert "0.9.0" in said


@pytest.mark.timeout(180)
async def test_a_running_service_ends_when_a_later_release_takes_the_store(make_house) -> None:
    house: House = await make_house({"alpha_chat": 50}, accounts=1)
    services = [await house.start(role) for role in ("bot", "collector")]
    await wait_until(lambda: leased(house), timeout=30)
    await house.bare["schema"].replace_one({"_id": "store"}, FUTURE, upsert=True)
    for service in services:
        assert await service.ended(30) == 1
    assert not await leased(house)
    for said in (text(house, "bot-0"), text(house, "collector-1")):
        assert SENTENCE in " ".join(said.split())
        assert "Traceback" not in said


async def leased(house: House) -> bool:
    return any(one.lease is not None for one in await house.database.accounts.all())


def text(house: House, name: str) -> str:
    return (house.folder / f"{name}.log").read_text()


@pytest.mark.timeout(180)
async def test_a_collector_does_not_work_beside_one_of_long_before(
    make_house, forerunner: Path
) -> None:
    """It would end tasks that want files with none, and keep no counts."""
    house: House = await make_house({"alpha_chat": 50}, accounts=2)
    ancient = await house.start(
        "collector", release=forerunner, DATA_DIR=str(house.folder / "a"), WORKER_ACCOUNTS="1"
    )
    await wait_until(lambda: leased(house), timeout=60)
    mine = await house.start("collector")
    assert await mine.ended(60) == 1
    said = " ".join(text(house, "collector-1").split())
    assert "too old for this database" in said
    assert f"install Telecrew {THIS.release} there" in said
    await house.bare["tallies"].insert_one({"_id": "-1:", "blocks": {"0": 7}})
    assert await ancient.stop() == 0
    again: Service = await house.start("collector", DATA_DIR=str(house.folder / "b"))
    await wait_until(lambda: leased(house), timeout=60)
    assert await house.bare["tallies"].count_documents({}) == 0
    assert await again.stop() == 0
    assert not house.sandbox.counters.key_violations
