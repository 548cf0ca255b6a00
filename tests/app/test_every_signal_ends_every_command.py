"""Whatever signal ends processes ends `telecrew` in good order within ten seconds: each command, at
its start, at a question, at work, while it ends already, when its terminal is closed, and as the
first process of a container. No mongod stays, and the status is what scripts expect."""

import asyncio
import itertools
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import typer
from ending_side import Machine, heeds
from process_side import answering, environment
from service import CLOCK
from waiting import wait_until

from app.cli import app
from app.ending import ELSEWHERE, FAULTS, LASTING, NO_END, ending_signals
from bench.nursery import Nursery
from core.chat import Chat, ChatKind
from core.message import Message
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox, SandboxConfig

CHAT = -1001
MESSAGES = 3_000
NAMED = [number for number in ending_signals() if number < signal.SIGRTMIN]
AT_QUESTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR2, signal.SIGPWR)
ROOT_WORDS = ("unshare", "--pid", "--fork", "--mount-proc")
AT_ONCE = 4
BOTS = (signal.SIGTERM,)

WORDS = {
    "init": ("init",),
    "run": ("run", "--no-env-file"),
    "bot": ("bot", "--no-env-file"),
    "collector": ("collector", "--no-env-file"),
    "sandbox": ("sandbox",),
    "demo": ("demo",),
    "login": ("login",),
    "accounts list": ("accounts", "list"),
    "export": ("export", str(CHAT)),
    "doctor": ("doctor",),
    "version": ("version",),
}


def commands(tree: typer.core.TyperGroup, *before: str) -> set[str]:
    found = set()
    for name, one in tree.commands.items():
        inside = isinstance(one, typer.core.TyperGroup)
        found |= commands(one, *before, name) if inside else {" ".join((*before, name))}
    return found


def expected(words: tuple[str, ...], number: int) -> int:
    return 0 if words[0] in LASTING else 128 + number


def test_every_command_and_every_signal_is_decided() -> None:
    assert commands(typer.main.get_command(app)) == set(WORDS)
    told = {getattr(signal, name) for name in (*FAULTS, *ELSEWHERE, *NO_END)}
    assert told | set(ending_signals()) == signal.valid_signals()
    assert not told & set(ending_signals())


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    world = small_world(chats={"alpha_chat": 50}, accounts=3)
    async with Sandbox(world, SandboxConfig(data_dir=tmp_path / "telegram")) as made:
        yield made


@pytest.fixture
async def machine(tmp_path: Path, nursery: Nursery) -> AsyncIterator[Machine]:
    made = Machine(tmp_path, nursery, [])
    yield made
    for one in made.started:
        await one.clear()


@pytest.fixture
def settings(
    sandbox: Sandbox, mongo_uri: str, database_name: str, tmp_path: Path
) -> dict[str, str]:
    """On a MongoDB that others have, too."""
    given = environment(sandbox, mongo_uri, database_name, tmp_path) | {"LOG_LEVEL": "INFO"}
    del given["DATA_DIR"]
    return given


def embedded(settings: dict[str, str]) -> dict[str, str]:
    return settings | {"MONGODB_URI": ""}


async def test_at_its_start(machine: Machine, settings: dict[str, str]) -> None:
    """Every signal, and every command in turn: from when on it could be heeded at all."""
    free = asyncio.Semaphore(AT_ONCE)

    async def tried(words: tuple[str, ...], number: int) -> None:
        async with free:
            made = await machine.begun(*words, settings=embedded(settings))
            await wait_until(lambda: heeds(made.pid) or made.ended(), timeout=60, every=0.002)
            made.process.send_signal(number)
            assert await made.ends() == expected(words, number), (words, number, made.text())

    async with asyncio.TaskGroup() as group:
        for words, number in zip(itertools.cycle(WORDS.values()), ending_signals(), strict=False):
            group.create_task(tried(words, number))


