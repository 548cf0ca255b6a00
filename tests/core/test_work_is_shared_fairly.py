"""Which account takes which job: pins are kept, the rest is balanced."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.account import Account, AccountState
from core.job import Family, Job, JobState
from core.membership import SLOTS_LAST, Slots
from core.options import HistoryOptions
from core.planning import BALANCE_PATIENCE, Hand, crowded, doomed, explain, pair, virtual_times
from core.task import WEIGHTS, Priority, Step

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def job(number: int, *keys: str) -> Job:
    return Job(
        id=f"r{number}:0",
        run=f"r{number}",
        task="t",
        step=Step.HISTORY,
        source="@name",
        options=HistoryOptions(),
        keys=keys or ("*",),
        family=Family.HISTORY,
        state=JobState.QUEUED,
        created_at=NOW,
    )


def hand(account: int, running: int = 0, free: int = 8, last: datetime | None = None) -> Hand:
    return Hand(account=account, running=running, free=free, last_claim_at=last)


def account(number: int, state: AccountState = AccountState.READY) -> Account:
    return Account(
        id=number,
        name=f"Account {number}",
        username=None,
        telegram_id=number,
        phone="+1***",
        state=state,
        is_default=False,
        created_at=NOW,
    )


def pairs(jobs: list[Job], hands: list[Hand], **elsewhere: int) -> list[tuple[str, int]]:
    load = {h.account: h.running for h in hands} | {int(k[1:]): v for k, v in elsewhere.items()}
    found = pair(jobs, hands, crew_load=load, knows={}, now=NOW)
    return [(one.job.run, one.account) for one in found]


def test_six_automatic_jobs_on_two_equal_accounts_are_three_and_three() -> None:
    found = pairs([job(n) for n in range(6)], [hand(1), hand(2)])
    assert sorted(account for _, account in found) == [1, 1, 1, 2, 2, 2]


def test_idle_equals_take_turns() -> None:
    recently, earlier = NOW, NOW - timedelta(minutes=5)
    assert pairs([job(1)], [hand(1, last=recently), hand(2, last=earlier)]) == [("r1", 2)]


def test_a_pinned_job_goes_to_its_account_however_busy() -> None:
    assert pairs([job(1, "a2")], [hand(1), hand(2, running=7, free=1)]) == [("r1", 2)]


def test_a_full_account_takes_nothing() -> None:
    assert pairs([job(1, "a1")], [hand(1, running=8, free=0)]) == []


def test_an_automatic_job_is_left_to_a_less_busy_account_of_another_worker_for_a_while() -> None:
    busy = [hand(1, running=2)]
    assert pairs([job(1)], busy, a2=0) == []
    old = replace(job(1), created_at=NOW - BALANCE_PATIENCE)
    assert pairs([old], busy, a2=0) == [("r1", 1)]


def test_a_job_pinned_to_a_dead_account_is_doomed_and_says_which() -> None:
    accounts = {1: account(1, AccountState.SIGNED_OUT), 2: account(2)}
    failure = doomed(job(1, "a1"), accounts)
    assert failure is not None
    assert failure.reason == "account_signed_out"
    assert failure.detail == {"account": "Account 1", "number": "1"}
    assert doomed(job(1, "a2"), accounts) is None
    assert doomed(job(1), accounts) is None
    assert doomed(job(1, "a9"), accounts) is not None


def test_a_waiting_job_says_for_whom() -> None:
    until = NOW + timedelta(minutes=3)
    resting = replace(account(1, AccountState.RESTING), until=until)
    wait = explain(job(1, "a1"), {1: resting}, NOW)
    assert wait is not None
    assert (wait.why, wait.until) == ("account_resting", until)
    nobody = explain(job(1), {1: account(1, AccountState.LOST)}, NOW)
    assert nobody is not None
    assert nobody.why == "no_ready_account"
    assert explain(job(1), {1: account(1)}, NOW) is None


def join(number: int, *keys: str) -> Job:
    return replace(job(number, *keys), step=Step.JOIN, family=Family.JOIN)


def joiners(
    jobs: list[Job], slots: dict[int, int], members: tuple[int, ...] = ()
) -> list[tuple[str, int]]:
    hands = [hand(number, free=20) for number in (1, 2)]
    found = pair(
        jobs, hands, crew_load={1: 0, 2: 0}, knows={"@name": members}, now=NOW, slots=slots
    )
    return [(one.job.run, one.account) for one in found]


def test_joins_go_where_most_can_be_joined() -> None:
    """A premium account takes twice as many chats as a plain one, so that both fill up alike."""
    found = joiners([join(number) for number in range(12)], {1: 496, 2: 504})
    assert Counter(account for _, account in found) == {1: 2, 2: 10}
    assert joiners([join(1)], {1: 500}) == [("r1", 2)]


def test_an_automatic_join_is_given_to_no_full_account_unless_that_is_in() -> None:
    assert joiners([join(1)], {1: 0, 2: 0}) == []
    assert joiners([join(1)], {1: 0, 2: 9}, members=(1,)) == [("r1", 1)]


def test_a_pinned_join_of_a_full_account_begins_and_says_so_itself() -> None:
    assert joiners([join(1, "a1")], {1: 0, 2: 9}) == [("r1", 1)]


def with_slots(number: int, used: int, *, age: timedelta = timedelta(0)) -> Account:
    slots = Slots(used=used, limit=500, counted_at=NOW - age)
    return replace(account(number), slots=slots)


def test_an_automatic_join_fails_once_every_account_is_full() -> None:
    full, room = with_slots(1, 500), with_slots(2, 499)
    dead = replace(account(2), state=AccountState.BANNED)
    failure = crowded(join(1), {1: full, 2: dead}, NOW)
    assert failure is not None
    assert failure.reason == "too_many_chats"
    assert crowded(join(1), {1: full, 2: room}, NOW) is None
    assert crowded(join(1, "a1"), {1: full, 2: room}, NOW) is None
    assert crowded(job(1), {1: full}, NOW) is None
    assert crowded(join(1), {1: with_slots(1, 500, age=SLOTS_LAST)}, NOW) is None


def test_a_join_that_waits_for_the_one_account_with_room_says_so() -> None:
    until = NOW + timedelta(minutes=3)
    resting = replace(with_slots(2, 10), state=AccountState.RESTING, until=until)
    wait = explain(join(1), {1: with_slots(1, 500), 2: resting}, NOW)
    assert wait is not None
    assert (wait.why, wait.until) == ("account_resting", until)


priorities = st.lists(st.sampled_from(list(Priority)), min_size=1, max_size=12)


class Queue:
    """The queue as the store keeps it: every run adds a job as soon as its last one is taken."""

    def __init__(self, runs: list[Priority]) -> None:
        self.now = 0.0
        self.weights = [WEIGHTS[priority] for priority in runs]
        self.queued: list[tuple[float, int]] = []
        self.last: dict[int, float] = {}
        for run in range(len(runs)):
            self.add(run, 1)

    def add(self, run: int, count: int) -> None:
        start = max(self.last.get(run, 0.0), self.now)
        times = virtual_times(start, self.weights[run], count)
        self.last[run] = times[-1]
        self.queued += [(vt, run) for vt in times]

    def take(self) -> int:
        vt, run = min(self.queued)
        self.queued.remove((vt, run))
        self.now = max(self.now, vt)
        self.add(run, 1)
        return run


@given(priorities)
def test_tasks_get_the_shares_of_their_priorities(runs: list[Priority]) -> None:
    queue, total = Queue(runs), sum(WEIGHTS[priority] for priority in runs)
    taken = Counter(queue.take() for _ in range(400))
    for run, weight in enumerate(queue.weights):
        assert abs(taken[run] - 400 * weight / total) <= 1 + len(runs)


@given(priorities, st.sampled_from(list(Priority)), st.integers(0, 500))
def test_a_newcomer_of_any_priority_starves_nobody_and_is_not_starved(
    runs: list[Priority], newcomer: Priority, before: int
) -> None:
    queue = Queue(runs)
    for _ in range(before):
        queue.take()
    queue.weights.append(WEIGHTS[newcomer])
    queue.add(len(runs), 300)
    waits = dict.fromkeys(range(len(runs) + 1), 0)
    for _ in range(300):
        taken = queue.take()
        waits = {run: 0 if run == taken else waited + 1 for run, waited in waits.items()}
        for run, waited in waits.items():
            most = sum(weight / queue.weights[run] + 1 for weight in queue.weights)
            assert waited <= most + 1


def test_jobs_that_a_run_adds_later_go_behind_its_own() -> None:
    assert virtual_times(10.0, 4.0, 3) == [10.25, 10.5, 10.75]
    assert virtual_times(10.0, 0.25, 2) == [14.0, 18.0]
