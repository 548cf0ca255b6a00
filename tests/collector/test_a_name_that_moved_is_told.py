"""A source is the chat that the operator saw: a name that moved to another chat is told."""

from collections.abc import AsyncIterator

import pytest
from service import ended, job_of, make_worker, recruit, start, working

from core.account import Account
from core.run import RunState
from core.task import SeenChat, Step
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

BASE = -1_000_000_000_000


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    world = small_world(chats={"first_house": 40, "second_house": 30}, accounts=2)
    async with Sandbox(world) as running:
        yield running


@pytest.fixture
async def crew(database: Database, sandbox: Sandbox) -> list[Account]:
    return await recruit(database, sandbox, sandbox.world.accounts)


def seen(sandbox: Sandbox, username: str = "first_house") -> SeenChat:
    chat = sandbox.world.chat(username)
    return SeenChat(source=f"@{username}", chat=BASE - chat.id, title=chat.title)


def swap(sandbox: Sandbox, left: str = "") -> None:
    world = sandbox.world
    world.move_name("first_house", world.chat("second_house"), left=left)


async def read(
    database: Database, account: Account, there: SeenChat, step: Step = Step.HISTORY
) -> RunState:
    run = await start(database, "@first_house", account=account, steps=(step,), seen=(there,))
    [state] = await ended(database, run)
    if state is RunState.FAILED:
        failure = (await job_of(database, run)).failure
        assert failure is not None
        assert failure.reason == "name_moved"
        assert failure.detail["chat"] == str(there.chat)
    return state


@pytest.mark.parametrize("step", [Step.HISTORY, Step.JOIN, Step.LISTEN])
async def test_the_chat_that_has_the_name_now_is_not_read(
    database: Database, sandbox: Sandbox, crew: list[Account], step: Step
) -> None:
    there, other = seen(sandbox), seen(sandbox, "second_house")
    swap(sandbox)
    async with working(make_worker(database, sandbox)):
        assert await read(database, crew[0], there, step) is RunState.FAILED
    assert await database.messages.boxes(other.chat) == []
    assert await database.messages.boxes(there.chat) == []
    assert not await database.memberships.inside("@first_house")


async def test_who_knew_the_chat_reads_it_whatever_it_is_called(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    """And who knew the name as the other's is not misled by what it remembers."""
    one, another = crew
    old = seen(sandbox)
    async with working(make_worker(database, sandbox)):
        assert await read(database, one, old) is RunState.DONE
        swap(sandbox, left="first_house_old")
        assert await read(database, one, old) is RunState.DONE
        now = seen(sandbox)
        assert now.chat != old.chat
        assert await read(database, another, old) is RunState.FAILED
        assert await read(database, another, now) is RunState.DONE
        assert await read(database, one, now) is RunState.DONE
    size = {chat: await database.messages.count(chat) for chat in (old.chat, now.chat)}
    world = sandbox.world.chats
    assert size == {chat: world[BASE - chat].count for chat in size}


async def test_a_chat_that_changed_its_name_is_read_on(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    there = seen(sandbox)
    async with working(make_worker(database, sandbox)):
        assert await read(database, crew[0], there) is RunState.DONE
        sandbox.world.move_name("first_house", None, left="renamed_house")
        assert await read(database, crew[0], there) is RunState.DONE


async def test_a_task_of_the_version_before_reads_what_the_name_means(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    swap(sandbox)
    async with working(make_worker(database, sandbox)):
        run = await start(database, "@first_house", account=crew[0])
        assert await ended(database, run) == [RunState.DONE]
    assert await database.messages.count(seen(sandbox).chat) > 0
