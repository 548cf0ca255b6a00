"""The pipeline of a run: what begins when, whatever ends first."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.found import FoundGroup, Verdict, choose, language_of
from core.job import Job, JobState
from core.options import TELEGRAM_SEARCH, GroupRules, JoinOptions, JoinPolicy, SearchOptions
from core.pipeline import Advance, advance
from core.run import CHOOSING, Intent, Run, RunState, Status, derive
from core.task import Step, TaskSpec

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVERYTHING = (Step.SEARCH, Step.JOIN, Step.HISTORY, Step.LISTEN)


def run_of(*steps: Step, sources: tuple[str, ...] = (), policy: JoinPolicy = JoinPolicy.ASK) -> Run:
    spec = TaskSpec(
        sources=sources,
        steps=steps,
        search=SearchOptions(words=("btc", "链"), places=("@finder", TELEGRAM_SEARCH)),
        join=JoinOptions(policy=policy),
    )
    return Run(
        id="r",
        task="t",
        number=1,
        owner=1,
        spec=spec,
        due=NOW,
        intent=Intent.GO,
        status=Status(state=RunState.QUEUED),
        rev=1,
        planned=False,
        created_at=NOW,
    )


def group(rank: int, verdict: Verdict = Verdict.OPEN, *, title: str = "", members: int = 5):
    return FoundGroup(
        run="r",
        task="t",
        source=f"@group{rank}",
        rank=rank,
        word="btc",
        place="@finder",
        found_at=NOW,
        title=title,
        members=members,
        verdict=verdict,
    )


def ended(jobs: tuple[Job, ...], state: JobState = JobState.DONE) -> list[Job]:
    return [replace(job, state=state, account=7) for job in jobs]


def ids(step: Advance) -> list[str]:
    return [job.id for job in step.jobs]


def test_history_alone_is_planned_at_once() -> None:
    step = advance(run_of(Step.HISTORY, sources=("@a", "@b")), [], [], NOW)
    assert ids(step) == ["r:0000", "r:0001"]
    assert step.planned


def test_each_word_is_searched_at_each_place_and_nothing_else_begins() -> None:
    step = advance(run_of(*EVERYTHING), [], [], NOW)
    assert [(job.source, job.place) for job in step.jobs] == [
        ("btc", "@finder"),
        ("btc", TELEGRAM_SEARCH),
        ("链", "@finder"),
        ("链", TELEGRAM_SEARCH),
    ]
    assert not step.planned


def test_the_operator_is_asked_once_the_search_is_over_and_only_the_chosen_go_on() -> None:
    run = run_of(*EVERYTHING)
    searches = ended(advance(run, [], [], NOW).jobs)
    found = [group(0), group(1)]
    asking = advance(run, searches, found, NOW)
    assert asking == Advance(asks=True)
    assert derive(Intent.GO, searches, planned=False, asks=True).wait == CHOOSING
    answered = replace(run, chosen_at=NOW)
    chosen = [group(0, Verdict.DROPPED), group(1, Verdict.CHOSEN)]
    assert ids(advance(answered, searches, chosen, NOW)) == ["r:f:@group1:j"]


def test_a_source_is_read_and_listened_to_once_it_is_joined_while_others_still_wait() -> None:
    run = run_of(Step.JOIN, Step.HISTORY, Step.LISTEN, sources=("@a", "@b", "+hash"))
    joins = advance(run, [], [], NOW).jobs
    states = [JobState.DONE, JobState.QUEUED, JobState.DONE]
    jobs = [replace(job, state=s, account=7) for job, s in zip(joins, states, strict=True)]
    step = advance(run, jobs, [], NOW)
    assert ids(step) == ["r:0000", "r:0000l", "r:0002", "r:0002l"]
    assert [job.keys for job in step.jobs] == [("*",), ("*",), ("a7",), ("a7",)]
    assert not step.planned


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.SKIPPED, JobState.CANCELLED])
def test_what_could_not_be_joined_is_not_read(state: JobState) -> None:
    run = run_of(Step.JOIN, Step.HISTORY, sources=("@a",))
    joins = ended(advance(run, [], [], NOW).jobs, state)
    assert advance(run, joins, [], NOW) == Advance(planned=True)


def test_a_policy_that_never_joins_reads_what_the_rules_chose() -> None:
    run = run_of(*EVERYTHING, policy=JoinPolicy.NEVER)
    searches = ended(advance(run, [], [], NOW).jobs)
    step = advance(run, searches, [group(3, Verdict.CHOSEN), group(4, Verdict.EXCLUDED)], NOW)
    assert ids(step) == ["r:f:@group3:", "r:f:@group3:l"]
    assert step.planned


def test_asking_again_adds_nothing() -> None:
    run = run_of(*EVERYTHING, sources=("@a",), policy=JoinPolicy.AUTO)
    found = [group(0, Verdict.CHOSEN)]
    jobs: list[Job] = []
    for _ in range(5):
        jobs += ended(advance(run, jobs, found, NOW).jobs)
    assert advance(run, jobs, found, NOW) == Advance(planned=True)
    assert len({job.id for job in jobs}) == len(jobs) == 4 + 2 * 3


FOUND = replace(group(1, Verdict.CHOSEN), place=TELEGRAM_SEARCH, chat=-1001)


@pytest.mark.parametrize(
    ("found", "policy", "expected"),
    [
        (FOUND, JoinPolicy.ASK, -1001),
        (FOUND, JoinPolicy.AUTO, -1001),
        (replace(FOUND, place="@finder"), JoinPolicy.ASK, -1001),
        (replace(FOUND, place="@finder"), JoinPolicy.AUTO, None),
        (replace(FOUND, chat=None), JoinPolicy.ASK, None),
    ],
)
def test_what_was_found_is_the_chat_that_was_shown(
    found: FoundGroup, policy: JoinPolicy, expected: int | None
) -> None:
    """In its join, and behind that what was joined, whatever the name leads to by then."""
    run = replace(run_of(*EVERYTHING, policy=policy), chosen_at=NOW)
    searches = ended(advance(run, [], [], NOW).jobs)
    (join,) = advance(run, searches, [found], NOW).jobs
    assert (join.step, join.expects) == (Step.JOIN, expected)
    (joined,) = ended((join,))
    after = advance(run, [*searches, replace(joined, chat=-1007)], [found], NOW).jobs
    assert {(job.step, job.expects) for job in after} == {
        (Step.HISTORY, -1007),
        (Step.LISTEN, -1007),
    }
    never = replace(run_of(Step.SEARCH, Step.HISTORY, policy=policy), chosen_at=NOW)
    (read,) = advance(never, searches, [found], NOW).jobs
    assert read.expects == expected


def test_a_stopped_run_begins_nothing_more() -> None:
    run = replace(run_of(*EVERYTHING), intent=Intent.CANCEL)
    assert advance(run, [], [], NOW) == Advance(planned=True)


def test_a_run_that_listens_goes_on_until_it_is_stopped() -> None:
    run = run_of(Step.LISTEN, sources=("@a",))
    jobs = ended(advance(run, [], [], NOW).jobs)
    assert derive(Intent.GO, jobs, planned=True).state is RunState.RUNNING
    assert derive(Intent.PAUSE, jobs, planned=True).state is RunState.PAUSED
    assert derive(Intent.CANCEL, jobs, planned=True).state is RunState.CANCELLED


def test_rules_choose_the_largest_and_say_what_excluded_the_rest() -> None:
    groups = [
        group(0, title="Bitcoin 中文", members=900),
        group(1, title="比特币交流群", members=5000),
        group(2, title="Casino 比特币", members=9000),
        group(3, title="Bitcoin talk", members=8000),
        group(4, title="比特币新手", members=50),
        group(5, title="链上数据", members=7000),
    ]
    rules = GroupRules(members=100, languages=("zh",), without=("casino",), most=2)
    assert [(one.verdict, one.rule) for one in choose(groups, rules)] == [
        (Verdict.EXCLUDED, "most"),
        (Verdict.CHOSEN, None),
        (Verdict.EXCLUDED, "without"),
        (Verdict.EXCLUDED, "language"),
        (Verdict.EXCLUDED, "members"),
        (Verdict.CHOSEN, None),
    ]


@pytest.mark.parametrize(
    ("title", "language"),
    [
        ("链上数据", "zh"),
        ("ビットコイン相場", "ja"),
        ("비트코인", "ko"),
        ("Крипта", "ru"),
        ("News", "en"),
    ],
)
def test_a_titles_script_tells_its_language(title: str, language: str) -> None:
    assert language_of(title) == language
