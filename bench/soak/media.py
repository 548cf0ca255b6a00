"""A thousand files, many of them twice, while lines break, references expire and workers die."""

import asyncio
import hashlib
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.nursery import Nursery
from bench.soak.chapter import Chapter, Fact
from bench.soak.service import Service
from bench.soak.site import CLOCK, Site, open_site
from bench.soak.truth import marked
from core.media import PART, folders_of
from core.options import HistoryOptions, MediaOptions
from core.run import OPEN_STATES
from core.task import Schedule, TaskSpec
from sandbox import files
from sandbox.content.library import Library

NAME = "media"
CHAT = "files_chat"
LARGE = "large_chat"
LEASE_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`distinct` files of up to `most` bytes in `messages` messages, and some large ones; after
    each of `kills` shares of the files the collector is killed."""

    messages: int = 1_050
    distinct: int = 700
    most: int = 200_000
    large: int = 6
    kills: int = 3
    lives: float = 2.0
    patience: float = 400.0


SMALL = Plan(messages=60, distinct=40, most=30_000, large=3, kills=1, patience=60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is on the disk beside what the world has. `calls`: parts that were asked for."""

    with_files: int
    distinct: int
    stored: int
    damaged: list[str]
    strays: list[str]
    wrong: list[int]
    cuts: int
    looks: int
    kills: int
    calls: int
    needed: int
    seconds: float
    state: str


BETWEEN = 10
"""Parts that are asked for between two lines that break: more than are under way at once."""


async def run(quick: bool) -> Chapter:  # noqa: FBT001
    """Fetch them all, then compare."""
    plan = SMALL if quick else Plan()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        found = await fetch_through(Path(folder), plan)
        print(found, flush=True)
    return Chapter(
        title="Files",
        text=(
            f"{plan.messages:,} messages with files, {plan.distinct:,} different ones at most of "
            f"up to {plan.most // 1000} KB, and {plan.large} of megabytes. Lines break in the "
            f"middle of files, references live for {plan.lives:g} s, and the collector is killed "
            f"{plan.kills} times and begun again."
        ),
        facts=facts(found, plan),
    )


def facts(found: Outcome, plan: Plan) -> tuple[Fact, ...]:
    """The promises."""
    return (
        Fact(
            promise="each file is stored once, and its hash is that of the world's",
            figure=f"{found.with_files} messages, {found.distinct} different files; "
            f"{found.stored} on the disk, {len(found.damaged)} damaged, {len(found.strays)} of "
            f"which nothing is known; run {found.state} after {found.seconds:.0f} s",
            held=found.stored == found.distinct
            and not found.damaged
            and not found.strays
            and found.state == "done",
        ),
        Fact(
            promise="each message names its own file",
            figure=f"{len(found.wrong)} do not",
            held=not found.wrong,
        ),
        Fact(
            promise="what was fetched is not fetched again",
            figure=f"{found.calls} parts asked for, {found.needed} needed; {found.cuts} lines cut, "
            f"references asked for {found.looks} times, {found.kills} kills",
            held=found.kills == plan.kills
            and found.looks > found.with_files // 100
            and found.calls <= found.needed + 2 * (found.cuts + found.looks + found.kills),
        ),
    )


async def fetch_through(folder: Path, plan: Plan, nursery: Nursery | None = None) -> Outcome:
    """Let a collector fetch what the chats have, through all of it."""
    libraries = {
        CHAT: Library(distinct=plan.distinct, most=plan.most, expiring=0.02),
        LARGE: Library(distinct=plan.large, least=2 * PART, most=8 * PART, photos=0),
    }
    sizes = {CHAT: plan.messages, LARGE: plan.large * 2}
    async with open_site(
        folder, chats=sizes, accounts=2, lease_seconds=LEASE_SECONDS, libraries=libraries
    ) as site:
        site.sandbox.faults.files.expire_after(plan.lives)
        began = time.monotonic()
        run = await _begin(site)
        service = Service(site.settings_of("collector"), "collector", nursery=nursery)
        await service.start()
        try:
            async with asyncio.TaskGroup() as group:
                cutting = group.create_task(_cut_on_the_way(site, plan))
                kills = await _kill_on_the_way(site, service, run, plan)
                state = await _ended(site, run, plan.patience)
                cutting.cancel()
        finally:
            await service.stop()
        seconds = time.monotonic() - began
        return await _compare(site, kills=kills, seconds=seconds, state=state)


