"""What collectors say that they cannot open or reach is told in `/accounts` and `/workers`; that an
account is ready is said only where some collector may use it."""

import pytest
from bot_rig import Rig

from bot.reasons import FAILURES
from core.setback import Scope, Setback
from core.worker import Load

EVERY = {
    Scope.OWN: ("session_unreadable", "cannot open or connect these accounts"),
    Scope.ACCOUNT: ("timeout", "cannot connect this account, though others"),
    Scope.DATA_CENTRE: ("network", "cannot reach Telegram's data centre 4"),
    Scope.TELEGRAM: ("network", "cannot reach Telegram at all"),
}


def setback(scope: Scope, *accounts: int) -> Setback:
    return Setback(scope=scope, why=EVERY[scope][0], accounts=accounts, data_centre=4)


async def tells(rig: Rig, name: str, *setbacks: Setback, load: Load | None = None) -> None:
    await rig.database.workers.begin(name, host=f"host-{name}", version="1.2.3")
    await rig.database.workers.beat(name, load or Load(room=5), setbacks)


def test_every_scope_is_walked() -> None:
    assert set(EVERY) == set(Scope)
    assert {why for why, _ in EVERY.values()} <= FAILURES


@pytest.mark.parametrize("scope", Scope)
async def test_a_worker_tells_each_kind(rig: Rig, scope: Scope) -> None:
    await tells(rig, "w8", setback(scope, 1))
    page = await rig.say("/workers")
    assert EVERY[scope][1] in page.text
    assert "Anna (#1)" in page.text


@pytest.mark.parametrize("scope", Scope)
async def test_an_account_that_nobody_can_use_is_not_ready(rig: Rig, scope: Scope) -> None:
    before = (await rig.say("/accounts")).text.splitlines()[0]
    await tells(rig, "w8", setback(scope, 1))
    page = await rig.say("/accounts")
    assert page.text.splitlines()[0] != before
    opens = "open or connect it" if scope is Scope.OWN else "reach Telegram with it"
    assert f"No collector can {opens} (host-w8)" in page.text
    assert "⚠️" in page.text


async def test_one_that_can_use_it_is_enough(rig: Rig) -> None:
    before = (await rig.say("/accounts")).text
    await tells(rig, "w8", setback(Scope.OWN, 1))
    await tells(rig, "w9")
    assert (await rig.say("/accounts")).text == before


async def test_of_what_is_held_its_holder_tells(rig: Rig) -> None:
    await tells(rig, "w8", setback(Scope.TELEGRAM, 1), load=Load(accounts=(1,), room=5))
    await tells(rig, "w9")
    assert "Its collector (host-w8) cannot connect it now." in (await rig.say("/accounts")).text
