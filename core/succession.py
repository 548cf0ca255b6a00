"""One run of a task that goes on where the one before it only listens. All pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from core.job import ENDED, Job
from core.run import Intent, Run, listens
from core.subscription import Subscription, Want
from core.task import Step, TaskSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Heir:
    """What becomes of the readers of a run that is not known to be open.

    `run`: the open run that takes them over, None while there is none yet: then they stay.
    `dropped`: sources that it does not name any more. `keys`: who may read for it, where that is
    not as before.
    """

    run: str | None = None
    dropped: frozenset[str] = frozenset()
    keys: tuple[str, ...] | None = None


def only_listens(run: Run, jobs: Iterable[Job]) -> bool:
    """Whether nothing is left to do in an open run but to listen."""
    every = tuple(jobs)
    over = run.planned and all(job.state in ENDED for job in every)
    return run.intent is Intent.GO and over and (run.continues or listens(every))


def inherits(before: Run, spec: TaskSpec, source: str) -> bool:
    """Whether the next run, of this `spec`, goes on listening to a chat of the one `before`."""
    stays = source in spec.sources or source not in before.spec.sources
    return stays and before.intent is not Intent.CANCEL and Step.LISTEN in spec.steps


def heir_of(before: Run, run: Run) -> Heir | None:
    """How `run` takes over from the one `before`; None: it does not."""
    if before.intent is Intent.CANCEL or Step.LISTEN not in run.spec.steps:
        return None
    old, new = before.spec, run.spec
    return Heir(
        run=run.id,
        dropped=frozenset(old.sources) - frozenset(new.sources),
        keys=None if old.policy == new.policy else new.policy.keys(),
    )


def settled(
    one: Subscription, runs: Collection[str], heirs: Mapping[str, Heir]
) -> tuple[Want, ...]:
    """For whom a chat is listened to from now on: `runs` are open, others have heirs or none."""
    wants: dict[str, Want] = {want.run: want for want in one.wants if want.run in runs}
    for want in one.wants:
        heir = heirs.get(want.run)
        if want.run in runs or heir is None or one.source in heir.dropped:
            continue
        run = heir.run or want.run
        wants.setdefault(run, replace(want, run=run, keys=heir.keys or want.keys))
    return tuple(wants.values())
