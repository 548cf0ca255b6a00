"""The image and both roles from it, each on a host of its own, while hosts and lines fail."""

import asyncio
import dataclasses
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench.soak.chapter import Chapter, Fact
from bench.soak.hosts import Hosts, command
from bench.soak.image import Builder, Image, size_mb
from bench.soak.image_trial import HOSTS, Outcome, Plan
from bench.soak.trial import run_on_hub

NAME = "image"
STOP_SECONDS = 10.0
DONE_SECONDS = 60.0
SMALL = Plan(faults=("kill the bot", "cut a collector"), messages=1_000, fault_seconds=5.0)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """Megabytes and steps of the images; whether the slim one has a mongod, and what it says where
    MONGODB_URI is empty.
    """

    slim_mb: int
    full_mb: int
    steps: int
    slim_has_mongod: bool
    full_has_mongod: bool
    explained: str


async def run(quick: bool) -> Chapter:  # noqa: FBT001
    """Build both, run the slim one."""
    plan = SMALL if quick else Plan()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        builder = Builder(Path(folder))
        slim, full = await builder.build("slim"), await builder.build("full")
        built = await look_at(slim, full)
        async with running_root(slim), Hosts(HOSTS) as hosts:
            found = await try_out(plan, hosts, slim, Path(folder) / "trial")
    print(found, flush=True)
    return Chapter(
        title="The image, without Docker",
        text=(
            "The steps of the Dockerfile are carried out in a Debian 12 made by debootstrap. From "
            "the slim image run a bot and two collectors as its own user, with the settings that "
            "Compose gives to each, on hosts that are network namespaces on one switch; three more "
            "have a mongod each, a replica set. A task is ordered in the chat, and something fails "
            f"for {plan.fault_seconds:g} s while it is read, once for each fault. This shows that "
            "the steps work and that what they make works; not Docker itself, nor its base image, "
            "nor how Compose reads its file."
        ),
        facts=facts(built, found, plan),
        details=table(found),
    )


async def look_at(slim: Image, full: Image) -> Built:
    """What was built."""
    secrets = {"API_HASH": "0" * 32, "SESSION_KEYS": "A" * 43 + "=", "BOT_TOKEN": "1:" + "x" * 35}
    words = slim.words("run", {"ADMINS": "1", "API_ID": "1", **secrets})
    async with running_root(slim):
        process = await asyncio.create_subprocess_exec(
            *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said = (await process.communicate())[0].decode()
    return Built(
        slim_mb=await size_mb(slim.root),
        full_mb=await size_mb(full.root),
        steps=slim.steps + full.steps,
        slim_has_mongod=has_mongod(slim),
        full_has_mongod=has_mongod(full),
        explained=" ".join(said.split()),
    )


def has_mongod(image: Image) -> bool:
    """Whether a mongod lies in it."""
    return any(image.root.glob("opt/telecrew/lib/*/site-packages/fiftyone/db/bin/mongod"))


@asynccontextmanager
async def running_root(image: Image) -> AsyncIterator[None]:
    """With /proc, which processes look at."""
    place = str(image.root / "proc")
    await command("mount", "-t", "proc", "proc", place)
    try:
        yield
    finally:
        await command("umount", "--lazy", place)


async def try_out(plan: Plan, hosts: Hosts, image: Image, folder: Path) -> Outcome:
    """The trial, as a process on the hub: it has to reach every host."""
    await asyncio.to_thread(folder.mkdir)
    described = {**dataclasses.asdict(image), "root": str(image.root)}
    given = {
        "plan": dataclasses.asdict(plan),
        "image": described,
        "tag": hosts.tag,
        "folder": str(folder),
    }
    return outcome(await run_on_hub("bench.soak.image_trial", given, hosts, folder))


def outcome(values: dict[str, Any]) -> Outcome:
    """What the trial wrote down."""
    return Outcome(**values)


def facts(built: Built, found: Outcome, plan: Plan) -> tuple[Fact, ...]:
    """The promises."""
    slowest = max(found.done.values(), default=-1.0)
    stop = max(found.stops.values(), default=-1.0)
    return (
        Fact(
            promise="the steps of both images are carried out",
            figure=f"{built.steps} steps; slim {built.slim_mb} MB, full {built.full_mb} MB",
            held=built.full_has_mongod and not built.slim_has_mongod,
        ),
        Fact(
            promise="the slim one explains an empty `MONGODB_URI`",
            figure=built.explained[:160],
            held="set MONGODB_URI" in built.explained and "Traceback" not in built.explained,
        ),
        Fact(
            promise="nothing is lost",
            figure=f"{found.messages:,} messages of {len(found.cards)} tasks; "
            f"{len(found.wrong_chats)} differ",
            held=not found.wrong_chats and found.messages == plan.messages * len(plan.faults),
        ),
        Fact(
            promise=f"each task is done, and its card says so within {DONE_SECONDS:g} s",
            figure=f"{slowest:.1f} s at most after the fault; {found.restarts} began anew",
            held=set(found.done) == set(plan.faults)
            and all(0 <= one <= DONE_SECONDS for one in found.done.values()),
        ),
        Fact(
            promise="each task has one card",
            figure=f"{sorted(found.cards.values())}",
            held=set(found.cards.values()) == {1},
        ),
        Fact(
            promise="no key on two connections",
            figure=f"{found.key_violations} violations",
            held=not found.key_violations,
        ),
        Fact(
            promise=f"SIGTERM ends each cleanly within {STOP_SECONDS:g} s",
            figure=f"{stop:.1f} s at most, status {sorted(set(found.statuses))}",
            held=set(found.statuses) == {0} and 0 <= stop <= STOP_SECONDS,
        ),
    )


def table(found: Outcome) -> str:
    """The faults, one a row."""
    rows = [f"| {fault} | {seconds:.1f} |" for fault, seconds in found.done.items()]
    return "\n".join(["| what fails | seconds until the card says done |", "|---|---:|", *rows])
