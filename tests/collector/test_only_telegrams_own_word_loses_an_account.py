"""An account is lost by what Telegram says of its key in a word that is known, and by nothing else:
a server that knows no key, or a word of tomorrow, is told, tried seldom, and costs nothing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from service import ended, make_worker, recruit, start, working
from telethon.errors import UnauthorizedError
from telethon.errors.rpcerrorlist import rpc_errors_dict
from waiting import wait_until

import collector.setbacks as rules
from collector.worker import Worker
from core.account import AccountState
from core.run import RunState
from core.setback import DOUBTED, Scope
from core.standing import advice_for, unusable
from db.database import Database
from sandbox.mtproto.keys import AuthKey
from sandbox.seed import small_world
from sandbox.server import Sandbox

ENDS = {
    "AUTH_KEY_UNREGISTERED": AccountState.LOST,
    "SESSION_REVOKED": AccountState.LOST,
    "SESSION_EXPIRED": AccountState.LOST,
    "AUTH_KEY_INVALID": AccountState.LOST,
    "AUTH_KEY_PERM_EMPTY": AccountState.LOST,
    "AUTH_KEY_DUPLICATED": AccountState.LOST,
    "ACTIVE_USER_REQUIRED": AccountState.LOST,
    "SESSION_PASSWORD_NEEDED": AccountState.LOST,
    "USER_DEACTIVATED": AccountState.BANNED,
    "USER_DEACTIVATED_BAN": AccountState.BANNED,
}
"""What Telegram publishes of keys that are good no more."""

NEW = ("KEY_OF_A_NEW_KIND", "SESSION_MOVED", "AUTH_KEY_REVOKED", "AUTH_KEY_UNREGISTERED_3")
"""401s that nobody has published."""

SOON = 20.0


@pytest.fixture(autouse=True)
def _sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Minutes in seconds."""
    monkeypatch.setattr(rules, "BEYOND", 1.0)
    monkeypatch.setattr(rules, "PROBE", 1.0)
    monkeypatch.setattr(rules, "PAUSES", (1.0,))
    monkeypatch.setattr(rules, "OWN_PAUSES", (1.0, 2.0))
    monkeypatch.setattr(rules, "SOON", 0.5)


@dataclass
class Place:
    sandbox: Sandbox
    database: Database

    def worker(self) -> Worker:
        return make_worker(self.database, self.sandbox, lease_seconds=1.0)

    async def states(self) -> list[AccountState]:
        return [one.state for one in await self.database.accounts.all()]

    def keys(self) -> list[AuthKey]:
        ring = self.sandbox.mtproto.keyring
        return [key for one in self.sandbox.world.accounts for key in ring.of(one.id)]


async def opened(database: Database, sandbox: Sandbox) -> Place:
    await recruit(database, sandbox, sandbox.world.accounts)
    return Place(sandbox, database)


@pytest.fixture
async def place(database: Database) -> AsyncIterator[Place]:
    async with Sandbox(small_world(chats={"alpha_chat": 10}, accounts=3)) as sandbox:
        yield await opened(database, sandbox)


def told(worker: Worker) -> dict[Scope, tuple[int, ...]]:
    return {one.scope: one.accounts for one in worker._held.setbacks.told() if one.why in DOUBTED}


def test_every_401_that_is_published_is_walked() -> None:
    known = {name for name, cls in rpc_errors_dict.items() if issubclass(cls, UnauthorizedError)}
    assert known | {"AUTH_KEY_DUPLICATED"} == set(ENDS)


async def test_each_word_is_weighed_by_itself(database: Database) -> None:
    words = [*ENDS, *NEW]
    world = small_world(chats={"alpha_chat": 10}, accounts=len(words) + 1)
    async with Sandbox(world) as sandbox:
        place = await opened(database, sandbox)
        for person, word in zip(sandbox.world.accounts, words, strict=False):
            assert sandbox.mtproto.keyring.revoke(person.id, word) == 1
        expected = [*ENDS.values(), *[AccountState.READY] * (len(NEW) + 1)]
        doubted = tuple(range(len(ENDS) + 1, len(words) + 1))
        async with working(place.worker()) as worker:

            async def as_expected() -> bool:
                return await place.states() == expected

            await wait_until(as_expected, timeout=SOON)
            await wait_until(lambda: set(told_accounts(worker)) == set(doubted), timeout=SOON)
            assert worker.connected() == 1
            run = await start(database, "@alpha_chat")
            assert await ended(database, run) == [RunState.DONE]
        assert await place.states() == expected


def told_accounts(worker: Worker) -> list[int]:
    return [account for one in worker._held.setbacks.told() for account in one.accounts]


async def test_a_server_that_knows_no_key_loses_nobody(place: Place) -> None:
    """A wrong server, or one that lost its keys for a while: all is back when they are."""
    ring, keys = place.sandbox.mtproto.keyring, place.keys()
    async with working(place.worker()) as worker:
        await wait_until(lambda: worker.connected() == len(keys))
        for key in keys:
            ring.forget(key)
        place.sandbox.faults.cut()
        await wait_until(lambda: told(worker) == {Scope.TELEGRAM: (1, 2, 3)}, timeout=SOON)
        assert await place.states() == [AccountState.READY] * len(keys)
        assert "check TELEGRAM_DC" in (await worker.trouble() or "")
        for key in keys:
            ring.add(key)
        await wait_until(lambda: worker.connected() == len(keys), timeout=SOON)
        assert await worker.trouble() is None
    assert await place.states() == [AccountState.READY] * len(keys)


async def test_one_key_that_is_not_found_is_told_and_costs_the_others_nothing(
    place: Place,
) -> None:
    place.sandbox.mtproto.keyring.forget(place.keys()[0])
    async with working(place.worker()) as worker:
        await wait_until(lambda: told(worker) == {Scope.ACCOUNT: (1,)}, timeout=SOON)
        assert worker.connected() == 2

        async def advised() -> bool:
            account, *_ = await place.database.accounts.all()
            why = unusable(account, await place.database.workers.all())
            return why is not None and "telecrew login" in advice_for(why)

        await wait_until(advised, timeout=SOON)
        run = await start(place.database, "@alpha_chat")
        assert await ended(place.database, run) == [RunState.DONE]
    assert await place.states() == [AccountState.READY] * 3


@pytest.mark.parametrize("word", NEW[:2])
async def test_a_new_word_for_one_method_ends_neither_account_nor_connection(
    place: Place, word: str
) -> None:
    place.sandbox.faults.fail(word, code=401, method="messages.getHistory", times=2)
    async with working(place.worker()) as worker:
        await wait_until(lambda: worker.connected() == 3)
        run = await start(place.database, "@alpha_chat")
        assert await ended(place.database, run) == [RunState.DONE]
        assert worker.connected() == 3
    assert await place.states() == [AccountState.READY] * 3
