"""Which method families a job calls first: it begins only once its account may call them."""

from collections.abc import Mapping
from functools import lru_cache

from core.job import Family, Job
from core.links import is_invite
from core.options import TELEGRAM_SEARCH
from core.task import Step

OF_STEP: Mapping[Step, frozenset[Family]] = {
    Step.SEARCH: frozenset({Family.SEARCH}),
    Step.JOIN: frozenset({Family.INFO, Family.JOIN}),
    Step.HISTORY: frozenset({Family.HISTORY}),
    Step.LISTEN: frozenset({Family.HISTORY}),
    Step.MEDIA: frozenset({Family.MESSAGES, Family.MEDIA}),
}
"""What no job of a step gets on without. A bot is searched by `Family.BOT`; who is in a chat need
not join it."""

PULLED: tuple[Family, ...] = (
    Family.HISTORY,
    Family.JOIN,
    Family.BOT,
    Family.SEARCH,
    Family.INFO,
    Family.MEDIA,
)
"""The families of jobs, in the order in which they are pulled."""

ALONE = frozenset({Family.HISTORY, Family.BOT, Family.SEARCH, Family.MEDIA})
"""Jobs of these are not even looked for while the family itself may not be called."""

NOTHING: frozenset[Family] = frozenset()


def first_calls(job: Job, *, met: bool = True, inside: bool = False) -> frozenset[Family]:
    """The families that an account needs soon for a job.

    `met`: it knows the address of `addressee`; `inside`: it is in the chat. A job that was stopped
    before needs what stopped it, and no more.
    """
    return _work(job.step, job.next_call, _asks_a_bot(job), inside) | (
        NOTHING if met else _address(job)
    )


def addressee(job: Job) -> str:
    """What an account must know the address of: the bot of a search, else the source."""
    return (job.place or job.source) if job.step is Step.SEARCH else job.source


@lru_cache
def _work(
    step: Step,
    next_call: Family | None,
    asks_a_bot: bool,  # noqa: FBT001
    inside: bool,  # noqa: FBT001
) -> frozenset[Family]:
    if next_call is not None:
        return frozenset({next_call})
    if asks_a_bot:
        return frozenset({Family.BOT})
    if step is Step.JOIN and inside:
        return frozenset({Family.INFO})
    return OF_STEP[step]


def _asks_a_bot(job: Job) -> bool:
    return job.step is Step.SEARCH and job.place not in (None, TELEGRAM_SEARCH)


def _address(job: Job) -> frozenset[Family]:
    name = addressee(job)
    if job.step is Step.SEARCH and not _asks_a_bot(job):
        return NOTHING
    if is_invite(name):
        return frozenset({Family.INFO})
    return frozenset({Family.RESOLVE}) if name.startswith("@") else NOTHING
