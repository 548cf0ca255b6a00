"""Listening crews in a test, and what of a chat is stored beside what is in the world."""

from collections.abc import Iterable
from datetime import timedelta

from service import make_worker, start
from waiting import wait_until

from bench.soak.truth import marked
from collector.listening.options import ListenOptions
from collector.worker import Worker
from core.run import Run
from core.subscription import Subscription
from core.task import Step
from db.client import MongoDatabase
from db.database import Database
from sandbox.server import Sandbox

Shown = dict[int, tuple[str, object]]
"""Text and edit date of messages by their ids."""

LIVE = (Step.LISTEN,)
QUICK = ListenOptions(
    soonest=0.5, rarest=1.5, grace=0.2, keep=0.2, depth_age=timedelta(hours=1), prove=1.0
)
"""Looks so often that a test need not wait, and so do no chat's own times."""

PUSHED = ListenOptions(soonest=600, rarest=600, grace=0.2, keep=0.2)
"""Only what is pushed is heard after the first look."""


def listener(database: Database, sandbox: Sandbox, **more: object) -> Worker:
    return make_worker(database, sandbox, **{"listening": QUICK, **more})  # type: ignore[arg-type]


def join_all(sandbox: Sandbox, accounts: Iterable[int], *names: str) -> None:
    """Let people into chats."""
    for name in names:
        for account in accounts:
            sandbox.world.membership.enter(account, sandbox.world.chat(name).id)


async def listen(
    database: Database, *sources: str, chats: int | None = None, **more: object
) -> Run:
    """A run that listens, once every chat of it was looked at for the first time."""
    run = await start(database, *sources, steps=LIVE, **more)  # type: ignore[arg-type]
    await heard(database, run, len(sources) if chats is None else chats)
    return run


async def heard(database: Database, run: Run, chats: int) -> list[Subscription]:
    """What is listened to for the run, once that is so many chats, each looked at."""

    async def ready() -> list[Subscription] | None:
        found = await database.subscriptions.of_run(run.id)
        looked = [one for one in found if one.reader is not None and one.checked_at is not None]
        return found if len(looked) >= chats else None

    return await wait_until(ready, timeout=20)


async def stored(bare: MongoDatabase, chat: int, *, above: int = 0) -> Shown:
    """Text and edit date of what is stored of a chat, deleted messages left out."""
    query = {"chat": marked(chat), "id": {"$gt": above}, "body": None, "deleted_at": None}
    found = bare["messages"].find(query, {"id": 1, "text": 1, "edit_date": 1})
    return {one["id"]: (one.get("text", ""), one.get("edit_date")) async for one in found}


def world(sandbox: Sandbox, name: str, *, above: int = 0) -> Shown:
    """The same of the world."""
    return {
        one.id: (getattr(one, "message", None) or "", getattr(one, "edit_date", None))
        for one in sandbox.world.chat(name).messages()
        if one.id > above
    }


async def same(bare: MongoDatabase, sandbox: Sandbox, tops: dict[str, int]) -> bool:
    """Whether everything above the ids where listening began is stored as it is in the world."""
    for name, top in tops.items():
        chat = sandbox.world.chat(name)
        if await stored(bare, chat.id, above=top) != world(sandbox, name, above=top):
            return False
    return True


def tops(sandbox: Sandbox, *names: str) -> dict[str, int]:
    return {name: sandbox.world.chat(name).top_id for name in names}
