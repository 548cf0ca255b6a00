"""A crew in a test: accounts that signed in to a sandbox, and workers that run in this loop."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from agreed import Agreed
from telethon.crypto import AuthKey
from waiting import wait_until

from collector.crew import Crew
from collector.gateway import Gateway, Pace
from collector.listening.options import ListenOptions
from collector.media_folder import MediaFolder
from collector.run_keeper import RunKeeper
from collector.sink import Sink
from collector.telegram.gateway import TelethonGateway
from collector.telegram.session import AccountSession
from collector.telegram.settings import TelegramSettings
from collector.telegram.sign_in import PasswordNeeded, SignedInAs, SignIn
from collector.worker import Worker, WorkerLimits
from core.account import Account
from core.clock import Clock, SystemClock
from core.data_centre import parse_data_centre
from core.job import Family, Job, Progress
from core.lease_watch import underway
from core.options import HistoryOptions
from core.pacing import Budget
from core.run import OPEN_STATES, Run, RunState
from core.task import AccountPolicy, Schedule, TaskSpec
from core.trusted_clock import TrustedClock
from db.accounts import SignedIn
from db.database import Database
from sandbox.mtproto.keys import AuthKey as ServerKey
from sandbox.people import Person
from sandbox.server import Sandbox

CLOCK = SystemClock()
KEY_BYTES = 256


class Unpaced:
    """No budgets; a test that needs some gives them to the worker."""

    async def __call__(self, family: Family) -> None: ...

    async def flooded(self, family: str, seconds: float) -> None: ...


@dataclass
class Counts:
    """A meter that a test can read."""

    messages: int = 0
    news: int = 0
    calls: int = 0
    waits: float = 0.0

    def stored(self, messages: int) -> None:
        self.messages += messages

    def recorded(self, news: int, *, seconds: float, waiting: int) -> None:
        self.news += news

    def called(self, family: str) -> None:
        self.calls += 1

    def waited(self, family: str, seconds: float) -> None:
        self.waits += seconds


def telegram(sandbox: Sandbox) -> TelegramSettings:
    return TelegramSettings(
        api_id=sandbox.api_id,
        api_hash=sandbox.api_hash,
        dc=parse_data_centre(sandbox.telegram_dc),
        rsa_key=sandbox.rsa_key_path,
    )


async def sign_in(sandbox: Sandbox, person: Person) -> SignedInAs:
    async with SignIn(telegram(sandbox), Unpaced()) as flow:
        await flow.send_code(person.phone or "")
        result = await flow.enter_code(person.login_code)
        if isinstance(result, PasswordNeeded):
            result = await flow.enter_password(person.password or "")
        return result


def signed_in_before(sandbox: Sandbox, person: Person) -> SignedInAs:
    """Who the sandbox knows by a key already: to exchange one takes longer than many tests."""
    key, there = os.urandom(KEY_BYTES), parse_data_centre(sandbox.telegram_dc)
    sandbox.mtproto.keyring.add(ServerKey(key, salt=1, account=person.id))
    session = AccountSession()
    session.set_dc(there.id, there.host, there.port)
    session.auth_key, session.user = AuthKey(key), person.id
    return SignedInAs(
        telegram_id=person.id,
        name=person.name,
        username=person.username or None,
        session=session.to_bytes(),
    )


async def recruit(
    database: Database,
    sandbox: Sandbox,
    people: Iterable[Person],
    *,
    seal: Callable[[int, bytes], bytes] = lambda _, session: session,
) -> list[Account]:
    """Keep people that are signed in as accounts; sessions are stored plain unless sealed."""
    accounts = []
    for person in people:
        who = signed_in_before(sandbox, person)
        accounts.append(
            await database.accounts.signed_in(
                SignedIn(
                    telegram_id=who.telegram_id,
                    name=who.name,
                    username=who.username,
                    phone="+99 *** 1",
                    phone_secret=b"",
                    session=seal(who.telegram_id, who.session),
                ),
                CLOCK.now(),
            )
        )
    return accounts


def make_worker(
    database: Database,
    sandbox: Sandbox,
    *,
    name: str = "w1",
    budgets: dict[Family, Budget] | None = None,
    call_timeout: float = 5.0,
    lease_seconds: float = 3.0,
    meter: Counts | None = None,
    accounts: int = 200,
    open_session: Callable[[bytes], bytes] = bytes,
    listening: ListenOptions | None = None,
    folder: MediaFolder | None = None,
    clock: Clock = CLOCK,
    trusted: TrustedClock | None = None,
    skim: bool = True,
) -> Worker:
    settings = replace(telegram(sandbox), skim=skim)
    counts = meter or Counts()

    def gateway(account: Account, session: bytes, pace: Pace, may_write: object) -> Gateway:
        return TelethonGateway(
            open_session(session),
            settings,
            account=account.id,
            pace=pace,
            may_write=may_write,
            call_timeout=call_timeout,
            witness=trusted,
            underway=underway(lease_seconds),
        )

    crew = Crew(
        database=database,
        sink=Sink(database.messages, counts),
        keeper=RunKeeper(database, clock),
        clock=clock,
        trusted=trusted or Agreed(clock),
        meter=counts,
        budgets=budgets or {},
        make_gateway=gateway,
        jobs_per_account=8,
        listening=listening or ListenOptions(),
        folder=folder,
    )
    return Worker(crew, WorkerLimits(id=name, lease_seconds=lease_seconds, accounts=accounts))


@asynccontextmanager
async def working(worker: Worker) -> AsyncIterator[Worker]:
    """The worker runs inside the block and is stopped cleanly after it."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(worker.run()), group.create_task(worker._database.changes.run())]
        try:
            yield worker
        finally:
            for task in tasks:
                task.cancel()


