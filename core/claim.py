"""Claims: to which chats a task has one, and how it came to it. A fact of its own: runs are pruned,
sources are edited, and what was collected stays the task's."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.job import Job
from core.task import Step, Task

EARLIER = ""
"""The task of a claim that nobody knows any more: an earlier task collected the chat."""


class Came(StrEnum):
    """How a task came to a chat."""

    NAMED = "named"
    FOUND = "found"
    JOIN = "join"
    HISTORY = "history"
    LISTEN = "listen"
    MEDIA = "media"
    COMMENTS = "comments"
    MIGRATED = "migrated"
    EARLIER = "earlier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a task collected of a chat is its own, too. `kept`: of an earlier task's, the operator
    said that it stays; `waits`: whether the chat is being deleted was not looked at yet.
    """

    id: str
    task: str
    chat: int
    came: Came
    since: datetime
    kept: bool = False
    waits: bool = False

    def is_earlier(self) -> bool:
        """Whether nobody knows whose it is."""
        return self.task == EARLIER


def claim_of(task: str, chat: int, came: Came, now: datetime, *, waits: bool = False) -> Claim:
    """The one claim of a task to a chat."""
    return Claim(id=claim_id(task, chat), task=task, chat=chat, came=came, since=now, waits=waits)


def claim_id(task: str, chat: int) -> str:
    """The id of the one claim of a task to a chat."""
    return f"{task or 'earlier'}:{chat}"


_BY_STEP = {
    Step.JOIN: Came.JOIN,
    Step.HISTORY: Came.HISTORY,
    Step.LISTEN: Came.LISTEN,
    Step.MEDIA: Came.MEDIA,
    Step.SEARCH: Came.FOUND,
}


def came_by(job: Job) -> Came:
    """How a job reaches its chat, as far as its place in its run tells; of what a history led on to
    that is `Came.COMMENTS`, which may be the group before or after a migration as well.
    """
    place = job.id.removeprefix(f"{job.run}:")
    if job.step is Step.HISTORY and job.part is None and "." in place.rpartition(":")[2]:
        return Came.COMMENTS
    return Came.FOUND if place.startswith("f:") else _BY_STEP[job.step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is known of a task's runs: those before `oldest`, the oldest that is left, were pruned;
    `None`: it has none, so none was.
    """

    task: Task
    oldest: datetime | None

    def may_have_run(self, at: datetime) -> bool:
        """Whether a run that is gone may have been the task's."""
        if self.oldest is None:
            return False
        return self.task.created_at - _SECOND <= at < self.oldest

    def wanders(self) -> bool:
        """Whether its runs may have reached chats of which its spec does not tell."""
        return Step.SEARCH in self.task.spec.steps or self.task.rev > 1


_SECOND = timedelta(seconds=1)
"""Ids of runs tell their seconds only."""


def is_explained(
    gone: Iterable[datetime], claimants: Collection[Past], others: Iterable[Past]
) -> bool:
    """Whether all that is stored of a chat is its `claimants`', though runs that read it, of these
    times, are gone: each was one of theirs, and cannot have been one of the `others`.
    """
    if not claimants:
        return False
    strangers = [other for other in others if other.wanders()]
    return all(
        any(one.may_have_run(at) for one in claimants)
        and not any(one.may_have_run(at) for one in strangers)
        for at in gone
    )
