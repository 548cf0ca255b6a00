"""A bot, a worker with a crew, and a sandbox that serve a whole module; a task for each error."""

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot_door import Gateway, bot_api
from bot_rig import Rig, Worker, settings
from service import CLOCK, make_worker, recruit, working
from waiting import wait_until

from bot.i18n import Locales
from bot.reasons import advice, reason
from core.account import Account
from core.job import Job, JobState
from core.run import Run
from core.task import AccountPolicy, Schedule, TaskSpec
from db.client import connect, database_of
from db.database import Database
from sandbox.bot_api.person import Human, Seen
from sandbox.server import Sandbox
from sandbox.world import World

NUMBERS = itertools.count(1)
LOCALES = Locales()
LANGUAGE_OF_APP = "zh-hans"
FAILED = ("Failed", "失败")
"""How cards of failed runs are titled, in English and in Chinese."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """`crew` are all accounts; the tasks of the first go well but for their source. `spare` are
    those that a test may break for good, each once. `folder` is where files are kept.
    """

    rig: Rig
    database: Database
    sandbox: Sandbox
    crew: list[Account]
    spare: Iterator[Account]
    folder: Path

    @property
    def english(self) -> Human:
        """The operator whose texts are English."""
        return self.rig.me

    @property
    def chinese(self) -> Human:
        """The operator whose texts are Chinese."""
        return self.rig.stranger

    async def begin(
        self,
        *sources: str,
        account: Account | None = None,
        policy: AccountPolicy | None = None,
        who: Human | None = None,
        **spec: Any,
    ) -> Run:
        """What Start in the chat does; the first account does it unless told."""
        chosen = policy or AccountPolicy.pinned((account or self.crew[0]).id)
        wanted = TaskSpec(sources=sources, policy=chosen, **spec)
        return await begin(self.database, who or self.english, wanted)

    async def shown(
        self,
        run: Run,
        *words: str,
        who: Human | None = None,
        spelled: tuple[str, str] = ("", ""),
        timeout: float = 8,
    ) -> Seen:
        """The card of the run, once it shows all of these words. `spelled`: a name, and another
        that means the same.
        """
        person = who or self.english
        title = f"#{run.number} · "

        def fits(message: Seen) -> bool:
            told = message.text.partition("\n")[0]
            is_card = title in told and message.reply_to is None
            text = message.text.replace(*spelled)
            return is_card and all(word in text for word in words)

        try:
            return await person.wait_for_message(fits, timeout)
        except TimeoutError:
            cards = [one.text for one in person.messages if title in one.text]
            raise AssertionError(f"{words} not in {cards!r}") from None

    async def fails(
        self,
        key: str,
        says: str,
        *sources: str,
        named: str | None = None,
        states: tuple[str, str] = FAILED,
        **task: Any,
    ) -> None:
        """A task fails, and its card says why: literally so to who reads English, and in the words
        of the same key to who reads Chinese. `named`: the source as cards name it.
        """
        shown = named or sources[0]
        spelled = (sources[0], shown)
        assert says == told("en", key, shown)
        english = await self.begin(*sources, **task)
        chinese = await self.begin(*sources, who=self.chinese, **task)
        await self.shown(english, states[0], f"✗ {shown}: {says}", spelled=spelled)
        line = f"✗ {shown}：{told('zh', key, shown)}"
        await self.shown(chinese, states[1], line, who=self.chinese, spelled=spelled)

    async def hurry(self, run: Run, timeout: float = 8) -> Job:
        """Let no job of the run wait for its next attempt; the one that failed."""

        async def failed() -> Job | None:
            jobs = await self.database.jobs.of_run(run.id)
            for wait in (job.wait for job in jobs if job.wait is not None):
                if wait.until is not None:
                    await self.database.jobs.wake(wait.until)
            return next((job for job in jobs if job.state is JobState.FAILED), None)

        return await wait_until(failed, timeout, every=0.05)


@asynccontextmanager
async def pipeline(
    mongo_uri: str, data_dir: Path, world: World, *, steady: int = 1, **worker: Any
) -> AsyncIterator[Pipeline]:
    """Everything runs inside the block: one worker for all accounts of the world, of which the
    first `steady` are not spare.
    """
    name = f"pipeline_{CLOCK.now():%H%M%S%f}_{next(NUMBERS)}"
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox(world))
        sandbox.bot_api.limits.enabled = False
        client = await stack.enter_async_context(connect(mongo_uri))
        stack.push_async_callback(client.drop_database, name)
        raw = database_of(client, name)
        database = Database(raw)
        await database.prepare()
        crew = await recruit(database, sandbox, world.accounts)
        running = make_worker(database, sandbox, **worker)
        await stack.enter_async_context(working(running))
        admins = [world.operator.id, world.stranger.id]
        wanted = settings(
            sandbox.bot_api_url, mongo_uri, name, data_dir, world.control_bot.token, admins
        )
        by_hand = Worker(database, raw)
        rig = Rig(sandbox.bot_api, sandbox.bot_api_url, database, by_hand, wanted, stack, Gateway())
        await stack.enter_async_context(rig.running())
        rig.stranger.speak(LANGUAGE_OF_APP)
        for person in (rig.me, rig.stranger):
            await person.send("/help")
            await person.wait_for_message(lambda _: True)
        await wait_until(lambda: running.connected() == len(crew), 20)
        yield Pipeline(
            rig=rig,
            database=database,
            sandbox=sandbox,
            crew=crew,
            spare=iter(crew[steady:]),
            folder=data_dir,
        )


@dataclass(frozen=True, slots=True)
class Deserted:
    """A bot that no worker helps; `card` is the message of a run that began a minute ago."""

    rig: Rig
    card: int


@asynccontextmanager
async def deserted(mongo_uri: str, folder: Path) -> AsyncIterator[Deserted]:
    """A run that nobody takes, on a Bot API and a database of its own."""
    name = f"deserted_{CLOCK.now():%H%M%S%f}_{next(NUMBERS)}"
    async with AsyncExitStack() as stack:
        door, url, gateway = await stack.enter_async_context(bot_api())
        client = await stack.enter_async_context(connect(mongo_uri))
        stack.push_async_callback(client.drop_database, name)
        raw = database_of(client, name)
        database, by_hand = Database(raw), Worker(Database(raw), raw)
        await database.prepare()
        await by_hand.account("Anna", number=1)
        token, admin = door.world.control_bot.token, door.world.operator.id
        wanted = settings(url, mongo_uri, name, folder, token, [admin])
        rig = Rig(door, url, database, by_hand, wanted, stack, gateway)
        await stack.enter_async_context(rig.running())
        await rig.say("/help")
        run = await begin(database, rig.me, TaskSpec(sources=("@harbour_news",)))
        await by_hand.age(run.id, 60)
        card = await rig.new(f"Task #{run.number} · ")
        yield Deserted(rig, card.id)


async def begin(database: Database, who: Human, spec: TaskSpec) -> Run:
    """A task of somebody, and its run."""
    now = CLOCK.now()
    task = await database.tasks.add(
        owner=who.id, chat=who.id, spec=spec, schedule=Schedule(), next_due=None, now=now
    )
    run = await database.runs.open(task, due=now, now=now)
    assert run is not None
    return run


def told(language: str, key: str, named: str) -> str:
    """What happened and what to do about it, as a card says it."""
    texts, detail = LOCALES.of(language), {"source": named}
    why, todo = reason(texts, key, detail), advice(texts, key, detail)
    return str(texts("card-why", reason=why, advice=todo)).replace("<i>", "").replace("</i>", "")


def check_chinese(key: str) -> None:
    """A reason and its advice have words of their own in Chinese."""
    detail = {"source": "@x", "account": "X"}
    english, chinese = LOCALES.of("en"), LOCALES.of("zh")
    for words in (reason, advice):
        assert words(chinese, key, detail) != words(english, key, detail)
        assert any("\u4e00" <= letter <= "\u9fff" for letter in words(chinese, key, detail))
