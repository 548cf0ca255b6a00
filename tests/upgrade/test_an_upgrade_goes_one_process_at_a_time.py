"""Collectors and bot of the last release are replaced one after another while they work.

Tasks of each kind go on meanwhile; afterwards every message and file is there, what is counted is
true, and no key was used on two connections.
"""

import pytest
from house import House
from waiting import wait_until

from core.account import AccountState
from core.run import RunState
from core.worker import WorkerSign

CHATS = {"alpha_chat": 4_000, "beta_chat": 200, "gamma_chat": 3_000, "delta_chat": 400}
PAGE_SECONDS = 0.4


async def live_workers(house: House) -> list[WorkerSign]:
    workers, _ = await house.database.workers.page(0, 20)
    return [one for one in workers if not one.is_gone()]


async def ordered(house: House, source: str, *presses: str) -> int:
    """A task by the wizard; the message that is its card."""
    page = await house.says(f"/newtask {source}", source)
    for button in presses:
        await house.taps(page.id, button)
    await house.taps(page.id, "Start")
    return page.id


async def listens(house: House, source: str) -> None:
    page = await house.says("/newtask", "Which groups")
    await house.taps(page.id, "Listen to new messages")
    page = await house.says(source, source)
    await house.taps(page.id, "Start")
    await house.shows(page.id, "Listening")


async def heard(house: House, posted: int) -> None:
    marked = -1_000_000_000_000 - house.sandbox.world.chat("beta_chat").id

    async def stored() -> bool:
        return posted in [number async for number in house.database.messages.ids(marked)]

    await wait_until(stored, timeout=60)


@pytest.mark.timeout(300)
async def test_work_goes_on_while_each_process_is_replaced(make_house) -> None:
    house: House = await make_house(CHATS, accounts=2)
    house.lets_in("beta_chat")
    machines = [str(house.folder / name) for name in ("one", "two")]
    old = [
        await house.start("collector", release=house.old, DATA_DIR=folder, WORKER_ACCOUNTS="1")
        for folder in machines
    ]
    bot = await house.start("bot", release=house.old)
    await house.says("/start")
    await listens(house, "@beta_chat")
    house.sandbox.faults.delay(PAGE_SECONDS, method="messages.getHistory")
    await ordered(house, "@alpha_chat", "Account", "Balance automatically")
    await ordered(house, "@gamma_chat", "Account", "Balance automatically")

    posted = []
    for service, folder in zip(old, machines, strict=True):
        posted.append(house.sandbox.live.post("beta_chat", "before a collector is replaced"))
        assert await service.stop() == 0
        await house.start("collector", DATA_DIR=folder, WORKER_ACCOUNTS="1")
        await wait_until(lambda: two_work(house), timeout=60)
        posted.append(house.sandbox.live.post("beta_chat", "after a collector was replaced"))
    assert await bot.stop() == 0
    await house.start("bot")
    await ordered(house, "@delta_chat")
    house.sandbox.faults.clear()
    for source in ("@alpha_chat", "@gamma_chat", "@delta_chat"):
        assert (await house.ended(source)).status.state is RunState.DONE
    for number in posted:
        await heard(house, number)
    await house.is_whole("alpha_chat", "gamma_chat", "delta_chat")
    for name in ("alpha_chat", "gamma_chat", "delta_chat"):
        assert await counted(house, name) == CHATS[name]
    assert {one.state for one in await house.database.accounts.all()} == {AccountState.READY}
    assert not house.sandbox.counters.key_violations


async def two_work(house: House) -> bool:
    """Two collectors live, and each has connected its account."""
    workers = await live_workers(house)
    return len(workers) == 2 and all(one.load.accounts for one in workers)


async def counted(house: House, name: str) -> int:
    """What is shown of a chat: by the counts that are kept."""
    return await house.database.tallies.of_chat(
        -1_000_000_000_000 - house.sandbox.world.chat(name).id
    )
