"""What the documents say is so: commands, settings, links, paths, stored fields, indexes, names."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from leasing import lease
from tree import ROOT, sources
from typer.main import get_command

from app.cli import app
from app.metrics import Metrics
from collector.telegram.skim.skimmer import skimmer
from core.account import AccountState
from core.chat import Chat, ChatKind, Peer
from core.claim import Claim
from core.found import FoundGroup
from core.job import Family, Job, JobState, Wait
from core.lookup import Lookup
from core.media import StoredFile
from core.membership import Membership, Slots
from core.message import DeletionPolicy, Edit, Message
from core.options import HistoryOptions
from core.record import record_of
from core.run import Card, RunState, Status
from core.settings import Settings
from core.span import Span
from core.subscription import Subscription
from core.task import Schedule, Step, TaskSpec
from core.undecoded import Undecoded
from core.worker import Load
from db.accounts import SignedIn
from db.client import MongoDatabase
from db.database import Database
from db.fsm import FSM_COLLECTION
from db.indexes import INDEXES
from db.tallies import BLOCK
from sandbox.faults import Faults

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
DATA_MODEL = ROOT / "docs" / "data-model.md"
OPERATIONS = ROOT / "docs" / "operations.md"
SANDBOX = ROOT / "docs" / "sandbox.md"

FOREIGN_NAMES = {
    "CLOCK_BOOTTIME",
    "MOTOR_MAX_WORKERS",
    "PYTEST_ARGS",
    "SO_LINGER",
    "TCP_USER_TIMEOUT",
    "TELECREW_WRITE_METHODS",
    "USER_BANNED_IN_CHANNEL",
}
"""Names in capitals that are no settings of ours."""

CAPITALS = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
FENCE = re.compile(r"^ *```\w*\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
ROOM = re.compile(r"(?:app|bot|collector|core|db|sandbox|docs|tests|scripts|bench)/[\w./-]*")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose(path: Path) -> str:
    """The document without its fenced code."""
    return FENCE.sub("", read(path))


def fenced_lines(path: Path) -> list[str]:
    joined = (block.replace("\\\n", " ") for block in FENCE.findall(read(path)))
    return [line.strip() for block in joined for line in block.splitlines()]


def code_texts(path: Path) -> list[str]:
    """Every piece of code in a document: fenced lines and inline spans."""
    return [*fenced_lines(path), *CODE.findall(prose(path))]


def section(path: Path, title: str) -> str:
    return read(path).split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def first_cells(text: str) -> list[str]:
    """The names in code in the first column of the tables of a text."""
    rows = (line.split("|")[1] for line in text.splitlines() if line.startswith("|"))
    return [name for cell in rows for name in CODE.findall(cell)]


def in_documents(paths: list[Path], texts: Any) -> Iterator[tuple[str, str]]:
    for path in paths:
        for text in texts(path):
            yield path.relative_to(ROOT).as_posix(), text


# Commands


def commands() -> dict[str, click.Command]:
    """Every command that does something, by the words to type."""

    def walk(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
        if isinstance(command, click.Group) or hasattr(command, "commands"):
            for part, inner in command.commands.items():
                yield from walk(f"{name} {part}", inner)
        else:
            yield name, command

    return dict(walk("telecrew", get_command(app)))


def find_command(words: list[str]) -> str | None:
    """The command that the words begin with; "telecrew" alone takes only `--help`."""
    for length in range(len(words), 0, -1):
        if (name := " ".join(words[:length])) in commands():
            return name
    return "telecrew" if words in (["telecrew"], ["telecrew", "--help"]) else None


def typed_commands() -> Iterator[tuple[str, list[str]]]:
    for place, text in in_documents(DOCUMENTS, code_texts):
        line = text.replace("docker compose run --rm collector", "telecrew collector")
        if line.startswith("telecrew "):
            yield place, shlex.split(line, comments=True)


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_the_readme_lists_every_command(readme: Path) -> None:
    title = "Commands" if readme.name == "README.md" else "命令"
    assert sorted(first_cells(section(readme, title))) == sorted(commands())


def test_every_command_that_is_shown_exists_with_its_options() -> None:
    shown = list(typed_commands())
    assert len(shown) > 20
    unknown = []
    for place, words in shown:
        name = find_command(words)
        options = {word for word in words if word.startswith("--")} - {"--help"}
        known = {
            option
            for parameter in (commands()[name].params if name in commands() else ())
            for option in parameter.opts
        }
        if name is None or not options <= known:
            unknown.append((place, " ".join(words)))
    assert unknown == []


@pytest.mark.parametrize("words", ["--help", "version", "export --help", "accounts list --help"])
def test_commands_run(words: str) -> None:
    result = subprocess.run(
        [Path(sys.executable).with_name("telecrew"), *words.split()],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100", "TERM": "dumb"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "telecrew" in result.stdout


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", read(ROOT / "Makefile"), re.MULTILINE))
    named = {
        (place, word)
        for place, text in in_documents(DOCUMENTS, code_texts)
        if text.startswith("make ")
        for word in shlex.split(text, comments=True)[1:]
        if "=" not in word
    }
    assert {"demo", "run", "test", "check"} <= {word for _, word in named}
    assert {(place, word) for place, word in named if word not in targets} == set()


# Settings


def settings() -> set[str]:
    return {name.upper() for name in Settings.model_fields}


def test_settings_that_are_named_exist() -> None:
    named = set(in_documents(DOCUMENTS, lambda path: CAPITALS.findall(read(path))))
    unknown = {one for one in named if one[1] not in settings() | FOREIGN_NAMES}
    code = "\n".join(
        read(path) for room in ("sandbox", "bench") for path in (ROOT / room).rglob("*.py")
    )
    assert {one for one in unknown if f'"{one[1]}"' not in code} == set()
    assert {name for _, name in named} >= FOREIGN_NAMES


def test_operations_tells_every_setting() -> None:
    told = first_cells(section(OPERATIONS, "Settings"))
    assert sorted(told) == sorted(settings())


# Links, pictures, paths


def anchors(path: Path) -> set[str]:
    """The fragments that headings get on GitHub."""
    titles = (title for _, title in HEADING.findall(prose(path)))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def broken(path: Path, target: str) -> bool:
    file, _, fragment = target.partition("#")
    found = path if not file else (path.parent / file).resolve()
    if not found.exists():
        return True
    return bool(fragment) and (found.suffix != ".md" or fragment not in anchors(found))


def test_every_link_and_picture_leads_somewhere() -> None:
    links = [
        (path, target)
        for path in DOCUMENTS
        for target in LINK.findall(prose(path))
        if not target.startswith(("https://", "http://", "mailto:"))
    ]
    assert len(links) > 30
    assert [(path.name, target) for path, target in links if broken(path, target)] == []


def test_every_path_that_is_named_exists() -> None:
    named = [
        (place, text) for place, text in in_documents(DOCUMENTS, code_texts) if ROOM.fullmatch(text)
    ]
    assert len(named) > 20
    made_by_bench = "bench/RESULTS.md"
    missing = [one for one in named if not (ROOT / one[1]).exists() and one[1] != made_by_bench]
    assert missing == []


def test_decisions_are_numbered_and_listed() -> None:
    names = sorted(path.name for path in (ROOT / "docs" / "adr").glob("*.md"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    listed = re.findall(r"\]\(adr/([^)]+)\)", section(ROOT / "docs/architecture.md", "Decisions"))
    assert listed == names


# The two READMEs


def test_both_readmes_have_the_same_shape() -> None:
    english, chinese = READMES

    def levels(path: Path) -> list[int]:
        return [len(marks) for marks, _ in HEADING.findall(prose(path))]

    def typed(path: Path) -> list[list[str]]:
        return [shlex.split(line, comments=True) for line in fenced_lines(path)]

    def links(path: Path) -> list[str]:
        other = {readme.name for readme in READMES}
        targets = LINK.findall(prose(path))
        return [link for link in targets if link not in other and not link.startswith("#")]

    def rows(path: Path) -> int:
        return sum(line.startswith("|") for line in read(path).splitlines())

    assert levels(english) == levels(chinese)
    assert typed(english) == typed(chinese)
    assert links(english) == links(chinese)
    assert rows(english) == rows(chinese)


def test_the_changelog_has_a_place_for_what_comes() -> None:
    assert "\n## [Unreleased]\n" in read(ROOT / "CHANGELOG.md")


# Operations and the sandbox


def test_every_metric_is_told() -> None:
    metrics = Metrics()
    metrics.watch_skimming(skimmer())
    text = metrics.text().decode()
    names = set(re.findall(r"^# TYPE (telecrew_\w+) ", text, re.MULTILINE))
    exported = {name for name in names if not name.endswith("_created")}
    assert set(first_cells(section(OPERATIONS, "Metrics and health"))) == exported


def test_every_log_event_that_is_told_is_logged() -> None:
    code = "\n".join(read(path) for path in sources())
    told = first_cells(section(OPERATIONS, "Logs"))
    assert len(told) > 5
    assert [event for event in told if f'"{event}"' not in code] == []


def test_every_fault_is_told() -> None:
    told = first_cells(section(SANDBOX, "Faults"))
    inside = {"wire", "judge", "denied", "clear"}
    verbs = {name for name in vars(Faults) if not name.startswith("_")} - inside
    assert set(told) == verbs


def test_every_control_route_that_is_told_exists() -> None:
    code = "\n".join(read(path) for path in (ROOT / "sandbox").rglob("*.py"))
    routes = {re.sub(r"{\w+}", "{}", one) for one in re.findall(r'"(/control/[^"]+)"', code)}
    told = set(re.findall(r"/control/[\w/{}-]+", read(SANDBOX)))
    assert len(told) > 8

    def pattern(route: str) -> str:
        return re.sub(r"(?<=faults/)[a-z_]+$|NAME|{\w+}", "{}", route)

    assert {route for route in told if pattern(route) not in routes} == set()


# The data model


def collections() -> set[str]:
    code = "\n".join(read(path) for path in (ROOT / "db").glob("*.py"))
    return {*re.findall(r'database\["(\w+)"\]', code), FSM_COLLECTION}


def told_fields(collection: str) -> list[str]:
    return first_cells(section(DATA_MODEL, f"`{collection}`"))


def told_indexes(collection: str) -> list[str]:
    text = section(DATA_MODEL, f"`{collection}`")
    return [line.removeprefix("- ") for line in text.splitlines() if line.startswith("- ")]


def as_told(keys: list[tuple[str, int]], options: dict[str, Any], serves: str) -> str:
    words = [f"`{', '.join(name for name, _ in keys)}`"]
    unique, partial = options.get("unique"), "partialFilterExpression" in options
    if kinds := [kind for kind, is_so in (("unique", unique), ("partial", partial)) if is_so]:
        words.append(", ".join(kinds))
    if "expireAfterSeconds" in options:
        words.append("expires")
    return f"{' '.join(words)}: {serves}"


def test_the_data_model_has_every_collection() -> None:
    titles = {title.strip("`") for _, title in HEADING.findall(read(DATA_MODEL))[1:]}
    assert titles == collections()
    assert {index.collection for index in INDEXES} <= titles


@pytest.mark.parametrize("collection", sorted(collections()))
def test_the_data_model_has_every_index(collection: str) -> None:
    declared = [
        as_told(index.keys, index.options, index.serves)
        for index in INDEXES
        if index.collection == collection
    ]
    assert told_indexes(collection) == declared


async def _fill_work(database: Database) -> None:
    spec = TaskSpec(sources=("@one",))
    task = await database.tasks.add(
        owner=1, chat=1, spec=spec, schedule=Schedule(), next_due=NOW, now=NOW
    )
    run = await database.runs.open(task, due=NOW, now=NOW)
    assert run is not None
    for place in range(2):
        job = Job(
            id=f"{run.id}:{place:04d}",
            run=run.id,
            task=task.id,
            step=Step.HISTORY,
            source="@one",
            options=HistoryOptions(),
            keys=("*",),
            family=Family.HISTORY,
            state=JobState.QUEUED,
            created_at=NOW,
        )
        await database.jobs.add([job])
    claimed = await database.jobs.claim(f"{run.id}:0000", 1, 1, NOW)
    assert claimed is not None
    await database.jobs.wait(claimed.key(), Wait(why="flood", until=NOW))
    span = Span(chat=-1001, box="", lo=1, hi=9, account=1, read_at=NOW)
    await database.spans.extend(claimed.key(), span)
    await database.runs.set_card(run.id, Card(chat=1, message=2))
    await database.runs.set_status(run, Status(state=RunState.DONE), NOW)
    ended = await database.runs.get(run.id)
    assert ended is not None
    assert await database.runs.claim_ending(ended)


async def _fill_crew(database: Database) -> None:
    who = SignedIn(
        telegram_id=7, name="Ada", username=None, phone="+9•", phone_secret=b"", session=b""
    )
    await database.accounts.signed_in(who, NOW)
    await lease(database, "w1")
    await database.accounts.claimed([1], NOW)
    await database.accounts.set_state(1, AccountState.READY)
    await database.operators.ensure_admin(1)
    await database.operators.seen(1, name="Olivia", telegram_language="en")
    await database.pending_updates.keep(1, 2, {"update_id": 2})
    await database.budgets.rest(1, Family.HISTORY, NOW + timedelta(seconds=5), 5.0)
    await database.budgets.spend_daily(1, Family.RESOLVE, NOW, most=5)
    await database.budgets.use(1, Family.JOIN, NOW)
    chat = Chat(
        id=-1001,
        kind=ChatKind.CHANNEL,
        title="One",
        username="one",
        members=1,
        messages=9,
        top_id=9,
        migrated_to=-1002,
        migrated_from=-3,
        discussion=-1004,
    )
    await database.chats.save(chat)
    peer = Peer(chat=-1001, kind=ChatKind.CHANNEL, access_hash=1)
    await database.memberships.remember(1, peer, "one")
    await database.lookups.ask(["@one"], 1)
    await database.chats.set_deletions(-1001, DeletionPolicy.KEEP)
    await database.chats.set_keeping(-1001, 30)
    await database.accounts.set_slots(1, Slots(used=1, limit=500))
    await database.workers.begin("w1", host="here", version="1")
    await database.bot_role.take("b1", "here", seconds=30.0)
    await database.workers.beat("w1", Load())
    await database.memberships.joined(1, peer, "@one", NOW, task="t")
    await database.memberships.let_go("t")
    file = StoredFile(id="ab", name="ab.jpg", size=1, kind="photo", created_at=NOW)
    await database.media.add("photo-1-1", file)
    await database.media.let_go(["ab"], NOW + timedelta(seconds=1))
    await database.claims.begin_purge("t", -1001, NOW)
    await _fill_messages(database)
    await database.build_claims(NOW)


async def _fill_messages(database: Database) -> None:
    hello = Message(chat=-1001, box="", id=1, date=NOW, text="hello")
    await database.messages.add_new([hello])
    edited = replace(hello, text="hello!", edit_date=NOW)
    await database.messages.edit([Edit(message=edited, pts=1)])
    await database.messages.delete(-1001, "", [2, 2 * BLOCK], NOW, DeletionPolicy.MIRROR)
    await database.tallies.keep(-1001, "")
    lost = Undecoded(chat=-1001, box="", id=3, raw=b"?", why="5eed0bad", decoder="1", date=NOW)
    await database.undecoded.keep([lost], NOW)


VALUES = {
    "claims": Claim,
    "found": FoundGroup,
    "memberships": Membership,
    "lookups": Lookup,
    "subscriptions": Subscription,
}
"""Collections whose documents have the fields of a value, some of them in few documents only."""

READ = ("age",)
"""Fields that are worked out whenever a document is read."""


async def test_the_data_model_has_every_stored_field(
    database: Database, mongo_database: MongoDatabase
) -> None:
    await _fill_crew(database)
    await _fill_work(database)
    stored: dict[str, set[str]] = {name: set() for name in collections() - {FSM_COLLECTION}}
    for name in stored:
        async for document in mongo_database[name].find({}):
            stored[name] |= set(document)
    stored["messages"] |= {*Message.__slots__, "file", "skipped"}
    for name, value in VALUES.items():
        stored[name] |= {"_id", *value.__slots__} - {"id", *READ}
    told = {name: set(told_fields(name)) for name in stored}
    assert told == stored


def test_a_message_has_no_field_beside_those_of_its_value() -> None:
    message = Message(chat=1, box="", id=1, date=NOW)
    assert set(record_of(message)) <= set(Message.__slots__)


# The tests themselves


def test_what_is_wrong_would_be_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Title\n\n[a](b.md) [c](#title) [d](#nowhere)\n")
    assert [broken(page, target) for target in LINK.findall(read(page))] == [True, False, True]
    assert find_command(["telecrew", "fly"]) is None
    assert find_command(["telecrew", "accounts", "list"]) == "telecrew accounts list"
    assert CAPITALS.findall("set BOT_TOKENS and ADMINS") == ["BOT_TOKENS"]
    assert first_cells("| a |\n|---|\n| `b`, `c` | `d` |\n") == ["b", "c"]
