"""A task in the making, as the wizard keeps it between two presses."""

from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from secrets import token_hex
from typing import Any
from zlib import crc32

from cattrs.preconf.json import make_converter

from core.message import DeletionPolicy
from core.options import HistoryOptions, JoinOptions, JoinPolicy, SearchOptions
from core.task import (
    AccountPolicy,
    PolicyKind,
    Priority,
    Schedule,
    SeenChat,
    SourceTitle,
    Step,
    Task,
    TaskSpec,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was chosen so far. `key` becomes the task's id, so Start makes one task however often
    it is pressed. `account`: who does it; None: those of `pool`; where that is empty, too, the
    crew balances itself. `ticked`: the accounts that are marked on the page of the pool.
    `instead_of_default`: another account was preselected because the default one cannot work.
    `seen` and `titles`: what its sources were when a task with them was made. `editing` and `rev`:
    the task under edit. `asked`: what may have been meant as sources, until the operator says so.
    `waiting`: the sources that one task has no room for; the next draft begins with them.
    """

    key: str = field(default_factory=lambda: token_hex(12))
    sources: tuple[str, ...] = ()
    steps: tuple[Step, ...] = (Step.HISTORY,)
    search: SearchOptions = field(default_factory=SearchOptions)
    join: JoinOptions = field(default_factory=JoinOptions)
    history: HistoryOptions = field(default_factory=HistoryOptions)
    priority: Priority = Priority.NORMAL
    keep_days: int | None = None
    deletions: DeletionPolicy = DeletionPolicy.MIRROR
    account: int | None = None
    pool: tuple[int, ...] = ()
    ticked: tuple[int, ...] = ()
    instead_of_default: bool = False
    schedule: Schedule = field(default_factory=Schedule)
    lookups: tuple[str, ...] = ()
    seen: tuple[SeenChat, ...] = ()
    editing: str | None = None
    rev: int = 0
    asked: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    titles: tuple[SourceTitle, ...] = ()

    def spec(self) -> TaskSpec:
        """The spec of the task that Start makes."""
        return TaskSpec(
            sources=self.sources,
            steps=self.steps,
            policy=self.policy(),
            search=self.search,
            join=self._joining(),
            history=self.history,
            priority=self.priority,
            keep_days=self.keep_days,
            deletions=self.deletions,
            seen=tuple(one for one in self.seen if one.source in self.sources),
            titles=tuple(one for one in self.titles if one.source in self.sources),
        )

    def policy(self) -> AccountPolicy:
        """Which accounts may do it."""
        if self.account is not None:
            return AccountPolicy.pinned(self.account)
        return AccountPolicy.pool(*self.pool) if self.pool else AccountPolicy()

    def _joining(self) -> JoinOptions:
        """Only of what is found and joined is there a choice that somebody else could make."""
        if self.does(Step.SEARCH) and self.does(Step.JOIN):
            return self.join
        return replace(self.join, policy=JoinPolicy.ASK)

    def does(self, step: Step) -> bool:
        """Whether the step is one of its own."""
        return step in self.steps

    def is_begun(self) -> bool:
        """Whether it names anything to work on."""
        return bool(self.sources or (self.does(Step.SEARCH) and self.search.words))

    def without(self, pressed: str) -> "Draft":
        """The draft without the source of a pressed button (its `tag`)."""
        return replace(self, sources=tuple(name for name in self.sources if tag(name) != pressed))

    def replaced(self, old: str, new: str) -> "Draft":
        """The draft with `new` in the place of `old`, each source once."""
        names = dict.fromkeys(new if name == old else name for name in self.sources)
        return replace(self, sources=tuple(names))


def draft_of(task: Task) -> Draft:
    """The draft that edits a task."""
    policy = task.spec.policy
    pool = policy.accounts if policy.kind is PolicyKind.POOL else ()
    return Draft(
        key=task.id,
        sources=task.spec.sources,
        steps=task.spec.steps,
        search=task.spec.search,
        join=task.spec.join,
        history=task.spec.history,
        priority=task.spec.priority,
        keep_days=task.spec.keep_days,
        deletions=task.spec.deletions,
        account=policy.accounts[0] if policy.kind is PolicyKind.PINNED else None,
        pool=pool,
        ticked=pool,
        schedule=task.schedule,
        seen=task.spec.seen,
        titles=task.spec.titles,
        editing=task.id,
        rev=task.rev,
    )


def tag(text: str) -> str:
    """What stands for a text of any length in the data of a button."""
    return f"{crc32(text.encode()):08x}"


def copy_of(task: Task) -> Draft:
    """The draft of a new task like this one; intervals count anew from its start."""
    edits = draft_of(task)
    schedule = replace(task.schedule, anchor=None)
    return replace(edits, key=Draft().key, schedule=schedule, editing=None, rev=0)


def next_of(draft: Draft) -> Draft:
    """The draft of a task like this one for the sources that had to wait."""
    schedule = replace(draft.schedule, anchor=None)
    plain = replace(draft, key=Draft().key, schedule=schedule, editing=None, rev=0, lookups=())
    return replace(plain, sources=(), seen=(), titles=(), asked=(), waiting=draft.waiting)


def to_data(draft: Draft) -> dict[str, Any]:
    """The draft in plain JSON types."""
    data: dict[str, Any] = _CONVERTER.unstructure(draft)
    return data


def from_data(data: dict[str, Any]) -> Draft:
    """The draft of its plain form."""
    return _CONVERTER.structure(data, Draft)


_CONVERTER = make_converter()
_CONVERTER.register_unstructure_hook(timedelta, timedelta.total_seconds)
_CONVERTER.register_structure_hook(timedelta, lambda seconds, _: timedelta(seconds=seconds))
_CONVERTER.register_unstructure_hook(time, time.isoformat)
_CONVERTER.register_structure_hook(time, lambda text, _: time.fromisoformat(text))
