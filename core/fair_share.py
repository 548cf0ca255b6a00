"""How many accounts each live worker should hold. Pure."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharer:
    """A live worker: how many accounts it holds, and how many it could hold at most.

    `steady`: it has lived for long enough that others hand accounts over to it.
    """

    worker: str
    held: int
    most: int
    steady: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What is fair for one worker: it takes until it holds `take_to`, and gives `give` away."""

    take_to: int
    give: int


def level(sharers: Collection[Sharer], accounts: int) -> float:
    """The number that each holds, where it may hold that many: the others hold what they may."""
    left, bounds = float(accounts), sorted(sharer.most for sharer in sharers)
    for place, most in enumerate(bounds):
        even = left / (len(bounds) - place)
        if most >= even:
            return even
        left -= most
    return math.inf


def share(me: str, sharers: Sequence[Sharer], accounts: int) -> Share:
    """What `me`, one of the sharers, should take up to, and give away now.

    Nobody gives for a difference of one, so an account that comes or goes moves no other. All who
    compute this from the same facts give as many in all as the others lack.
    """
    mine = next(one for one in sharers if one.worker == me)
    counting = [one for one in sharers if one.steady or one is mine]
    return Share(take_to=_take_to(mine, sharers, accounts), give=_give(mine, counting))


def _take_to(mine: Sharer, sharers: Sequence[Sharer], accounts: int) -> int:
    """The level; its fraction is taken only when nobody has less than the whole of it."""
    fair = level(sharers, accounts)
    if fair == math.inf:
        return mine.most
    low = math.floor(fair)
    lacking = any(one.held < min(one.most, low) for one in sharers if one is not mine)
    return min(mine.most, low if lacking else math.ceil(fair))


def _give(mine: Sharer, sharers: Sequence[Sharer]) -> int:
    """Of what these hold: who has more than the level gives that; who has a fraction more gives
    one, in order, as long as somebody has less than the whole of it."""
    fair = level(sharers, sum(one.held for one in sharers))
    if fair == math.inf:
        return 0
    low, high = math.floor(fair), math.ceil(fair)
    over = {one.worker: max(one.held - min(one.most, high), 0) for one in sharers}
    lacking = sum(max(min(one.most, low) - one.held, 0) for one in sharers)
    rich = sorted(one.worker for one in sharers if one.held - over[one.worker] > low)
    more = rich[: max(lacking - sum(over.values()), 0)]
    return over[mine.worker] + (mine.worker in more)
