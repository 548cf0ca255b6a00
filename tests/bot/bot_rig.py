"""The control bot against a Bot API on a real port, a person in front, a worker played by hand."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiogram import Dispatcher
from aiogram.fsm.storage.memory import MemoryStorage
from bot_door import Gateway
from leasing import lease
from waiting import wait_until

from bot.app import BotSettings, ControlBot
from bot.background import Background
from bot.session import make_bot
from collector.run_keeper import RunKeeper
from core.account import Account
from core.chat import Chat, ChatKind
from core.clock import SystemClock
from core.job import Failure, Job, JobKey, Progress, Wait
from core.lookup import Found
from core.run import Run, RunState
from db.accounts import SignedIn
from db.client import MongoDatabase
from db.database import Database
from sandbox.bot_api import BotApiDoor
from sandbox.bot_api.person import Human, Seen

CLOCK = SystemClock()


class Worker:
    """Does by hand, through the repositories, what a worker does."""

    def __init__(self, database: Database, raw: MongoDatabase) -> None:
        self.db = database
        self.raw = raw

    async def account(self, name: str, *, number: int) -> Account:
        return await self.db.accounts.signed_in(
            SignedIn(
                telegram_id=777_000_000 + number,
                name=name,
                username=None,
                phone="+99 966 ••• 01",
                phone_secret=b"-",
                session=b"-",
            ),
            CLOCK.now(),
        )

    async def lease(self, seconds: float = 600) -> None:
        """Hold every account that may be held."""
        while await lease(self.db, "w1", seconds=seconds):
            pass

    async def open_run(self, timeout: float = 5) -> Run:
        """The open run, as soon as there is one."""
        runs = await wait_until(self.db.runs.open_runs, timeout)
        return runs[-1]

    async def plan(self, run: Run) -> list[Job]:
        await RunKeeper(self.db, CLOCK).derive(run.id)
        return await self.db.jobs.of_run(run.id)

    async def claim(self, job: str, account: int = 1, token: int = 1) -> JobKey:
        claimed = await self.db.jobs.claim(job, account, token, CLOCK.now())
        assert claimed is not None
        return claimed.key()

    async def progress(
        self, key: JobKey, read: int, total: int | None, *, chat: int = -1001
    ) -> None:
        progress = Progress(read=read, new=read, known=0, total=total)
        assert await self.db.jobs.progress(key, progress, chat=chat, top_id=total, moved=True)

    async def derive(self, run: str) -> Run:
        """Store the derived state, as the sweep does."""
        await RunKeeper(self.db, CLOCK).derive(run)
        return await self.get(run)

    async def get(self, run: str) -> Run:
        found = await self.db.runs.get(run)
        assert found is not None
        return found

    async def finish(self, run: Run, *, read: int = 100, chat: int = -1001) -> Run:
        """From a new run to its good end."""
        for job in await self.plan(run):
            key = await self.claim(job.id)
            await self.progress(key, read, read, chat=chat)
            await self.db.jobs.done(key, CLOCK.now())
        return await self.derive(run.id)

    async def fail(self, run: Run, reason: str, **detail: str) -> Run:
        """From a new run to a bad end."""
        for job in await self.plan(run):
            key = await self.claim(job.id)
            await self.db.jobs.fail(key, Failure(reason=reason, detail=detail), CLOCK.now())
        return await self.derive(run.id)

    async def wait(self, key: JobKey, wait: Wait | None) -> None:
        assert await self.db.jobs.wait(key, wait)

    async def answer(self, *found: Found) -> None:
        """Answer the next lookup: what is not in `found` is known."""
        lookup = await wait_until(lambda: self.db.lookups.take(within=60.0))
        table = {one.source: one for one in found}
        answers = [table.get(source) or known(source) for source in lookup.sources]
        await self.db.lookups.answer(lookup.id, answers)

    async def age(self, run: str, seconds: float) -> None:
        """Let a run look as if it began so long ago."""
        found = await self.get(run)
        begun = datetime.fromtimestamp(found.created_at.timestamp() - seconds, UTC)
        await self.raw["runs"].update_one(
            {"_id": run}, {"$set": {"created_at": begun, "started_at": begun}}
        )

    async def state(self, run: str) -> RunState:
        return (await self.get(run)).status.state


@dataclass
class Rig:
    """A running bot, and who stands in front of it."""

    door: BotApiDoor
    url: str
    database: Database
    worker: Worker
    settings: BotSettings
    stack: AsyncExitStack
    gateway: Gateway
    bot: ControlBot | None = None

    @property
    def me(self) -> Human:
        return self.door.person(self.door.world.operator.id)

    @property
    def stranger(self) -> Human:
        return self.door.person(self.door.world.stranger.id)

    @asynccontextmanager
    async def running(self, **changes: Any) -> AsyncIterator[ControlBot]:
        """A bot of its own, stopped cleanly at the end."""
        bot = ControlBot(replace(self.settings, **changes), self.database)
        async with asyncio.TaskGroup() as group:
            runner = group.create_task(bot.run())
            try:
                async with asyncio.timeout(10):
                    await bot.ready.wait()
                yield bot
            finally:
                runner.cancel()

    def dispatcher(self) -> Dispatcher:
        """The dispatcher as the bot builds it, for looking at."""
        bot = make_bot(self.settings.token, self.settings.api_url)
        control = ControlBot(self.settings, self.database)
        background = Background()
        return control._dispatcher(bot, MemoryStorage(), None, background, control._cards(bot))

    async def handled(self) -> bool:
        """Whether nothing is left of what was sent to the bot."""
        pending = await self.database.pending_updates.of(self.door.bot.id)
        return not pending and len(self.door.bot.updates) == 0

    async def say(self, text: str) -> Seen:
        """Write, and what the bot writes next."""
        before = {message.id for message in self.me.messages}
        sent = await self.me.send(text)
        return await self.me.wait_for_message(lambda m: m.id not in before and m.id > sent)

    async def press(self, message: Seen | int, button: str) -> str:
        """Press a button by its text (or the beginning of it); the toast."""
        number = message if isinstance(message, int) else message.id
        shown = self.me.message(number)
        labels = [label for row in shown.buttons for label in row]
        found = next((label for label in labels if button in label), None)
        assert found is not None, f"no {button!r} in {labels} under {shown.text!r}"
        query = await self.me.press(number, found)
        await self.me.answered(query)
        return query.text

    async def tap(self, message: Seen | int, button: str, timeout: float = 20) -> str:
        """Press a button as soon as it is there; the toast."""
        number = message if isinstance(message, int) else message.id

        def shown() -> list[str]:
            return [label for row in self.me.message(number).buttons for label in row]

        try:
            await wait_until(lambda: any(button in label for label in shown()), timeout)
        except AssertionError:
            raise AssertionError(f"no {button!r} in {shown()}") from None
        return await self.press(number, button)

    async def until(self, number: int, *words: str, timeout: float = 8) -> Seen:
        """The message once it shows all of these words."""
        try:
            return await self.me.wait_for_message(
                lambda m: m.id == number and all(word in m.text for word in words), timeout
            )
        except TimeoutError:
            raise AssertionError(f"{words} not in {self.me.message(number).text!r}") from None

    async def new(self, *words: str, timeout: float = 8) -> Seen:
        """A message of the bot that shows all of these words."""
        try:
            return await self.me.wait_for_message(
                lambda m: all(word in m.text for word in words), timeout
            )
        except TimeoutError:
            shown = [message.text for message in self.me.messages if message.by_bot]
            raise AssertionError(f"{words} in none of {shown!r}") from None

    def calls(self, *methods: str) -> list[Any]:
        """What the bot asked for, without its polling."""
        calls = [call for call in self.door.counters.bot_calls if call.method != "getUpdates"]
        return [call for call in calls if not methods or call.method in methods]

    async def started(self, *sources: str) -> tuple[Run, Seen]:
        """A run of a task on these sources, and its card."""
        page = await self.say("/newtask " + " ".join(sources or ("@harbour_news",)))
        await self.press(page, "Start")
        run = await self.worker.open_run()
        return run, await self.until(page.id, f"Task #{run.number}")


def known(source: str, *, messages: int = 500) -> Found:
    """A chat that was found."""
    title = source.removeprefix("@").replace("_", " ").title()
    chat = Chat(
        id=-1001,
        kind=ChatKind.SUPERGROUP,
        title=title,
        username=source.removeprefix("@"),
        members=1234,
        messages=messages,
    )
    return Found(source=source, chat=chat)


def unknown(source: str, suggestions: Iterable[str] = ()) -> Found:
    """A name that nobody has."""
    near = tuple(found.chat for name in suggestions if (found := known(name)).chat)
    return Found(source=source, problem="source_unknown", suggestions=near)


def settings(url: str, mongo_uri: str, name: str, folder: Path, token: str, admins: Sequence[int]):
    return BotSettings(
        token=token,
        api_url=url,
        mongo_uri=mongo_uri,
        mongo_db=name,
        data_dir=folder,
        admins=admins,
        time_zone="Europe/Berlin",
        search_bots=("findbot",),
    )
