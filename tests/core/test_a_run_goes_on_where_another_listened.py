"""A run that only listens ends for the next one of its task, which takes its readers over."""

from dataclasses import replace
from datetime import UTC, datetime

from core.job import Family, Job, JobState
from core.options import HistoryOptions
from core.run import Intent, Run, RunState, Status, derive
from core.subscription import Subscription, Want
from core.succession import Heir, heir_of, inherits, only_listens, settled
from core.task import AccountPolicy, Step, TaskSpec

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BOTH = TaskSpec(sources=("@one", "@two"), steps=(Step.HISTORY, Step.LISTEN))


def run(name: str = "r1", spec: TaskSpec = BOTH, **fields: object) -> Run:
    given = {
        "id": name,
        "task": "t1",
        "number": 1,
        "owner": 1,
        "spec": spec,
        "due": NOW,
        "intent": Intent.GO,
        "status": Status(state=RunState.RUNNING),
        "rev": 1,
        "planned": True,
        "created_at": NOW,
    }
    return Run(**{**given, **fields})  # type: ignore[arg-type]


def job(step: Step, state: JobState) -> Job:
    return Job(
        id=f"{step}:{state}",
        run="r1",
        task="t1",
        step=step,
        source="@one",
        options=HistoryOptions(),
        keys=("*",),
        family=Family.INFO,
        state=state,
        created_at=NOW,
    )


LISTENS, READS = job(Step.LISTEN, JobState.DONE), job(Step.HISTORY, JobState.RUNNING)
FAILED = job(Step.SEARCH, JobState.FAILED)


def test_only_a_run_with_nothing_else_left_makes_way() -> None:
    assert only_listens(run(), [LISTENS, FAILED])
    assert only_listens(run(continues=True), [FAILED])
    assert not only_listens(run(), [FAILED])
    assert not only_listens(run(), [LISTENS, READS])
    assert not only_listens(run(planned=False), [LISTENS])
    assert not only_listens(run(intent=Intent.PAUSE), [LISTENS])


def test_it_ends_as_its_jobs_did_and_the_next_one_listens_whatever_its_own_do() -> None:
    def state(intent: Intent, *jobs: Job, **more: bool) -> RunState:
        return derive(intent, jobs, planned=True, **more).state

    assert state(Intent.GO, LISTENS, continued=True) is RunState.DONE
    assert state(Intent.GO, LISTENS, FAILED, continued=True) is RunState.PARTIAL
    assert state(Intent.CANCEL, LISTENS, continued=True) is RunState.CANCELLED
    assert state(Intent.GO, FAILED, continues=True) is RunState.RUNNING
    assert state(Intent.CANCEL, FAILED, continues=True) is RunState.CANCELLED


def test_readers_are_taken_over_as_the_next_run_wants_them() -> None:
    kept, other = Want(run="r1", task="t1", keys=("a1",)), Want(run="x", task="t2")
    one = Subscription(id="-1", chat=-1, box="", source="@one", wants=(kept, other))
    moved = replace(kept, run="r2")
    assert settled(one, {"x"}, {"r1": Heir()}) == (other, kept)
    assert settled(one, {"x", "r2"}, {"r1": Heir(run="r2")}) == (other, moved)
    assert settled(one, {"x"}, {}) == (other,)
    assert settled(one, {"x"}, {"r1": Heir(run="r2", dropped=frozenset({"@one"}))}) == (other,)
    own = Want(run="r2", task="t1", keys=("a2",))
    begun = replace(one, wants=(kept, own))
    assert settled(begun, {"r2"}, {"r1": Heir(run="r2")}) == (own,)


def test_an_edit_of_the_task_counts_and_so_does_stop() -> None:
    fewer = replace(BOTH, sources=("@two",), policy=AccountPolicy.pinned(3))
    heir = Heir(run="r2", dropped=frozenset({"@one"}), keys=("a3",))
    assert heir_of(run(), run("r2", fewer)) == heir
    assert [inherits(run(), fewer, one) for one in ("@one", "@two", "@found")] == [
        False,
        True,
        True,
    ]
    reads = replace(BOTH, steps=(Step.HISTORY,))
    assert heir_of(run(), run("r2", reads)) is None
    assert not inherits(run(), reads, "@two")
    assert heir_of(run(intent=Intent.CANCEL), run("r2")) is None
