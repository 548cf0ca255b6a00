"""The embedded mongod is killed, stopped and frozen under a working service, which goes on.

Afterwards the stored ids equal the world's, every press was handled once, and no key was used on
two connections.
"""

import json
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from process_side import Service, environment, recruit_by_login, settings_of
from service import ended, start, stored_ids, world_ids
from waiting import wait_until

from app.embedded_mongo.folder import Folder
from app.embedded_mongo.process import birth_of
from app.store import open_store
from bench.nursery import Nursery
from bench.ports import free_port
from core.run import RunState
from db.database import Database
from sandbox.bot_api.person import Human
from sandbox.seed import small_world
from sandbox.server import Sandbox, SandboxConfig

CHATS = {"alpha_chat": 6_000, "beta_chat": 4_000, "gamma_chat": 200}
PAGE_SECONDS = 0.25
LEASE_SECONDS = 3.0
CALM = {"info", "warning"}
START = "▶️ Start"


class Logged(Service):
    """A service whose log can be read."""

    def log(self) -> list[dict[str, Any]]:
        assert self._log is not None
        lines = self._log.read_text().splitlines()
        return [json.loads(line) if line.startswith("{") else {"event": line} for line in lines]

    def events(self, name: str) -> list[dict[str, Any]]:
        return [entry for entry in self.log() if entry["event"] == name]

    async def ready(self) -> tuple[int, str]:
        """What `/readyz` answers."""
        address = f"http://127.0.0.1:{self._environment['METRICS_PORT']}/readyz"
        async with aiohttp.ClientSession() as http, http.get(address) as response:
            body = await response.json()
            return response.status, body["checks"]["mongodb"]

    async def is_ready(self) -> bool:
        try:
            return (await self.ready())[0] == 200
        except aiohttp.ClientConnectorError:
            return False

    async def started(self) -> None:
        await wait_until(self.is_ready, timeout=60, every=0.1)


@dataclass
class Outpost:
    """A sandbox and a data folder, with its mongod and the services on it."""

    sandbox: Sandbox
    database: Database
    folder: Path
    settings: dict[str, str]
    nursery: Nursery
    stack: AsyncExitStack

    @property
    def human(self) -> Human:
        return self.sandbox.bot_api.person(self.sandbox.world.operator.id)

    def mongod(self) -> int:
        pid = Folder(self.folder).read().pid
        assert pid is not None
        return pid

    async def start(self, role: str) -> Logged:
        given = self.settings | {"METRICS_PORT": str(free_port())}
        service = Logged(given, role, log=self.folder / f"{role}.log", nursery=self.nursery)
        await service.start()
        self.stack.push_async_callback(end, service)
        return service

    async def count(self) -> int:
        return sum([await self.database.messages.count(self.chat(name)) for name in CHATS])

    def chat(self, name: str) -> int:
        return -1_000_000_000_000 - self.sandbox.world.chat(name).id

    async def stored(self, more: int) -> None:
        """Until so many messages more are stored."""
        wanted = await self.count() + more
        await wait_until(lambda: self.reached(wanted), timeout=60, every=0.05)

    async def reached(self, wanted: int) -> bool:
        return await self.count() >= wanted

    async def is_whole(self) -> None:
        for name in CHATS:
            assert await stored_ids(self.database, self.sandbox, name) == world_ids(
                self.sandbox, name
            )
        assert not self.sandbox.counters.key_violations


async def end(service: Logged) -> None:
    if service.alive:
        await service.kill()


@pytest.fixture
async def outpost(tmp_path: Path, sandbox_key: Path, nursery: Nursery) -> AsyncIterator[Outpost]:
    """Two accounts signed in, nothing running yet but the folder's mongod."""
    async with AsyncExitStack() as stack:
        world = small_world(chats=CHATS, accounts=3)
        sandbox = await stack.enter_async_context(
            Sandbox(world, SandboxConfig(data_dir=sandbox_key))
        )
        given = environment(sandbox, "", "telecrew", tmp_path) | {
            "LOG_LEVEL": "INFO",
            "LOG_FORMAT": "json",
            "LEASE_SECONDS": str(LEASE_SECONDS),
        }
        store = await stack.enter_async_context(open_store(settings_of(given)))
        await recruit_by_login(given, world.accounts[:2])
        yield Outpost(sandbox, store.database, tmp_path, given, nursery, stack)