async def test_at_a_secret_question_the_terminal_is_as_before(
    machine: Machine, settings: dict[str, str]
) -> None:
    made = await machine.at_terminal(*WORDS["init"], settings=settings)
    await made.says("Bot token")
    assert not made.echoes()
    made.process.send_signal(signal.SIGQUIT)
    assert await made.ends() == 128 + signal.SIGQUIT
    assert made.echoes()


async def test_at_a_question(machine: Machine, settings: dict[str, str], sandbox: Sandbox) -> None:
    """Of a script, whose answer does not come."""
    pipes = [os.pipe() for _ in AT_QUESTIONS]
    async with asyncio.TaskGroup() as group:
        for number, person, (read, _) in zip(
            AT_QUESTIONS, itertools.cycle(sandbox.world.accounts), pipes, strict=False
        ):
            group.create_task(asked(machine, settings, number, person.phone or "", read))
    for one in itertools.chain(*pipes):
        os.close(one)


async def asked(
    machine: Machine, settings: dict[str, str], number: int, phone: str, answers: int
) -> None:
    made = await machine.born("login", phone, settings=settings, answers=answers)
    await made.says("nowhere else")
    made.process.send_signal(number)
    assert await made.ends() == 128 + number, (number, made.text())


async def silent_server() -> tuple[asyncio.Server, int, asyncio.Event]:
    """Takes connections and never answers."""
    reached = asyncio.Event()

    async def take(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        try:
            await asyncio.sleep(3600)
        finally:
            writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1], reached


async def test_a_service_at_work(machine: Machine, settings: dict[str, str]) -> None:
    """Each signal, to a process that serves on a MongoDB that stays."""
    free = asyncio.Semaphore(AT_ONCE)

    async def tried(number: int) -> None:
        role = "bot" if number in BOTS else "collector"
        async with free:
            made = await machine.born(*WORDS[role], settings=settings)
            await made.says("service.started")
            made.process.send_signal(number)
            assert await made.ends() == 0, (number, made.text())
            assert "service.stopped" in made.text()

    async with asyncio.TaskGroup() as group:
        for number in NAMED:
            group.create_task(tried(number))


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGUSR1])
async def test_the_service_with_its_own_mongod(
    machine: Machine, settings: dict[str, str], sandbox: Sandbox, number: int
) -> None:
    """Stopped by the shell for a moment before, and asked again and again while it ends."""
    made = await machine.born(*WORDS["run"], settings=embedded(settings))
    await answering(sandbox)
    for one in (signal.SIGTSTP, signal.SIGCONT, signal.SIGPIPE, signal.SIGWINCH, number):
        made.process.send_signal(one)
    async with asyncio.TaskGroup() as group:
        ending = group.create_task(made.ends())
        for one in itertools.cycle((signal.SIGINT, signal.SIGTERM)):
            if ending.done():
                break
            made.process.send_signal(one)
            await asyncio.sleep(0.05)
    assert ending.result() == 0


async def test_a_demo_at_its_start_and_at_work(machine: Machine) -> None:
    async with asyncio.TaskGroup() as group:
        for words, number in (("Starting a local", signal.SIGINT), ("Chat page", signal.SIGTERM)):
            group.create_task(demo_ends(machine, words, number))


async def demo_ends(machine: Machine, words: str, number: int) -> None:
    folder = machine.folder / f"signal{number:d}"
    folder.mkdir()
    made = await machine.born(*WORDS["demo"], settings={"TMPDIR": str(folder)})
    await made.says(words)
    made.process.send_signal(number)
    assert await made.ends() == 0
    assert "Stopped." in made.text()
    assert not list(folder.iterdir())


async def test_a_local_telegram(machine: Machine) -> None:
    made = await machine.born(*WORDS["sandbox"], settings={})
    await made.says("Ctrl-C")
    made.process.send_signal(signal.SIGALRM)
    assert await made.ends() == 0


