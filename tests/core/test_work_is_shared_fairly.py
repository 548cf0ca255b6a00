"""Which account takes which job: pins are kept, the rest is balanced."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.account import Account, AccountState
from core.job import Family, Job, JobState
from core.options import HistoryOptions
from core.planning import BALANCE_PATIENCE, Hand, doomed, explain, pair
from core.task import Step

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
    wait = explain(job(1, "a1"), {1: resting})
    assert wait is not None
    assert (wait.why, wait.until) == ("account_resting", until)
    nobody = explain(job(1), {1: account(1, AccountState.LOST)})
    assert nobody is not None
    assert nobody.why == "no_ready_account"
    assert explain(job(1), {1: account(1)}) is None
