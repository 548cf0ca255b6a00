"""Four collectors share a hundred accounts, and one after another is killed, frozen or drained:
nothing is lost, nothing waits for who is not there, and no key is used twice at once."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.nursery import Nursery
from bench.soak.relay import SMALL, Outcome, facts, relay


@pytest.mark.timeout(240)
async def test_whoever_is_left_does_all_the_work(tmp_path: Path, nursery: Nursery) -> None:
    found = await relay(tmp_path, SMALL, nursery)
    assert [fact for fact in facts(found, SMALL) if not fact.held] == [], found


GOOD = Outcome(
    left={"kill": 2, "freeze": 2, "drain": 1},
    handovers=[1.5],
    exits={},
    connected=9.0,
    tasks=9,
    retried=0,
    messages=900,
    wrong_chats=[],
    posted=400,
    wrong_live=[],
    silence=3.0,
    explained=1,
    runs_open=0,
    finished_after=2.0,
    lost_accounts=[],
    key_violations=0,
)


@pytest.mark.parametrize(
    "flaw",
    [
        {"left": {"kill": 9}},
        {"wrong_chats": ["alpha: 8 of 9"]},
        {"wrong_live": ["live_1/7"]},
        {"posted": 0},
        {"lost_accounts": [7]},
        {"key_violations": 1},
        {"silence": 61.0},
        {"runs_open": 1},
        {"handovers": [1.0, 5.5]},
        {"exits": {"drain: 1": 1}},
    ],
)
def test_each_flaw_breaks_a_promise(flaw: dict[str, object]) -> None:
    assert all(fact.held for fact in facts(GOOD, SMALL))
    assert sum(not fact.held for fact in facts(replace(GOOD, **flaw), SMALL)) == 1