async def _begin(site: Site) -> str:
    now = CLOCK.now()
    options = HistoryOptions(media=MediaOptions(kinds=("photo", "document")))
    spec = TaskSpec(sources=(f"@{CHAT}", f"@{LARGE}"), history=options)
    task = await site.database.tasks.add(
        owner=1, chat=1, spec=spec, schedule=Schedule(), next_due=None, now=now
    )
    opened = await site.database.runs.open(task, due=now, now=now)
    if opened is None:
        raise RuntimeError("a new task has no run")
    return opened.id


async def _cut_on_the_way(site: Site, plan: Plan) -> None:
    """One line after another, at the beginning of a file or in the middle of a large one."""
    faults = site.sandbox.faults.files
    for number in range(_cuts(plan)):
        faults.cut_at(PART if number % 10 == 9 else 0)
        asked = _calls(site, "upload.getFile") + BETWEEN
        while _calls(site, "upload.getFile") < asked:  # noqa: ASYNC110 - others do it
            await asyncio.sleep(0.02)


def _cuts(plan: Plan) -> int:
    return plan.messages // 20 + plan.large


async def _kill_on_the_way(site: Site, service: Service, run: str, plan: Plan) -> int:
    """Kill the collector after each share of the files; how often that was."""
    kills = 0
    for share in range(1, plan.kills + 1):
        wanted = plan.messages * share // (plan.kills + 2)
        async with asyncio.timeout(plan.patience):
            while await _kept(site, run) < wanted:  # noqa: ASYNC110 - others do it
                await asyncio.sleep(0.1)
        await service.kill()
        await service.start()
        kills += 1
    return kills


async def _kept(site: Site, run: str) -> int:
    return sum(job.progress.files for job in await site.database.jobs.of_run(run))


async def _ended(site: Site, run: str, patience: float) -> str:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = await site.database.runs.get(run)
        if found is not None and found.status.state not in OPEN_STATES:
            return str(found.status.state)
        await asyncio.sleep(0.2)
    return "still open"


async def _compare(site: Site, *, kills: int, seconds: float, state: str) -> Outcome:
    truth = {
        (chat.id, message.id): content
        for chat in (site.sandbox.world.chat(CHAT), site.sandbox.world.chat(LARGE))
        for message in chat.messages()
        if (content := files.content_of(message)) is not None and not content.expiring
    }
    named: dict[tuple[int, int], str] = {}
    for chat in {chat for chat, _ in truth}:
        async for one in site.database.messages.stream(marked(chat)):
            if one.media is not None and one.media.file is not None:
                named[chat, one.id] = one.media.file.split(".")[0]
    hashes = {content.sha256 for content in truth.values()}
    folder = Path(site.settings_of("collector")["DATA_DIR"]) / "media"
    there = [path for path in folder.rglob("*") if path.is_file()]
    sizes = {content.id: content.size for content in truth.values()}
    return Outcome(
        with_files=len(truth),
        distinct=len(hashes),
        stored=len(there),
        damaged=[path.name for path in there if _digest(path) != path.name.split(".")[0]],
        strays=[path.name for path in there if not _is_known(folder, path, hashes)],
        wrong=[key[1] for key, content in truth.items() if named.get(key) != content.sha256],
        cuts=site.sandbox.faults.files.broken,
        looks=_calls(site, "channels.getMessages"),
        kills=kills,
        calls=_calls(site, "upload.getFile"),
        needed=sum(max(1, -(-size // PART)) for size in sizes.values()),
        seconds=seconds,
        state=state,
    )


def _calls(site: Site, wanted: str) -> int:
    totals = site.sandbox.counters.totals
    return sum(count for (_, method), count in totals.items() if method == wanted)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_known(folder: Path, path: Path, hashes: set[str]) -> bool:
    in_place = path == folder / folders_of(path.name)
    return in_place and path.name.split(".")[0] in hashes
