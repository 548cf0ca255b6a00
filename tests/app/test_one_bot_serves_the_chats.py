"""One process serves the chats of a store. A second one says who does and ends, as long as that one
lives; after its death the next takes over within the lease, and who lost the role sends nothing."""

import platform
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from process_side import Service, environment
from service import CLOCK, start
from waiting import wait_until

from bench.nursery import Nursery
from core.lease_watch import MARGIN
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox, SandboxConfig

LEASE = 3.0
PROMISED = LEASE + LEASE * MARGIN + LEASE / 6
BUSY = 6.0
"""Seconds that a busy machine takes for a start, beside what is promised."""


@dataclass
class House:
    """Bots on one store and one local Telegram, each with a folder of its own."""

    sandbox: Sandbox
    database: Database
    folder: Path
    nursery: Nursery
    uri: str
    name: str
    services: list[Service] = field(default_factory=list)

    async def bot(self, place: str, role: str = "bot") -> Service:
        given = environment(self.sandbox, self.uri, self.name, self.folder / place)
        given |= {"LOG_LEVEL": "INFO", "LEASE_SECONDS": str(LEASE)}
        made = Service(given, role, log=self.log(place), nursery=self.nursery)
        await made.start()
        self.services.append(made)
        return made

    def log(self, place: str) -> Path:
        return self.folder / f"{place}.log"

    def says(self, place: str, words: str) -> bool:
        return words in self.log(place).read_text()

    async def serves(self, place: str, timeout: float = 60) -> None:
        """Until that one has the role and fetches updates."""
        await wait_until(lambda: self.says(place, "bot.ready"), timeout=timeout, every=0.02)
        polls = self.sandbox.bot_api.polls
        await self.answers(polls)

    async def answers(self, polls: int) -> None:
        person = self.sandbox.bot_api.person(self.sandbox.world.operator.id)
        before = len(person.messages)
        await person.send("/help")
        await wait_until(lambda: len(person.messages) > before + 1, timeout=30)
        await wait_until(lambda: self.sandbox.bot_api.polls > polls, timeout=30)

    async def held_by(self) -> str | None:
        holder = await self.database.bot_role.look()
        return None if holder is None else holder.lease.worker


@pytest.fixture
async def house(
    database: Database, database_name: str, mongo_uri: str, tmp_path: Path, nursery: Nursery
) -> AsyncIterator[House]:
    world = small_world(chats={"alpha_chat": 20}, accounts=1)
    async with Sandbox(world, SandboxConfig(data_dir=tmp_path / "telegram")) as sandbox:
        made = House(sandbox, database, tmp_path, nursery, mongo_uri, database_name)
        yield made
        for one in made.services:
            if one.alive:
                one.signal(signal.SIGCONT)
                await one.kill()


async def test_a_second_one_says_who_serves_and_ends(house: House) -> None:
    first = await house.bot("first")
    await house.serves("first")
    holder = await house.database.bot_role.look()
    assert holder is not None
    second = await house.bot("second", "run")
    assert await second.ended() == 1
    said = house.log("second").read_text()
    for word in (holder.lease.worker, platform.node(), f"{holder.since:%Y-%m-%d %H:%M}"):
        assert word in said
    assert "Traceback" not in said
    assert "bot.ready" not in said
    await start(house.database, "@alpha_chat", chat=house.sandbox.world.operator.id)
    await house.answers(house.sandbox.bot_api.polls)
    assert not house.says("first", "updates.conflict")
    assert await first.stop() == 0
    assert await house.held_by() is None


async def test_after_its_death_the_next_takes_over_within_the_lease(house: House) -> None:
    first = await house.bot("first")
    await house.serves("first")
    await first.kill()
    killed_at = CLOCK.elapsed()
    await house.bot("second")
    await house.serves("second")
    assert CLOCK.elapsed() - killed_at < PROMISED + BUSY
    assert house.says("second", "bot.held_elsewhere")


async def test_one_that_was_killed_is_itself_again_at_once(house: House) -> None:
    first = await house.bot("first")
    await house.serves("first")
    await first.kill()
    house.log("first").unlink()
    await house.bot("first")
    await house.serves("first")
    assert not house.says("first", "bot.held_elsewhere")


async def test_one_that_slept_too_long_sends_nothing_and_ends(house: House) -> None:
    first = await house.bot("first")
    await house.serves("first")
    first.signal(signal.SIGSTOP)
    await house.bot("second")
    await house.serves("second")
    first.signal(signal.SIGCONT)
    assert await first.ended() == 1
    assert house.says("first", "bot.role_lost")
    assert str(await house.held_by()) in house.log("first").read_text()
    await house.answers(house.sandbox.bot_api.polls)
    assert not house.says("second", "updates.conflict")


async def test_the_first_of_two_that_start_at_once_serves(house: House) -> None:
    one, other = await house.bot("one"), await house.bot("other")
    await wait_until(lambda: not (one.alive and other.alive), timeout=60)
    ended, serves = (one, other) if not one.alive else (other, one)
    assert await ended.ended() == 1
    assert serves.alive
    await house.answers(house.sandbox.bot_api.polls)
