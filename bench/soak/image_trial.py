"""The trial of the image: a process on the hub, which writes down what it found.

Both roles run from the image on hosts of their own; a person on the hub orders tasks in the chat.
"""

import asyncio
import contextlib
import dataclasses
import json
import shutil
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench.soak.hosts import HUB, Hosts
from bench.soak.image import Image, ended_after
from bench.soak.operator import Operator
from bench.soak.replica_set import ReplicaSet, open_replica_set
from bench.soak.service import environment, recruit_by_login
from bench.soak.truth import marked
from bench.soak.weather import HISTORY
from core.errors import StoreError
from db.database import Database, open_database
from sandbox.bot_api.person import Human
from sandbox.seed import small_world
from sandbox.server import Sandbox, SandboxConfig

MEMBERS = ("mongo1", "mongo2", "mongo3")
BOT, COLLECTORS = "bot", ("one", "two")
HOSTS = (*MEMBERS, BOT, *COLLECTORS)
FAULTS = (
    "kill the bot",
    "cut the bot",
    "kill a collector",
    "cut a collector",
    "kill the primary",
    "cut the primary",
)
DATABASE = "soak"
KEY_FILE = "telegram.pem"
COMMON = ("MONGODB_URI", "MONGODB_DB", "LOG_LEVEL", "LEASE_SECONDS")
GIVEN: Mapping[str, tuple[str, ...]] = {
    "bot": (*COMMON, "BOT_TOKEN", "BOT_API_URL", "ADMINS", "SEARCH_BOTS"),
    "collector": (
        *COMMON,
        *("API_ID", "API_HASH", "TELEGRAM_DC", "TELEGRAM_RSA_KEY", "SESSION_KEYS"),
        "PACE",
    ),
}
"""What Compose gives to a role, as far as it is set here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`messages` of each chat that is read during a fault."""

    faults: tuple[str, ...] = FAULTS
    accounts: int = 4
    messages: int = 3_000
    page_seconds: float = 0.5
    lease_seconds: float = 10.0
    fault_seconds: float = 10.0
    patience: float = 120.0


