"""Kills, crashes at each named point, cuts, floods and a mistreated mongod: everything is as if
nothing had happened. `make soak` blows the same for longer."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from bench.nursery import Nursery
from bench.soak.faults import details, facts, unordered
from bench.soak.plan import SMALL
from bench.soak.storm import Outcome, storm
from bench.soak.tally import Tally


@pytest.mark.timeout(240)
async def test_every_promise_holds_in_a_small_storm(tmp_path: Path, nursery: Nursery) -> None:
    found = await storm(SMALL, tmp_path, nursery, lambda _: None)
    told = list(facts(SMALL, found))
    assert [fact for fact in told if not fact.held] == []


GOOD = Outcome(
    tally=Tally(),
    quotas_met=True,
    tasks=9,
    runs_open=0,
    messages=900,
    wrong_chats=[],
    different=[],
    presses=2,
    doubled=[],
    fired_wrong=[],
    cards_left=0,
    told_twice=0,
    lost_accounts=[],
    key_violations=0,
    flood_violations=0,
    floods=3,
    accounts_at_once=2,
    last_exits=[0, 0, 0],
    stormy_seconds=9.0,
    calm_seconds=1.0,
)


@pytest.mark.parametrize(
    "flaw",
    [
        {"runs_open": 1},
        {"wrong_chats": ["alpha: 8 of 9"]},
        {"different": ["alpha/7"]},
        {"doubled": ["@alpha"]},
        {"fired_wrong": ["7: []"]},
        {"cards_left": 1},
        {"told_twice": 1},
        {"lost_accounts": [7]},
        {"key_violations": 1},
        {"flood_violations": 1},
        {"tally": Tally(exits=Counter({"for no reason: 1": 1}))},
        {"last_exits": [0, 1, 0]},
    ],
)
def test_each_flaw_breaks_a_promise_of_its_own(flaw: dict[str, object]) -> None:
    def broken(outcome: Outcome) -> set[str]:
        return {fact.promise for fact in facts(SMALL, outcome) if not fact.held}

    assert len(broken(replace(GOOD, **flaw)) - broken(GOOD)) == 1


def test_a_storm_that_did_too_little_is_told() -> None:
    assert [fact.held for fact in facts(SMALL, GOOD)] == [False] + [True] * 12


def test_an_end_without_mongodb_breaks_no_promise_and_any_other_tells_its_last_words() -> None:
    tally = Tally(
        exits=Counter({"when MongoDB was away: 1": 2, "for no reason: 1": 1}),
        last_words={"for no reason: 1": "ValueError: odd", "when MongoDB was away: 1": "gone"},
    )
    [told] = unordered(tally)
    assert "for no reason: 1" in told
    assert "ValueError: odd" in told
    assert "`gone`" in details(SMALL, replace(GOOD, tally=tally))
