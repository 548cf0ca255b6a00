from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.job import Family, Job, JobState, Onward
from core.media import file_jobs, file_name, folders_of
from core.message import Media
from core.options import HistoryOptions, MediaOptions
from core.task import Step

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FILES = HistoryOptions(media=MediaOptions(kinds=("photo",)))
READ = Job(
    id="r1:0000",
    run="r1",
    task="t1",
    step=Step.HISTORY,
    source="@one",
    options=FILES,
    keys=("*",),
    family=Family.HISTORY,
    state=JobState.DONE,
    created_at=NOW,
    account=7,
    chat=-1_000_000_000_001,
    top_id=900,
)


def test_a_history_that_went_well_is_followed_once():
    (job,), complete = file_jobs([READ], NOW)
    assert (job.id, job.step, job.family, job.chat, job.top_id) == (
        "r1:0000m",
        Step.MEDIA,
        Family.MEDIA,
        READ.chat,
        900,
    )
    assert complete
    assert file_jobs([READ, job], NOW) == ([], True)


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED, JobState.SKIPPED])
def test_nothing_follows_one_that_did_not(state):
    assert file_jobs([replace(READ, state=state)], NOW) == ([], True)


def test_one_that_still_reads_is_waited_for():
    assert file_jobs([replace(READ, state=JobState.RUNNING)], NOW) == ([], False)


def test_nothing_is_fetched_that_nobody_wants():
    running = replace(READ, state=JobState.RUNNING, options=HistoryOptions())
    assert file_jobs([running, replace(READ, options=HistoryOptions())], NOW) == ([], True)


def test_of_a_shared_history_all_shares_are_read_first():
    onward = Onward(source="@one", keys=("*",), chat=READ.chat, parts=((1, 450), (451, 900)))
    first = replace(READ, onward=(onward,))
    shares = [
        replace(READ, id=f"r1:0000.{place:04d}", part=part)
        for place, part in enumerate(onward.parts)
    ]
    assert file_jobs([first], NOW)[0] == []
    reading = replace(shares[1], state=JobState.RUNNING)
    assert file_jobs([first, shares[0], reading], NOW) == ([], False)
    jobs, complete = file_jobs([first, *shares], NOW)
    assert [job.id for job in jobs] == ["r1:0000m"]
    assert complete


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        ({}, ("*",)),
        ({"source": "+AbCdEfGhIjKlMnOp"}, ("a7",)),
        ({"source": "-1001"}, ("a7",)),
        ({"chat": -500}, ("a7",)),
    ],
)
def test_who_alone_could_read_it_fetches_it(change, keys):
    (job,), _ = file_jobs([replace(READ, **change)], NOW)
    assert job.keys == keys


@pytest.mark.parametrize(
    ("media", "extension"),
    [
        (Media(kind="photo"), "jpg"),
        (Media(kind="document", name="Report.PDF"), "pdf"),
        (Media(kind="document", name="../../etc/passwd"), "bin"),
        (Media(kind="document", name="x.tar/../../y"), "bin"),
        (Media(kind="document", name="x.muchtoolongtobeone"), "bin"),
        (Media(kind="video", mime="video/mp4"), "mp4"),
        (Media(kind="document", name="报告.docx", mime="text/plain"), "docx"),
    ],
)
def test_a_name_is_a_hash_and_an_extension_that_leads_nowhere(media, extension):
    name = file_name("ab" + "c1" * 31, media)
    assert name == f"ab{'c1' * 31}.{extension}"
    assert folders_of(name).parts == ("ab", "c1", name)