@pytest.mark.timeout(240)
async def test_killed_frozen_and_stopped(outpost: Outpost) -> None:
    outpost.sandbox.faults.delay(PAGE_SECONDS, method="messages.getHistory")
    service = await outpost.start("run")
    await service.started()
    await outpost.human.send("/start")
    run = await start(outpost.database, "@alpha_chat", "@beta_chat", chat=outpost.human.id)
    await outpost.stored(300)
    await killed_while_start_is_pressed(outpost, service)
    await outpost.stored(300)
    await frozen_beyond_the_lease(outpost, service)
    await outpost.stored(300)
    await stopped(outpost, service)
    outpost.sandbox.faults.clear()
    assert await ended(outpost.database, run, timeout=90) == [RunState.DONE]
    await outpost.is_whole()
    assert await service.stop() == 0
    assert not [entry for entry in service.log() if tells_a_fault(entry)]


def tells_a_fault(entry: dict[str, Any]) -> bool:
    """Whether a line of the log should not be there; that the loop stood still for a second tells
    of a busy machine."""
    return entry.get("level") not in CALM and entry.get("event") != "loop.blocked"


async def killed_while_start_is_pressed(outpost: Outpost, service: Logged) -> None:
    human = outpost.human
    await human.send("/newtask @gamma_chat")
    review = await human.wait_for_message(
        lambda seen: any(START in row for row in seen.buttons), 30
    )
    before = (await outpost.database.tasks.page())[1]
    killed_at = time.monotonic()
    pid = outpost.mongod()
    os.kill(pid, signal.SIGKILL)
    press = await human.press(review.id, START)
    await wait_until(lambda: birth_of(pid) is None)
    await wait_until(lambda: service.events("mongod.restarted"), timeout=20)
    await outpost.stored(1)
    print(f"stored again after {time.monotonic() - killed_at:.1f} s")
    await human.answered(press, 20)
    assert (await outpost.database.tasks.page())[1] == before + 1, press.text


async def frozen_beyond_the_lease(outpost: Outpost, service: Logged) -> None:
    told, expired = len(service.log()), len(service.events("lease.expired"))
    pid, human = outpost.mongod(), outpost.human
    os.kill(pid, signal.SIGSTOP)
    try:
        sent = await human.send("/accounts")
        await wait_until(lambda: len(service.events("lease.expired")) == expired + 2, timeout=15)
        let_go_at = time.monotonic()
        status, why = await service.ready()
        assert (status, "does not answer" in why) == (503, True), why
        await wait_until(lambda: time.monotonic() > let_go_at + LEASE_SECONDS)
    finally:
        os.kill(pid, signal.SIGCONT)
    woken_at = time.monotonic()
    late = [call for call in outpost.sandbox.counters.calls if call.received_at > let_go_at]
    assert [call for call in late if call.received_at < woken_at] == []
    assert len(service.log()) - told < 40
    await service.started()
    name = outpost.sandbox.world.accounts[0].name
    await human.wait_for_message(lambda seen: seen.id > sent and name in seen.text, 30)
    assert len([seen for seen in human.messages if seen.id > sent and name in seen.text]) == 1


async def stopped(outpost: Outpost, service: Logged) -> None:
    """As `kill` does it, without -9: mongod ends in good order."""
    restarts = len(service.events("mongod.restarted"))
    os.kill(outpost.mongod(), signal.SIGTERM)
    await wait_until(lambda: len(service.events("mongod.restarted")) > restarts, timeout=30)
    await service.started()


@pytest.mark.timeout(180)
async def test_one_of_two_services_on_a_folder_starts_it_again(outpost: Outpost) -> None:
    outpost.sandbox.faults.delay(PAGE_SECONDS, method="messages.getHistory")
    bot = await outpost.start("bot")
    collector = await outpost.start("collector")
    await bot.started()
    await collector.started()
    await outpost.human.send("/start")
    run = await start(outpost.database, "@alpha_chat", chat=outpost.human.id)
    await outpost.stored(300)
    for _ in range(2):
        before = [len(service.events("mongod.restarted")) for service in (bot, collector)]
        os.kill(outpost.mongod(), signal.SIGKILL)
        for service, restarts in zip((bot, collector), before, strict=True):
            await wait_until(
                lambda service=service, restarts=restarts: (
                    len(service.events("mongod.restarted")) > restarts
                ),
                timeout=30,
            )
        await outpost.stored(300)
    outpost.sandbox.faults.clear()
    starts = [*bot.events("mongod.started"), *collector.events("mongod.started")]
    assert len(starts) == 2
    assert await ended(outpost.database, run, timeout=60) == [RunState.DONE]
    assert await stored_ids(outpost.database, outpost.sandbox, "alpha_chat") == world_ids(
        outpost.sandbox, "alpha_chat"
    )
    assert not outpost.sandbox.counters.key_violations
    assert [await service.stop() for service in (bot, collector)] == [0, 0]
