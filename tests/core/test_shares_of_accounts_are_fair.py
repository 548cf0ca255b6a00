"""Shares of accounts are as equal as the workers' bounds let them be; nothing moves in vain."""

import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.fair_share import Sharer, level, share


@st.composite
def crews(draw: st.DrawFn) -> tuple[list[Sharer], int]:
    """Up to six workers with bounds, and what they hold of some accounts."""
    count = draw(st.integers(1, 6))
    bounds = [draw(st.integers(0, 80)) for _ in range(count)]
    held = [draw(st.integers(0, bound)) for bound in bounds]
    steady = [draw(st.booleans()) for _ in range(count)]
    free = draw(st.integers(0, 50))
    sharers = [
        Sharer(worker=f"w{place}", held=has, most=most, steady=stays)
        for place, (has, most, stays) in enumerate(zip(held, bounds, steady, strict=True))
    ]
    return sharers, sum(held) + free


def settled(sharers: list[Sharer], accounts: int) -> list[Sharer]:
    """What becomes of it: all give and take by what each computes, round after round."""
    for _ in range(400):
        free = accounts - sum(one.held for one in sharers)
        shares = {one.worker: share(one.worker, sharers, accounts) for one in sharers}
        before = list(sharers)
        if free == 0:
            sharers = [replace(one, held=one.held - shares[one.worker].give) for one in sharers]
            free = accounts - sum(one.held for one in sharers)
        for place, one in enumerate(sharers):
            wants = max(shares[one.worker].take_to - one.held, 0)
            gave = before[place].held > one.held
            taken = 0 if gave else min(wants, free)
            free -= taken
            sharers[place] = replace(one, held=one.held + taken)
        if sharers == before:
            return sharers
    raise AssertionError(f"does not settle: {sharers}")


@given(crews())
def test_no_one_gives_more_than_it_has_nor_takes_more_than_it_may(
    crew: tuple[list[Sharer], int],
) -> None:
    sharers, accounts = crew
    for one in sharers:
        found = share(one.worker, sharers, accounts)
        assert 0 <= found.give <= one.held
        assert 0 <= found.take_to <= one.most


@given(crews())
def test_together_they_take_all_that_can_be_taken(crew: tuple[list[Sharer], int]) -> None:
    sharers, accounts = crew
    after = settled(sharers, accounts)
    assert sum(one.held for one in after) == min(accounts, sum(one.most for one in sharers))


@given(crews())
def test_steady_workers_end_with_fair_shares_and_then_nothing_moves(
    crew: tuple[list[Sharer], int],
) -> None:
    sharers, accounts = [replace(one, steady=True) for one in crew[0]], crew[1]
    after = settled(sharers, accounts)
    fair = level(after, accounts)
    if fair == math.inf:
        assert [one.held for one in after] == [one.most for one in after]
        return
    for one in after:
        assert min(one.most, math.floor(fair)) <= one.held <= min(one.most, math.ceil(fair))


@given(crews())
def test_nothing_is_given_to_who_has_just_come(crew: tuple[list[Sharer], int]) -> None:
    """What the steady ones hold is as fair among themselves as it was."""
    sharers, accounts = crew
    steady = [one for one in sharers if one.steady]
    for one in steady:
        alone = share(one.worker, steady, sum(each.held for each in steady))
        assert share(one.worker, sharers, accounts).give == alone.give


@given(st.lists(st.integers(1, 60), min_size=2, max_size=5), st.integers(0, 200))
def test_a_difference_of_one_moves_nothing(most: list[int], accounts: int) -> None:
    even, rest = divmod(accounts, len(most))
    sharers = [
        Sharer(worker=f"w{place}", held=even + (place < rest), most=even + 1 + extra)
        for place, extra in enumerate(most)
    ]
    assert [share(one.worker, sharers, accounts).give for one in sharers] == [0] * len(most)