@dataclass(slots=True, kw_only=True)
class Outcome:
    """`done`: by fault, seconds from its end until the card says so. `stops`: by role, seconds from
    SIGTERM to a clean end. `cards`: how many messages show the task, by chat. `restarts`: how often
    a process ended by itself.
    """

    done: dict[str, float] = field(default_factory=dict)
    messages: int = 0
    wrong_chats: list[str] = field(default_factory=list)
    cards: dict[str, int] = field(default_factory=dict)
    key_violations: int = 0
    stops: dict[str, float] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)
    restarts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What `Operator` works with."""

    human: Human
    database: Database


class Container:
    """One role, from the image, on one host. It is started again when it ends by itself, as Compose
    does: a process whose loop was blocked for longer than its leases ends.
    """

    def __init__(
        self, image: Image, hosts: Hosts, host: str, role: str, settings: Mapping[str, str]
    ) -> None:
        given = {name: settings[name] for name in GIVEN[role] if name in settings}
        given |= {"DATA_DIR": f"/data/{host}"}
        self.host, self.role = host, role
        self._words = (*hosts.inside(host), *image.words(role, given))
        self._process: asyncio.subprocess.Process | None = None
        self._wanted = False
        self.restarts = 0

    async def start(self) -> None:
        self._wanted = True
        self._process = await asyncio.create_subprocess_exec(*self._words)

    async def look_after(self) -> None:
        """Start it again whenever it has ended though nobody wanted that, for ever."""
        while True:
            await asyncio.sleep(1)
            if self._wanted and self._process is not None and self._process.returncode is not None:
                self.restarts += 1
                await self.start()

    async def kill(self) -> None:
        """kill -9; over when it returns."""
        self._wanted = False
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def stop(self, patience: float) -> tuple[float, int]:
        """SIGTERM; after how many seconds it ended, and with what."""
        self._wanted, process = False, self._process
        if process is None:
            raise RuntimeError(f"nothing runs on {self.host}")
        process.send_signal(signal.SIGTERM)
        return await ended_after(process, patience), process.returncode or 0


class Faults:
    """Each takes `seconds`, and is over when its call returns."""

    def __init__(
        self, hosts: Hosts, members: ReplicaSet, containers: Sequence[Container], seconds: float
    ) -> None:
        self._hosts = hosts
        self._set = members
        self._containers = {container.host: container for container in containers}
        self._seconds = seconds

    async def happen(self, fault: str) -> None:
        """One of `FAULTS`."""
        kind, _, whom = fault.partition(" ")
        if whom == "the primary":
            await (self._kill_primary() if kind == "kill" else self._cut(None))
            return
        host = BOT if whom == "the bot" else COLLECTORS[0]
        await (self._kill(host) if kind == "kill" else self._cut(host))

    async def _kill(self, host: str) -> None:
        await self._containers[host].kill()
        await asyncio.sleep(self._seconds)
        await self._containers[host].start()

    async def _kill_primary(self) -> None:
        primary = await self._set.primary()
        primary.kill()
        await asyncio.sleep(self._seconds)
        primary.start()

    async def _cut(self, host: str | None) -> None:
        host = host or (await self._set.primary()).host
        await self._hosts.cut(host)
        await asyncio.sleep(self._seconds)
        await self._hosts.mend(host)


class Trial:
    """Faults one after another, each in the middle of a task that was ordered in the chat."""

    def __init__(self, person: Person, sandbox: Sandbox, faults: Faults, plan: Plan) -> None:
        self._person = person
        self._operator = Operator(person)
        self._sandbox = sandbox
        self._faults = faults
        self._plan = plan
        self.found = Outcome()

    async def run(self) -> None:
        for number, fault in enumerate(self._plan.faults):
            await self._one(fault, name_of(number))

    async def _one(self, fault: str, name: str) -> None:
        task = await self._operator.order(name)
        await self._stored(name, 200)
        await self._faults.happen(fault)
        began = time.monotonic()
        done = await self._until(lambda: self._is_done(f"Task #{task.number} · Done"))
        self.found.done[fault] = round(time.monotonic() - began, 1) if done else -1.0
        chat = self._sandbox.world.chat(name)
        database = self._person.database
        read = [one async for one in database.messages.ids(marked(chat.id))]
        self.found.messages += len(read)
        if read != list(chat.ids()):
            self.found.wrong_chats.append(f"{name}: {len(read)} of {chat.count}")
        shown = [one for one in self._person.human.messages if f"Task #{task.number} ·" in one.text]
        self.found.cards[name] = len(shown)
        print(fault, self.found.done[fault], len(read), flush=True)

    async def _is_done(self, words: str) -> bool:
        return any(words in one.text for one in self._person.human.messages)

    async def _stored(self, name: str, more: int) -> None:
        chat = marked(self._sandbox.world.chat(name).id)

        async def enough() -> bool:
            return await self._person.database.messages.count(chat) >= more

        await self._until(enough)

    async def _until(self, true: Callable[[], Awaitable[bool]]) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._plan.patience):
                while True:
                    with contextlib.suppress(StoreError):
                        if await true():
                            return True
                    await asyncio.sleep(0.2)
        return False


def name_of(number: int) -> str:
    """The chat of one fault."""
    return f"harbour_{number:02d}"


async def trial(plan: Plan, hosts: Hosts, image: Image, folder: Path) -> Outcome:
    """On a site of its own; ends what it started."""
    sizes = {name_of(number): plan.messages for number in range(len(plan.faults))}
    world = small_world(chats=sizes, accounts=plan.accounts)
    config = SandboxConfig(host=hosts.address(HUB), data_dir=folder / "telegram")
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox(world, config))
        store = open_replica_set(hosts, MEMBERS, folder / "store")
        members = await stack.enter_async_context(store)
        settings = environment(sandbox, members.uri, DATABASE, folder / "first")
        settings["LEASE_SECONDS"] = str(plan.lease_seconds)
        await recruit_by_login(settings, world.accounts)
        shutil.copyfile(settings["TELEGRAM_RSA_KEY"], image.root / KEY_FILE)
        settings["TELEGRAM_RSA_KEY"] = f"/{KEY_FILE}"
        database = await stack.enter_async_context(open_database(members.uri, DATABASE))
        containers = [Container(image, hosts, BOT, "bot", settings)]
        containers += [Container(image, hosts, one, "collector", settings) for one in COLLECTORS]
        for container in containers:
            stack.push_async_callback(container.kill)
            await container.start()
        keepers = await stack.enter_async_context(asyncio.TaskGroup())
        kept = [keepers.create_task(container.look_after()) for container in containers]
        for keeper in kept:
            stack.callback(keeper.cancel)
        sandbox.faults.delay(plan.page_seconds, method=HISTORY)
        human = sandbox.bot_api.person(world.operator.id)
        faults = Faults(hosts, members, containers, plan.fault_seconds)
        made = Trial(Person(human=human, database=database), sandbox, faults, plan)
        await made.run()
        for container in containers:
            seconds, status = await container.stop(plan.patience)
            made.found.stops[container.host] = round(seconds, 1)
            made.found.statuses.append(status)
        made.found.restarts = sum(container.restarts for container in containers)
        made.found.key_violations = len(sandbox.counters.key_violations)
        return made.found


def main() -> None:
    """`... GIVEN OUT`: both as the chapter has them."""
    given, out = json.loads(sys.argv[1]), Path(sys.argv[2])
    plan = Plan(**{**given["plan"], "faults": tuple(given["plan"]["faults"])})
    image = Image(**{**given["image"], "root": Path(given["image"]["root"])})
    hosts = Hosts(HOSTS, given["tag"])
    found = asyncio.run(trial(plan, hosts, image, Path(given["folder"])))
    out.write_text(json.dumps(dataclasses.asdict(found)))


if __name__ == "__main__":
    main()
