from collections.abc import AsyncIterator

import pytest
from service import ended, make_worker, recruit, start, working
from waiting import wait_until

from core.account import Account
from core.lookup import Found, Lookup, LookupState
from core.run import RunState
from core.task import Step
from db.database import Database
from sandbox.entrance import Entrance
from sandbox.seed import small_world
from sandbox.server import Sandbox


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    world = small_world(
        chats={"secret_circle": 60, "city_walks": 20},
        accounts=2,
        private=("secret_circle",),
        entrances={
            "secret_circle": Entrance(invite="SecretHash01", approval=False, insiders=()),
        },
        dead_invites=("DeadHash03",),
    )
    async with Sandbox(world) as running:
        yield running


@pytest.fixture
async def crew(database: Database, sandbox: Sandbox) -> list[Account]:
    return await recruit(database, sandbox, sandbox.world.accounts)


async def looked_up(
    database: Database, *sources: str, account: int | None = None
) -> dict[str, Found]:
    """What a worker answers."""
    question = await database.lookups.ask(sources, account)

    async def answered() -> Lookup | None:
        lookup = await database.lookups.get(question)
        return lookup if lookup and lookup.state is LookupState.ANSWERED else None

    lookup = await wait_until(answered, timeout=15)
    return {found.source: found for found in lookup.found}


async def test_an_invite_tells_what_is_behind_it_and_who_is_in(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    first, second = crew
    async with working(make_worker(database, sandbox)):
        before = await looked_up(database, "+SecretHash01", "+DeadHash03", "-1001234567")
        assert not sandbox.counters.joins
        run = await start(database, "+SecretHash01", account=second, steps=(Step.JOIN,))
        assert await ended(database, run) == [RunState.DONE]
        by_any = await looked_up(database, "+SecretHash01")
        marked = str(by_any["+SecretHash01"].chat.id)
        by_id = await looked_up(database, marked)
        outside = await looked_up(database, "+SecretHash01", marked, account=first.id)
    invite = before["+SecretHash01"].invite
    assert invite is not None
    assert (invite.title, invite.approval) == (sandbox.world.titled("secret_circle").title, False)
    assert before["+SecretHash01"].chat is None
    assert before["+DeadHash03"].problem == "invite_expired"
    assert before["-1001234567"].problem == "not_joined"
    assert by_any["+SecretHash01"].chat.messages == 60
    assert by_id[marked].chat.title == invite.title
    assert outside["+SecretHash01"].invite is not None
    assert outside[marked].problem == "not_joined"