async def start(
    database: Database,
    *sources: str,
    account: Account | None = None,
    history: HistoryOptions | None = None,
    due: datetime | None = None,
    chat: int = 1,
    **more: Any,
) -> Run:
    """What Start in a private chat does: a task of whose chat it is, and its run. `more` of its
    spec: `steps`, `search`..."""
    policy = AccountPolicy() if account is None else AccountPolicy.pinned(account.id)
    spec = TaskSpec(sources=sources, policy=policy, history=history or HistoryOptions(), **more)
    now = CLOCK.now()
    task = await database.tasks.add(
        owner=chat, chat=chat, spec=spec, schedule=Schedule(), next_due=None, now=now
    )
    run = await database.runs.open(task, due=due or now, now=now)
    assert run is not None
    return run


async def again(database: Database, run: Run) -> Run:
    """What Start on the task's card does."""
    task = await database.tasks.get(run.task)
    assert task is not None
    new = await database.runs.open(task, due=CLOCK.now(), now=CLOCK.now())
    assert new is not None
    return new


async def ended(database: Database, *runs: Run, timeout: float = 30) -> list[RunState]:
    """The states that the runs end in."""

    async def states() -> list[RunState] | None:
        found = [await database.runs.get(run.id) for run in runs]
        now = [run.status.state for run in found if run is not None]
        return now if all(state not in OPEN_STATES for state in now) else None

    return await wait_until(states, timeout=timeout, every=0.05)


async def job_of(database: Database, run: Run) -> Job:
    """The first job of a run, as soon as it is planned."""
    jobs = await wait_until(lambda: database.jobs.of_run(run.id))
    return jobs[0]


async def progress_of(database: Database, run: Run) -> Progress:
    return (await job_of(database, run)).progress


async def stored_ids(database: Database, sandbox: Sandbox, source: str) -> list[int]:
    chat = sandbox.world.chat(source)
    marked = -1_000_000_000_000 - chat.id
    return [number async for number in database.messages.ids(marked)]


def world_ids(sandbox: Sandbox, source: str) -> list[int]:
    return sorted(sandbox.world.chat(source).ids())
