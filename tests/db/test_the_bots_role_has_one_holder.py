"""Of any number of bots that reach for the role at once one gets it; whoever lost it changes
nothing any more, and whoever takes it over has seen exactly the lease that is there."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

from core.account import Lease
from core.bot_role import BotHolder
from db.database import Database

LASTS = 30.0
MANY = 20


async def seen(database: Database) -> BotHolder:
    holder = await database.bot_role.look()
    assert holder is not None
    return holder


async def at_once(takings: Sequence[Coroutine[Any, Any, Lease | None]]) -> list[Lease | None]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(taking) for taking in takings]
    return [task.result() for task in tasks]


async def test_of_many_that_take_it_one_has_it(database: Database) -> None:
    role = database.bot_role
    for turn in range(3):
        names = [f"w{turn}-{number}" for number in range(MANY)]
        got = await at_once([role.take(name, "host", seconds=LASTS) for name in names])
        (lease,) = [one for one in got if one is not None]
        holder = await seen(database)
        assert (holder.lease, holder.host) == (lease, "host")
        assert lease.token == turn + 1
        await role.give_back(lease.worker, lease.token)
        assert await role.look() is None


async def test_of_many_that_take_it_over_one_has_it(database: Database) -> None:
    role = database.bot_role
    await role.take("dead", "host", seconds=LASTS)
    was = await seen(database)
    names = [f"w{number}" for number in range(MANY)]
    got = await at_once([role.take_over(was.lease, name, "other", seconds=LASTS) for name in names])
    (lease,) = [one for one in got if one is not None]
    assert (await seen(database)).lease == lease
    assert (await seen(database)).since >= was.since
    assert lease.token == was.lease.token + 1


async def test_every_sign_of_life_saves_it(database: Database) -> None:
    role = database.bot_role
    lease = await role.take("alive", "host", seconds=LASTS)
    assert lease is not None
    was = await seen(database)
    assert await role.renew("alive", lease.token, seconds=LASTS)
    assert (await seen(database)).lease != was.lease
    assert (await seen(database)).since == was.since
    assert await role.take_over(was.lease, "late", "other", seconds=LASTS) is None
    assert await role.take("late", "other", seconds=LASTS) is None


async def test_who_lost_it_changes_nothing(database: Database) -> None:
    role = database.bot_role
    lease = await role.take("former", "host", seconds=LASTS)
    assert lease is not None
    now = await role.take_over(lease, "heir", "other", seconds=LASTS)
    assert now is not None
    assert not await role.renew("former", lease.token, seconds=LASTS)
    await role.give_back("former", lease.token)
    assert not await role.renew("heir", lease.token, seconds=LASTS)
    assert (await seen(database)).lease == now
