import ast
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor

import collector
from bot.features.found.service import Purpose
from bot.features.home.views import TOPICS
from bot.features.newtask.joining import LANGUAGES as TITLE_LANGUAGES
from bot.features.newtask.lines import SourceState
from bot.features.newtask.options import KINDS
from bot.features.newtask.presets import Preset
from bot.i18n import FOLDER, LANGUAGES, Locales
from bot.menu import COMMANDS
from bot.reasons import ACCOUNT_FAILURES, FAILURES
from collector.telegram.errors import TABLE
from core.account import DEAD_STATES, Account, AccountState
from core.chat import ChatKind
from core.errors import AccountError, CrewError
from core.job import Family, Job, JobState, Note
from core.links import SourceFault
from core.options import HistoryOptions, JoinPolicy
from core.planning import doomed
from core.run import RunState
from core.setback import Scope
from core.task import Priority, Step

PROJECT = Path(__file__).parents[2]
BOT = PROJECT / "bot"
NOT_READY = [state for state in AccountState if state is not AccountState.READY]

FAMILIES = {
    "account-nobody-": ("open", "reach", "held"),
    "account-nobody-todo-": ("open", "reach"),
    "worker-setback-": tuple(scope.replace("_", "-") for scope in Scope),
    "reason-": FAILURES | {"unknown"},
    "advice-": FAILURES | {"unknown"},
    "state-": {*RunState, "stopping", "listening"},
    "found-title-": set(Purpose),
    "excluded-": {"members", "language", "without", "most"},
    "kind-": set(ChatKind),
    "ending-": {"done", "partial", "failed", "cancelled"},
    "source-": set(SourceState) | {"problem"},
    "preset-": set(Preset),
    "join-": set(JoinPolicy),
    "language-": set(TITLE_LANGUAGES),
    "priority-": set(Priority),
    "media-": {"none", "all", *KINDS},
    "wizard-bad-": set(SourceFault),
    "account-state-": set(AccountState),
    "account-todo-": set(NOT_READY),
    "account-cannot-": set(NOT_READY),
    "command-": set(COMMANDS),
    "help-": {*TOPICS, *(f"{topic}-button" for topic in TOPICS)},
    "note-": set(Note) - {Note.ALREADY_MEMBER},
    "button-": {"start", "stop"},
    "button-pause-": {"run", "schedule"},
    "button-resume-": {"run", "schedule"},
    "wizard-cron-": {"fields", "minute", "hour", "day", "month", "weekday", "never"},
}
"""Keys that code puts together: their beginning, and every end that may follow."""


class _Arguments(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ftl.VariableReference) -> None:  # noqa: N802
        self.names.add(node.id.name)


def _messages(language: str) -> dict[str, set[str]]:
    source = (FOLDER / language / "bot.ftl").read_text(encoding="utf-8")
    resource = FluentParser().parse(source)
    assert not [entry for entry in resource.body if isinstance(entry, ftl.Junk)]
    found: dict[str, set[str]] = {}
    for entry in resource.body:
        if isinstance(entry, ftl.Message):
            visitor = _Arguments()
            visitor.visit(entry)
            assert entry.id.name not in found, f"{entry.id.name} twice in {language}"
            found[entry.id.name] = visitor.names
    return found


def _literals() -> set[str]:
    found = set()
    for path in BOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def _errors(kind: type[CrewError]) -> Iterator[type[CrewError]]:
    for error in kind.__subclasses__():
        yield error
        yield from _errors(error)


def _told() -> set[str]:
    """The reasons that are written where a wait, a failure or an error is made."""
    found = set()
    for path in (*(PROJECT / "collector").rglob("*.py"), *(PROJECT / "core").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or ast.unparse(node.func).startswith("log."):
                continue
            for word in node.keywords:
                if word.arg in {"why", "reason", "problem"}:
                    values = [one.value for one in ast.walk(word.value) if _is_text(one)]
                    found.update(values)
    return found


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _dead() -> set[str]:
    found = set()
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for state in DEAD_STATES:
        account = Account(
            id=1,
            name="Anna",
            username=None,
            telegram_id=None,
            phone="",
            state=state,
            is_default=False,
            created_at=now,
        )
        job = Job(
            id="1",
            run="1",
            task="1",
            step=Step.HISTORY,
            source="@a",
            options=HistoryOptions(),
            keys=("a1",),
            family=Family.HISTORY,
            state=JobState.QUEUED,
            created_at=now,
        )
        failure = doomed(job, {1: account})
        assert failure is not None
        found.add(failure.reason)
    return found


def _reasons() -> set[str]:
    """Every reason that a worker gives."""
    for module in pkgutil.walk_packages(collector.__path__, "collector."):
        import_module(module.name)
    ours = [error for error in _errors(CrewError) if error.__module__.startswith(("core", "coll"))]
    named = {error.reason for error in ours} | {verdict.reason for verdict in TABLE.values()}
    return named | _told() | _dead()


def _calls() -> list[tuple[str, set[str]]]:
    """Each text asked for by a literal key, with the names of its arguments."""
    found = []
    for path in BOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = ast.unparse(node.func)
            key = node.args[0]
            is_text = name in {"texts", "texts.plain", "words", "BotError", "Gone"}
            if is_text and isinstance(key, ast.Constant) and isinstance(key.value, str):
                found.append((key.value, {word.arg for word in node.keywords if word.arg}))
    return found


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_keys_and_arguments_are_the_same(language: str) -> None:
    english, other = _messages("en"), _messages(language)
    assert set(english) == set(other)
    assert {key: args for key, args in other.items() if english[key] != args} == {}


def test_every_key_that_code_uses_exists_with_its_arguments() -> None:
    messages = _messages("en")
    for key, arguments in _calls():
        assert key in messages, key
        assert messages[key] <= arguments, key
    for prefix, ends in FAMILIES.items():
        assert {f"{prefix}{end}" for end in ends} <= set(messages)


def test_every_key_in_the_files_is_used() -> None:
    literals = _literals()
    made = {f"{prefix}{end}" for prefix, ends in FAMILIES.items() for end in ends}
    assert set(_messages("en")) - literals - made == set()


def test_every_reason_of_a_worker_has_its_words_and_no_other() -> None:
    assert _reasons() | {"no_worker"} == FAILURES


def test_another_account_is_offered_where_the_account_is_at_fault() -> None:
    accounts = {one.reason for one in TABLE.values() if issubclass(one.kind, AccountError)}
    assert accounts | _dead() <= ACCOUNT_FAILURES <= FAILURES


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_are_grouped_and_names_are_escaped(language: str) -> None:
    texts = Locales().of(language)
    assert "12,345" in texts("card-read", read=12345)
    assert "&lt;b&gt;" in texts("account-name", name="<b>", number="1")
    assert "<b>" in texts.plain("account-name", name="<b>", number="1")


@pytest.mark.parametrize(
    ("chosen", "app", "language"),
    [
        (None, "zh-hans", "zh"),
        (None, "zh", "zh"),
        (None, "zh-TW", "zh"),
        (None, "en-GB", "en"),
        (None, "de", "en"),
        (None, None, "en"),
        ("zh", "en", "zh"),
        ("xx", "zh-CN", "zh"),
    ],
)
def test_the_language_of_an_operator(chosen: str | None, app: str | None, language: str) -> None:
    assert Locales("en").of(chosen, app).language == language


def test_chinese_has_no_english_left_over() -> None:
    source = (FOLDER / "zh" / "bot.ftl").read_text(encoding="utf-8")
    for word in ("the ", " is ", "Press", "Nobody", "please"):
        assert word not in source
