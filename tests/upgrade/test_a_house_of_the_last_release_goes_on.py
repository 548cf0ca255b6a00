"""A store, cards, forms and settings that the last release made: today's program goes on with them.

A run in the middle, one that listens, a paused one, a task whose runs were pruned, and a form that
nobody has finished; the old program is killed, and the new one starts.
"""

import pytest
from house import House
from service import stored_ids
from waiting import wait_until

from core.run import RunState
from core.schema import THIS

CHATS = {
    "alpha_chat": 2_500,
    "beta_chat": 120,
    "gamma_chat": 1_500,
    "delta_chat": 90,
    "epsilon_chat": 70,
    "zeta_chat": 110,
}
PAGE_SECONDS = 0.2
START = "Start"


async def started(house: House, source: str, *, preset: str | None = None) -> int:
    """A task by the wizard, started; the message that is its card."""
    if preset is None:
        page = await house.says(f"/newtask {source}", source)
    else:
        page = await house.says("/newtask", "Which groups")
        await house.taps(page.id, preset)
        await wait_until(lambda: "Which groups" in house.human.message(page.id).text)
        page = await house.says(source, source)
    await house.taps(page.id, START)
    return page.id


async def made_by_the_last_release(house: House) -> dict[str, int]:
    """The cards of the tasks, by their chats; the old service was killed in the middle."""
    service = await house.start(release=house.old, KEEP_RUNS="1")
    await house.says("/start")
    cards = {"zeta_chat": await started(house, "@zeta_chat")}
    await house.shows(cards["zeta_chat"], "110")
    await house.ended("@zeta_chat")
    for _ in range(2):
        await house.taps(cards["zeta_chat"], "Start again")
        await wait_until(lambda: house.bare["runs"].count_documents({"open": True}))
        await house.ended("@zeta_chat")
        cards["zeta_chat"] = house.human.last.id
    cards["beta_chat"] = await started(house, "@beta_chat", preset="Listen to new messages")
    await house.shows(cards["beta_chat"], "Listening")
    house.sandbox.live.post("beta_chat", "heard by the last release")
    house.sandbox.faults.delay(PAGE_SECONDS, method="messages.getHistory")
    cards["gamma_chat"] = await started(house, "@gamma_chat")
    await read_some(house, "gamma_chat")
    await house.taps(cards["gamma_chat"], "Pause")
    await house.shows(cards["gamma_chat"], "Paused")
    cards["alpha_chat"] = await started(house, "@alpha_chat")
    cards["epsilon_chat"] = (await house.says("/newtask @epsilon_chat", "@epsilon_chat")).id
    await read_some(house, "alpha_chat")
    await service.kill()
    house.sandbox.faults.clear()
    return cards


async def read_some(house: House, name: str) -> None:
    async def some() -> bool:
        return len(await stored_ids(house.database, house.sandbox, name)) >= 200

    await wait_until(some, timeout=60)


@pytest.mark.timeout(240)
async def test_every_task_card_and_form_goes_on(make_house) -> None:
    house: House = await make_house(CHATS)
    house.lets_in("beta_chat")
    cards = await made_by_the_last_release(house)
    assert await house.bare["schema"].find_one({}) is None
    service = await house.start()

    assert (await house.ended("@alpha_chat")).status.state is RunState.DONE
    await house.shows(cards["alpha_chat"], "2,500")

    posted = house.sandbox.live.post("beta_chat", "heard by today's program")

    async def heard() -> bool:
        return posted in await stored_ids(house.database, house.sandbox, "beta_chat")

    await wait_until(heard, timeout=60)

    await house.taps(cards["gamma_chat"], "Resume")
    assert (await house.ended("@gamma_chat")).status.state is RunState.DONE

    await house.taps(cards["epsilon_chat"], START)
    assert (await house.ended("@epsilon_chat")).status.state is RunState.DONE

    await house.taps(cards["zeta_chat"], "Start again")
    assert (await house.ended("@zeta_chat")).status.state is RunState.DONE

    await house.is_whole("alpha_chat", "gamma_chat", "epsilon_chat", "zeta_chat")
    listing = await house.says("/tasks", "alpha")
    assert "beta" in listing.text
    store = await house.database.schema.read()
    assert store is not None
    assert store.version == THIS.version
    assert not house.sandbox.counters.key_violations
    assert await service.stop() == 0
