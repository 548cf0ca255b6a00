"""Who does not obey a flood waits longer, for everything."""

import pytest
from telethon import errors
from telethon.tl.functions.updates import GetStateRequest
from telethon_side import crew_client

from sandbox.counters import Counters
from sandbox.faults import Faults
from sandbox.seed import small_world
from sandbox.server import Sandbox

HISTORY, RESOLVE, BY_ID = "messages.getHistory", "contacts.resolveUsername", "channels.getMessages"


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def faults(clock):
    return Faults(clock)


def told(faults, method=HISTORY, account=7):
    error = faults.judge(account, method).error
    return int(error.message.rpartition("_")[2]) if error else 0


def test_each_flood_is_twice_the_one_before(faults, clock):
    faults.limit(HISTORY, calls=1, seconds=1, wait=5, escalate=True, most=60)
    waits = []
    for _ in range(5):
        assert told(faults) == 0
        waits.append(told(faults))
        clock.now += waits[-1]
    assert waits == [5, 10, 20, 40, 60]


def test_a_call_inside_a_flood_doubles_it(faults, clock):
    faults.limit(HISTORY, calls=1, seconds=1, wait=10, escalate=True)
    assert (told(faults), told(faults)) == (0, 10)
    clock.now += 0.2
    assert told(faults) == 10
    clock.now += 0.2
    assert told(faults) == 20
    clock.now += 19
    assert told(faults) == 40
    clock.now += 40
    assert told(faults) == 0


def test_the_record_is_one_for_all_methods_and_each_account_has_its_own(faults, clock):
    for method, wait in ((HISTORY, 5), (RESOLVE, 100)):
        faults.limit(method, calls=1, seconds=1, wait=wait, escalate=True)
    assert [told(faults), told(faults)] == [0, 5]
    assert [told(faults, RESOLVE), told(faults, RESOLVE)] == [0, 200]
    assert [told(faults, RESOLVE, 8), told(faults, RESOLVE, 8)] == [0, 100]


def test_good_behaviour_is_rewarded(faults, clock):
    faults.limit(HISTORY, calls=1, seconds=1, wait=5, escalate=True, forgive=60)
    assert [told(faults), told(faults)] == [0, 5]
    clock.now += 5 + 60
    assert [told(faults), told(faults)] == [0, 5]
    clock.now += 5
    assert [told(faults), told(faults)] == [0, 10]
    clock.now += 10
    faults.clear(7)
    assert [told(faults), told(faults)] == [0, 5]


def test_plain_limits_do_not_escalate(faults, clock):
    faults.limit(HISTORY, calls=1, seconds=1, wait=5)
    assert [told(faults), told(faults)] == [0, 5]
    clock.now += 4
    assert told(faults) == 1


def test_every_third_call_fails(faults):
    faults.fail(method=HISTORY, every=3, times=2)
    outcomes = [faults.judge(7, HISTORY).error is not None for _ in range(12)]
    assert outcomes == [False, False, True, False, False, True] + [False] * 6


def test_calls_of_the_same_family_inside_a_flood_are_counted():
    clock = Clock()
    counters = Counters(clock)

    def call(method, error=None):
        seen = counters.received(7, method)
        counters.answered(seen, error=error)
        return seen.violation, seen.family_violation

    assert call(HISTORY, "FLOOD_WAIT_10") == (False, False)
    clock.now += 0.2
    assert call(BY_ID) == (False, False)
    clock.now += 0.1
    assert call(BY_ID) == (False, True)
    assert call(RESOLVE) == (False, False)
    assert call(HISTORY, "FLOOD_WAIT_9") == (True, True)
    clock.now += 0.1
    assert call(HISTORY) == (True, True)
    clock.now += 9.7
    assert call(BY_ID) == (False, False)
    assert (counters.floods, counters.violations, counters.family_violations) == (2, 2, 3)


async def test_unmodified_clients_meet_it(sandbox_folder):
    async with Sandbox(small_world(chats={"alpha_chat": 50}), sandbox_folder) as sandbox:
        person = sandbox.world.accounts[0]
        async with crew_client(sandbox) as client:
            sandbox.faults.flood(30, account=person.id, times=3, escalate=True)
            waits = []
            for _ in range(3):
                client._flood_waited_requests.clear()
                with pytest.raises(errors.FloodWaitError) as flood:
                    await client(GetStateRequest())
                waits.append(flood.value.seconds)
        assert waits == [30, 60, 120]
        assert sandbox.counters.summary()["floods"] == 3
