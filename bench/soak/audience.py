"""Who listens to the live chats of a site, and whether they heard all."""

import asyncio
import time
from collections.abc import Sequence

from bench.soak.site import CLOCK, Site
from bench.soak.truth import marked
from core.chat import Chat, ChatKind, Peer
from core.task import Schedule, Step, TaskSpec

Shown = dict[int, tuple[str, object]]


async def subscribe(site: Site, names: Sequence[str]) -> None:
    """Two accounts are in each chat, as if they had joined it; one run listens to all."""
    people = site.sandbox.world.accounts
    for place, name in enumerate(names):
        for step in (0, 1):
            await _enter(site, name, (place + step) % len(people))
    now = CLOCK.now()
    spec = TaskSpec(sources=tuple(f"@{name}" for name in names), steps=(Step.LISTEN,))
    task = await site.database.tasks.add(
        owner=1, chat=1, spec=spec, schedule=Schedule(), next_due=None, now=now
    )
    opened = await site.database.runs.open(task, due=now, now=now)
    if opened is None:
        raise RuntimeError("a new task has no run")
    async with asyncio.timeout(60):
        while await _heard(site, opened.id) < len(names):  # noqa: ASYNC110 - others do it
            await asyncio.sleep(0.1)


async def _heard(site: Site, run: str) -> int:
    found = await site.database.subscriptions.of_run(run)
    return sum(one.pushed and one.checked_at is not None for one in found)


async def _enter(site: Site, name: str, place: int) -> None:
    world = site.sandbox.world
    there, person, account = world.chat(name), world.accounts[place], place + 1
    world.membership.enter(person.id, there.id)
    peer = Peer(
        chat=marked(there.id),
        kind=ChatKind.SUPERGROUP,
        access_hash=world.access_hash(person.id, "channel", there.id),
    )
    chat = Chat(id=peer.chat, kind=peer.kind, title=there.title, username=name)
    await site.database.chats.save(chat)
    await site.database.memberships.joined(account, peer, f"@{name}", CLOCK.now(), task=None)


async def until_equal(site: Site, tops: dict[str, int], patience: float) -> list[str]:
    """The messages that differ still when the patience is over."""
    left = list(tops)
    deadline = time.monotonic() + patience
    wrong: list[str] = []
    while left and (not wrong or time.monotonic() < deadline):
        wrong = []
        for name in list(left):
            differ = await _differences(site, name, tops[name])
            wrong += differ
            if not differ:
                left.remove(name)
        await asyncio.sleep(0.2)
    return wrong


async def _differences(site: Site, name: str, above: int) -> list[str]:
    chat = site.sandbox.world.chat(name)
    stored = await site.database.outage.insist("stream", lambda: _stored(site, chat.id, above))
    world: Shown = {
        one.id: (getattr(one, "message", None) or "", getattr(one, "edit_date", None))
        for one in chat.messages()
        if one.id > above
    }
    ids = sorted(stored.keys() | world.keys())
    return [f"{name}/{one}" for one in ids if stored.get(one) != world.get(one)]


async def _stored(site: Site, chat: int, above: int) -> Shown:
    found: Shown = {}
    async for one in site.database.messages.stream(marked(chat), lo=above + 1):
        found[one.id] = (one.text, one.edit_date)
    return found
