"""A clock that is not believed: on /workers, and where nobody is right on /tasks and the cards."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.clock_line import clock_line
from bot.features.runs.service import RunService
from bot.features.tasks import views
from bot.features.tasks.service import TaskService
from bot.features.workers import views as worker_views
from bot.features.workers.service import WorkerService
from bot.i18n import Locales, Texts
from core.clock import SystemClock
from core.task import Schedule, ScheduleKind, Task, TaskSpec
from core.trusted_clock import ClockSign, TimeSource, Verdict
from core.worker import Load
from db.client import MongoDatabase
from db.database import Database

CLOCK, ZONE = SystemClock(), ZoneInfo("UTC")
DAY = 86_400.0
AHEAD = ClockSign(verdict=Verdict.WRONG, source=TimeSource.TELEGRAM, ahead=31 * DAY)
RIGHT = ClockSign(verdict=Verdict.AGREED)
UNPROVEN = ClockSign(verdict=Verdict.UNPROVEN, source=TimeSource.TELEGRAM)
SIGNS = [
    ClockSign(verdict=Verdict.WRONG, source=source, ahead=ahead)
    for source in (TimeSource.MONGODB, TimeSource.TELEGRAM, TimeSource.BOT_API)
    for ahead in (31 * DAY, 61.0, -DAY, -3_653 * DAY)
] + [ClockSign(verdict=Verdict.WRONG, source=TimeSource.CLOCK), UNPROVEN]


@pytest.fixture(params=["en", "zh"])
def texts(request: pytest.FixtureRequest) -> Texts:
    return Locales("en").of(request.param, None)


async def beat(database: Database, name: str, sign: ClockSign | None) -> None:
    await database.workers.begin(name, host=name, version="1")
    await database.workers.beat(name, Load(clock=sign))


async def hourly(database: Database, due: datetime) -> Task:
    schedule = Schedule(kind=ScheduleKind.EVERY, every=timedelta(hours=1), anchor=due)
    return await database.tasks.add(
        owner=1,
        chat=1,
        spec=TaskSpec(sources=("@one",)),
        schedule=schedule,
        next_due=due,
        now=CLOCK.now(),
    )


async def shown(database: Database, texts: Texts, task: Task) -> tuple[str, str, str]:
    """The list of tasks, the task's card, and the list of workers."""
    tasks = TaskService(database, CLOCK, RunService(database, CLOCK))
    workers = WorkerService(database, CLOCK)
    return (
        views.listing(texts, await tasks.page(0), ZONE).text,
        views.card(texts, await tasks.view(task.id), ZONE).text,
        worker_views.listing(texts, await workers.page(0), ZONE).text,
    )


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: f"{sign.source}{sign.ahead}")
def test_every_doubt_is_a_sentence(texts: Texts, sign: ClockSign) -> None:
    assert "⚠️" in (clock_line(texts, sign) or "")


async def test_a_wrong_clock_of_the_only_worker_is_told_everywhere(
    database: Database, texts: Texts
) -> None:
    await beat(database, "w1", AHEAD)
    task = await hourly(database, CLOCK.now() + timedelta(hours=1))
    assert all("⚠️" in text for text in await shown(database, texts, task))


async def test_while_another_worker_is_right_tasks_go_on(database: Database, texts: Texts) -> None:
    await beat(database, "w1", AHEAD)
    await beat(database, "w2", RIGHT)
    task = await hourly(database, CLOCK.now() + timedelta(hours=1))
    listing, card, workers = await shown(database, texts, task)
    assert "⚠️" not in listing + card
    assert workers.count("⚠️") == 1


async def test_a_worker_without_accounts_is_told_once_a_task_is_overdue(
    database: Database, texts: Texts
) -> None:
    await beat(database, "w1", UNPROVEN)
    task = await hourly(database, CLOCK.now() + timedelta(hours=1))
    listing, card, _ = await shown(database, texts, task)
    assert "⚠️" not in listing + card
    late = await hourly(database, CLOCK.now() - timedelta(hours=3))
    listing, card, _ = await shown(database, texts, late)
    assert "⚠️" in listing
    assert "⚠️" in card


async def test_a_worker_of_a_former_version_tells_nothing(
    database: Database, mongo_database: MongoDatabase, texts: Texts
) -> None:
    await beat(database, "w1", None)
    await mongo_database["workers"].update_one({}, {"$unset": {"load.clock": ""}})
    task = await hourly(database, datetime.now(UTC))
    assert not any("⚠️" in text for text in await shown(database, texts, task))
