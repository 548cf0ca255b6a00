"""A worker that lacks something of its own, a key or a setting, leaves its accounts to others,
says why, once, and tries again much later; a healthy one has them within seconds."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace

import pytest
from service import ended, job_of, make_worker, recruit, start, telegram, working
from structlog.testing import capture_logs
from waiting import wait_until

from collector.gateway import Gateway, Pace
from collector.telegram.dc import BadServer
from collector.telegram.gateway import TelethonGateway
from collector.telegram.session import SessionUnreadable
from collector.telegram.vault import BadKeys, SessionVault, Unsealable
from collector.worker import Worker, WorkerLimits
from core.account import Account, AccountState
from core.data_centre import parse_data_centre
from core.errors import ApplicationRejected, WorkerUnfit
from core.run import RunState
from core.setback import Scope
from core.standing import unusable
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

ACCOUNTS = 3
SOON = 8.0


@dataclass
class Place:
    sandbox: Sandbox
    database: Database
    makers: list[object] = field(default_factory=list)

    def worker(self, name: str, make: Callable[..., Gateway] | None = None) -> Worker:
        """A worker, whose gateways `make` makes if it is given."""
        crew = make_worker(self.database, self.sandbox, name=name)._crew
        if make is not None:
            crew = replace(crew, make_gateway=make)
        return Worker(crew, WorkerLimits(id=name, lease_seconds=3.0))


@pytest.fixture
async def place(database: Database) -> AsyncIterator[Place]:
    async with Sandbox(small_world(chats={"alpha_chat": 10}, accounts=ACCOUNTS)) as sandbox:
        await recruit(database, sandbox, sandbox.world.accounts)
        yield Place(sandbox, database)


def with_wrong_keys(place: Place) -> Callable[..., Gateway]:
    vault, other = (SessionVault([SessionVault.new_key()]) for _ in range(2))

    def make(account: Account, session: bytes, *_: object) -> Gateway:
        vault.open(account.telegram_id or 0, other.seal(account.telegram_id or 0, session))
        raise AssertionError("opened")

    return make


def with_somebody_elses_session(place: Place) -> Callable[..., Gateway]:
    vault = SessionVault([SessionVault.new_key()])

    def make(account: Account, session: bytes, *_: object) -> Gateway:
        vault.open(account.telegram_id or 0, vault.seal(1, session))
        raise AssertionError("opened")

    return make


def without_keys(place: Place) -> Callable[..., Gateway]:
    def make(*_: object) -> Gateway:
        SessionVault([])
        raise AssertionError("opened")

    return make


def with_a_session_of_tomorrow(place: Place) -> Callable[..., Gateway]:
    def make(account: Account, _: bytes, pace: Pace, may_write: Callable[[], bool]) -> Gateway:
        return TelethonGateway(
            b'{"v": 99}', telegram(place.sandbox), account=account.id, pace=pace,
            may_write=may_write,
        )  # fmt: skip

    return make


def with_settings(place: Place, **wrong: object) -> Callable[..., Gateway]:
    settings = replace(telegram(place.sandbox), **wrong)

    def make(
        account: Account, session: bytes, pace: Pace, may_write: Callable[[], bool]
    ) -> Gateway:
        return TelethonGateway(
            session, settings, account=account.id, pace=pace, may_write=may_write
        )

    return make


def without_the_servers_key(place: Place) -> Callable[..., Gateway]:
    return with_settings(place, rsa_key=place.sandbox.rsa_key_path.parent / "missing.pem")


def with_a_wrong_api_id(place: Place) -> Callable[..., Gateway]:
    return with_settings(place, api_id=place.sandbox.api_id + 1)


def with_a_fault_of_ours(place: Place) -> Callable[..., Gateway]:
    def make(*_: object) -> Gateway:
        raise KeyError("a bug")

    return make


WAYS = {
    with_wrong_keys: "session_unreadable",
    with_somebody_elses_session: "session_unreadable",
    without_keys: "session_keys_invalid",
    with_a_session_of_tomorrow: "session_unreadable",
    without_the_servers_key: "telegram_dc_invalid",
    with_a_wrong_api_id: "api_id_rejected",
    with_a_fault_of_ours: "unexpected",
}
KINDS = {Unsealable, BadKeys, SessionUnreadable, BadServer, ApplicationRejected}


def test_every_kind_of_unfit_is_walked() -> None:
    found, left = set(), [WorkerUnfit]
    while left:
        subclasses = left.pop().__subclasses__()
        found |= set(subclasses)
        left += subclasses
    assert found == KINDS


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_a_healthy_one_has_the_accounts_soon(place: Place, way) -> None:
    with capture_logs() as logs:
        async with working(place.worker("unfit", way(place))) as unfit:
            await wait_until(lambda: bool(unfit.notes()), timeout=SOON)
            async with working(place.worker("fit")) as fit:
                await wait_until(lambda: fit.connected() == ACCOUNTS, timeout=SOON)
                assert await fit.trouble() is None
                assert fit.notes() == []
                trouble = await unfit.trouble()
                assert trouble is not None
                assert WAYS[way] in trouble
                await asyncio.sleep(2)
                assert fit.connected() == ACCOUNTS
                held = await place.database.accounts.leases.held()
                assert {lease.worker for lease in held.values()} == {"fit"}
    told = [one for one in logs if one["event"] == "worker.setback"]
    assert [(one["scope"], one["reason"]) for one in told] == [(Scope.OWN, WAYS[way])]
    accounts = await place.database.accounts.all()
    assert {account.state for account in accounts} == {AccountState.READY}


@pytest.mark.parametrize("way", [with_wrong_keys, with_a_wrong_api_id])
async def test_alone_it_says_so_and_tries_seldom(place: Place, way) -> None:
    with capture_logs() as logs:
        async with working(place.worker("unfit", way(place))) as unfit:
            await wait_until(lambda: len(told_of(unfit)) == ACCOUNTS, timeout=SOON)
            await wait_until(lambda: free(place, ACCOUNTS), timeout=SOON)
            [account, *_] = await place.database.accounts.all()

            async def told() -> bool:
                workers = await place.database.workers.all()
                why = unusable(account, workers)
                return why is not None and not why.held and why.setback.why == WAYS[way]

            await wait_until(told, timeout=SOON)
            await asyncio.sleep(5)
            assert await free(place, ACCOUNTS)
            assert await unfit.trouble() is not None
    taken = [one for one in logs if one["event"] == "lease.taken"]
    assert len(taken) == ACCOUNTS


async def test_a_task_says_what_it_waits_for_and_goes_on_elsewhere(place: Place) -> None:
    async with working(place.worker("unfit", with_wrong_keys(place))) as unfit:
        await wait_until(lambda: len(told_of(unfit)) == ACCOUNTS, timeout=SOON)
        run = await start(place.database, "@alpha_chat")

        async def why() -> str | None:
            wait = (await job_of(place.database, run)).wait
            return wait and wait.why

        await asyncio.sleep(3)
        await wait_until(why, timeout=10)
        assert await why() == "session_unreadable"
        async with working(place.worker("fit")):
            assert await ended(place.database, run) == [RunState.DONE]


async def test_one_session_that_cannot_be_read_costs_nothing_else(place: Place) -> None:
    def make(
        account: Account, session: bytes, pace: Pace, may_write: Callable[[], bool]
    ) -> Gateway:
        if account.id == 2:
            raise Unsealable
        return with_settings(place)(account, session, pace, may_write)

    async with working(place.worker("w1", make)) as worker:
        await wait_until(lambda: worker.connected() == ACCOUNTS - 1, timeout=SOON)
        await wait_until(lambda: free(place, 1), timeout=SOON)
        assert await worker.trouble() is None
        [note] = worker.notes()
        assert "#2" in note


async def test_a_server_that_knows_nobody_costs_no_account(place: Place) -> None:
    """TELEGRAM_DC of one collector names another server: its accounts are not lost for that."""
    async with Sandbox(small_world(chats={"beta_chat": 1}, accounts=1)) as strange:
        wrong = with_settings(
            place, dc=parse_data_centre(strange.telegram_dc), rsa_key=strange.rsa_key_path
        )
        async with working(place.worker("astray", wrong)) as astray:
            await wait_until(lambda: len(told_of(astray)) == ACCOUNTS, timeout=SOON)
            await wait_until(lambda: free(place, ACCOUNTS), timeout=SOON)
            assert "server_differs" in (await astray.trouble() or "")
            async with working(place.worker("fit")) as fit:
                await wait_until(lambda: fit.connected() == ACCOUNTS, timeout=SOON)
    accounts = await place.database.accounts.all()
    assert {account.state for account in accounts} == {AccountState.READY}


def told_of(worker: Worker) -> list[int]:
    return [account for one in worker._held.setbacks.told() for account in one.accounts]


async def free(place: Place, count: int) -> bool:
    return len((await place.database.accounts.leases.look()).free) == count
