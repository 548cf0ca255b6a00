"""The derived state of a run, and the sums on its card."""

from datetime import UTC, datetime

import pytest

from core.job import Family, Job, JobState, Progress, Skipped, Wait
from core.options import HistoryOptions
from core.run import Intent, RunState, derive, total_progress
from core.task import Step

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FLOOD = Wait(why="flood", until=NOW)


def job(state: JobState, *, wait: Wait | None = None, progress: Progress | None = None) -> Job:
    return Job(
        id=f"r:{state}",
        run="r",
        task="t",
        step=Step.HISTORY,
        source="@name",
        options=HistoryOptions(),
        keys=("*",),
        family=Family.HISTORY,
        state=state,
        created_at=NOW,
        wait=wait,
        progress=progress or Progress(),
    )


S = JobState


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([S.DONE, S.DONE], RunState.DONE),
        ([S.DONE, S.FAILED], RunState.PARTIAL),
        ([S.FAILED, S.FAILED], RunState.FAILED),
        ([S.DONE, S.CANCELLED], RunState.CANCELLED),
        ([S.DONE, S.SKIPPED], RunState.DONE),
        ([S.DONE, S.QUEUED], RunState.QUEUED),
        ([S.FAILED, S.RUNNING], RunState.RUNNING),
        ([S.QUEUED], RunState.QUEUED),
    ],
)
def test_states_follow_the_jobs(states: list[JobState], expected: RunState) -> None:
    assert derive(Intent.GO, [job(state) for state in states], planned=True).state is expected


def test_a_run_without_its_jobs_yet_is_queued() -> None:
    assert derive(Intent.GO, [], planned=False).state is RunState.QUEUED


def test_a_run_waits_only_when_all_its_running_jobs_do() -> None:
    waiting = job(S.RUNNING, wait=FLOOD)
    assert derive(Intent.GO, [waiting], planned=True).wait == FLOOD
    assert derive(Intent.GO, [waiting, job(S.RUNNING)], planned=True).state is RunState.RUNNING


def test_a_paused_run_is_paused_once_nothing_runs() -> None:
    assert derive(Intent.PAUSE, [job(S.RUNNING)], planned=True).state is RunState.RUNNING
    assert derive(Intent.PAUSE, [job(S.QUEUED)], planned=True).state is RunState.PAUSED


def test_totals_are_known_only_when_every_job_knows_its_own() -> None:
    one = job(S.DONE, progress=Progress(read=10, new=7, known=3, total=10))
    two = job(S.RUNNING, progress=Progress(read=5, new=5, total=50))
    assert total_progress([one, two]) == Progress(read=15, new=12, known=3, total=60)
    assert total_progress([one, job(S.QUEUED)]).total is None


def test_files_that_are_not_kept_are_counted_by_their_reasons() -> None:
    one = job(S.DONE, progress=Progress(files=2, skipped=Skipped(protected=1, gone=4)))
    two = job(S.DONE, progress=Progress(files=1, skipped=Skipped(protected=2, expiring=3)))
    total = total_progress([one, two])
    assert (total.files, total.skipped) == (3, Skipped(protected=3, expiring=3, gone=4))