@pytest.mark.parametrize("name", ["accounts list", "doctor", "export", "run", "login"])
async def test_one_that_waits_for_a_server(
    machine: Machine, settings: dict[str, str], name: str
) -> None:
    server, port, reached = await silent_server()
    uri = f"mongodb://127.0.0.1:{port}/?directConnection=true"
    async with server:
        made = await machine.born(*WORDS[name], settings=settings | {"MONGODB_URI": uri})
        await asyncio.wait_for(reached.wait(), 60)
        made.process.send_signal(signal.SIGINT)
        assert await made.ends() == expected(WORDS[name], signal.SIGINT)


async def test_an_export_that_nobody_reads_on(
    machine: Machine, settings: dict[str, str], database: Database
) -> None:
    await filled(database)
    async with asyncio.TaskGroup() as group:
        for number in (signal.SIGHUP, signal.SIGPIPE):
            group.create_task(export_ends(machine, settings, number))


async def export_ends(machine: Machine, settings: dict[str, str], number: int) -> None:
    """By a signal while its reader has stopped reading, or since the reader is gone."""
    read, write = os.pipe()
    made = await machine.born(*WORDS["export"], settings=settings, out=write)
    os.close(write)
    os.set_blocking(read, False)
    await wait_until(lambda: heard(read) or made.ended(), timeout=60)
    if number == signal.SIGPIPE:
        os.close(read)
    else:
        made.process.send_signal(number)
    assert await made.ends() == 128 + number, made.text()
    if number != signal.SIGPIPE:
        os.close(read)


def heard(pipe: int) -> bytes:
    try:
        return os.read(pipe, 1)
    except BlockingIOError:
        return b""


async def filled(database: Database) -> None:
    await database.chats.save(Chat(id=CHAT, kind=ChatKind.SUPERGROUP, title="One", username="one"))
    now = CLOCK.now()
    new = [Message(chat=CHAT, box="", id=n, date=now, text="x" * 200) for n in range(1, MESSAGES)]
    await database.messages.add_new(new)


@pytest.mark.parametrize("name", ["login", "run"])
async def test_its_terminal_is_closed(
    machine: Machine, settings: dict[str, str], sandbox: Sandbox, name: str
) -> None:
    made = await machine.at_terminal(*WORDS[name], settings=embedded(settings))
    if name == "login":
        await made.says("Phone number")
    else:
        await wait_until(lambda: sandbox.bot_api.polls > 0 and made.text(), timeout=60)
    made.hang_up()
    assert await made.ends() == expected(WORDS[name], signal.SIGHUP)


async def test_started_by_nohup_it_outlives_its_terminal(
    machine: Machine, settings: dict[str, str]
) -> None:
    server, port, reached = await silent_server()
    given = settings | {"MONGODB_URI": f"mongodb://127.0.0.1:{port}/?directConnection=true"}
    async with server:
        made = await machine.begun(*WORDS["accounts list"], settings=given, before=("nohup",))
        await asyncio.wait_for(reached.wait(), 60)
        made.process.send_signal(signal.SIGHUP)
        made.process.send_signal(signal.SIGTERM)
        assert await made.ends() == 128 + signal.SIGTERM


@pytest.mark.parametrize("moment", ["start", "work"])
async def test_as_the_first_process_of_a_container(
    machine: Machine, settings: dict[str, str], sandbox: Sandbox, moment: str
) -> None:
    """The kernel drops what such a process has no handler for."""
    words = ROOT_WORDS if os.geteuid() == 0 else (*ROOT_WORDS, "--map-root-user")
    made = await machine.begun(*WORDS["bot"], settings=settings, before=words)
    inner = await wait_until(lambda: child_of(made.pid), timeout=60)
    await wait_until(lambda: heeds(inner), timeout=60, every=0.002)
    if moment == "work":
        await answering(sandbox)
    os.kill(inner, signal.SIGTERM)
    assert await made.ends() == 0


def child_of(pid: int) -> int | None:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(found[0]) if found else None
