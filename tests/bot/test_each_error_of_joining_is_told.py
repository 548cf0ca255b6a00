"""Whatever keeps an account out of a chat, the card says what it is and what to do about it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from pipeline_rig import Pipeline, check_chinese, pipeline, told
from service import CLOCK
from told_cases import NOWHERE, REFUSALS, Case

from collector.jobs.join import JOIN_PATIENCE
from core.account import Account
from core.job import Family
from core.membership import MembershipState
from core.pacing import Budget
from core.run import Run
from core.task import AccountPolicy, PolicyKind, Step
from sandbox.entrance import Entrance
from sandbox.seed import small_world
from sandbox.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

JOIN = (Step.JOIN,)
NOBODY = Entrance(insiders=())
READER, PREMIUM = 777_000_001, 777_000_002
JOINING, IMPORTING = "channels.joinChannel", "messages.importChatInvite"
JOINS_A_DAY = 60
SPARE = 9
"""Accounts that a test breaks or fills, besides the one that joins."""

ENTRANCES = {
    "open_chat": NOBODY,
    "other_chat": NOBODY,
    "home_chat": Entrance(insiders=(READER, PREMIUM)),
    "full_chat": Entrance(full=True, insiders=()),
    "gate_chat": Entrance(approval=True, insiders=()),
    "slow_gate": Entrance(approval=True, insiders=()),
    "banning_chat": NOBODY,
    "refusing_chat": NOBODY,
    "lost_chat": NOBODY,
    "guarded_chat": Entrance(by_app=True, insiders=()),
    "full_room": Entrance(invite="FullRoom01", full=True, insiders=()),
    "gate_room": Entrance(invite="GateRoom01", approval=True, insiders=()),
    "banning_room": Entrance(invite="BanningRoom01", insiders=()),
    "refusing_room": Entrance(invite="RefusingRoom01", insiders=()),
    "guarded_room": Entrance(invite="GuardedRoom01", by_app=True, insiders=()),
}
PRIVATE = tuple(name for name in ENTRANCES if name.endswith("_room"))


def a_world() -> World:
    return small_world(
        chats=dict.fromkeys(ENTRANCES, 10),
        accounts=1 + SPARE,
        entrances=ENTRANCES,
        private=PRIVATE,
        dead_invites=("DeadHash03",),
        premium=(PREMIUM % 100,),
        channels_limits=(500, 1),
    )


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def line(mongo_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pipeline]:
    folder: Path = tmp_path_factory.mktemp("joining")
    budgets = {Family.JOIN: Budget(rate=1000, burst=1000, daily=JOINS_A_DAY)}
    async with pipeline(mongo_uri, folder, a_world(), steady=2, budgets=budgets) as made:
        put_out, world = made.sandbox.society.put_out, made.sandbox.world
        put_out(READER, world.chat("banning_chat").id)
        put_out(READER, world.titled("banning_room").id)
        made.sandbox.faults.deny(world.chat("lost_chat").id, error="CHANNEL_INVALID")
        yield made


@pytest.fixture(scope="module")
def premium(line: Pipeline) -> Account:
    """Is in as many chats as it may be in."""
    return line.crew[1]


CASES = (
    Case(
        "@full_chat",
        "chat_full",
        "@full_chat is full: it takes no more members. "
        "Choose an account that is a member, or try again later.",
    ),
    Case(
        "+FullRoom01",
        "chat_full",
        "t.me/+FullRo… is full: it takes no more members. "
        "Choose an account that is a member, or try again later.",
        named="t.me/+FullRo…",
    ),
    Case(
        "@guarded_chat",
        "join_by_app",
        "@guarded_chat can only be entered in the Telegram app: a bot checks who joins. "
        "Join with the app, signed in as this account, then press Retry.",
    ),
    Case(
        "+GuardedRoom01",
        "join_by_app",
        "t.me/+Guarde… can only be entered in the Telegram app: a bot checks who joins. "
        "Join with the app, signed in as this account, then press Retry.",
        named="t.me/+Guarde…",
    ),
    *NOWHERE,
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.key} {case.source}")
async def test_a_chat_that_cannot_be_entered(line: Pipeline, case: Case) -> None:
    await line.fails(case.key, case.says, case.source, named=case.named, steps=JOIN)


REFUSED = (
    ("@banning_chat", "@banning_chat", None),
    ("+BanningRoom01", "t.me/+Bannin…", None),
    ("@refusing_chat", "@refusing_chat", JOINING),
    ("+RefusingRoom01", "t.me/+Refusi…", IMPORTING),
)


@pytest.mark.parametrize(("source", "named", "refuses"), REFUSED, ids=[one[0] for one in REFUSED])
async def test_an_account_that_may_not_come_in(
    line: Pipeline, source: str, named: str, refuses: str | None
) -> None:
    if refuses is not None:
        line.sandbox.faults.fail("CHANNEL_PRIVATE", code=400, method=refuses, times=2)
    says = (
        f"The account may not enter {named}: it was removed from there, or is banned. "
        "Choose another account."
    )
    await line.fails("join_refused", says, source, named=named, steps=JOIN)


TOO_MANY = (
    "The account is in as many groups and channels as Telegram allows. "
    "Leave some with it, or choose another account."
)


async def test_an_account_that_telegram_lets_into_no_more_chats(line: Pipeline) -> None:
    full = next(line.spare)
    refuse = line.sandbox.faults.fail
    refuse("CHANNELS_TOO_MUCH", code=400, account=full.telegram_id, method=JOINING, times=None)
    await line.fails("too_many_chats", TOO_MANY, "@open_chat", account=full, steps=JOIN)


async def test_an_account_that_is_full_by_its_own_count_is_not_even_asked(
    line: Pipeline, premium: Account
) -> None:
    await line.fails("too_many_chats", TOO_MANY, "@open_chat", account=premium, steps=JOIN)
    assert not [*line.sandbox.counters.of(PREMIUM, JOINING)]


async def test_a_crew_of_which_every_account_is_full(line: Pipeline, premium: Account) -> None:
    other = next(line.spare)
    refuse = line.sandbox.faults.fail
    refuse("CHANNELS_TOO_MUCH", code=400, account=other.telegram_id, method=JOINING, times=None)
    pool = AccountPolicy(kind=PolicyKind.POOL, accounts=(premium.id, other.id))
    await line.fails("too_many_chats", TOO_MANY, "@other_chat", policy=pool, steps=JOIN)


async def ask(line: Pipeline, source: str, named: str) -> Run:
    """A run that waits until somebody lets its account in."""
    run = await line.begin(source, steps=JOIN)
    asks = f"The account asked to join {named}; an administrator has not agreed yet."
    await line.shown(run, "Waiting", "1 waiting for an administrator", f"⏳ {asks} Goes on at ")
    return run


@pytest.mark.parametrize(
    ("source", "named"), [("@gate_chat", "@gate_chat"), ("+GateRoom01", "t.me/+GateRo…")]
)
async def test_a_request_that_nobody_has_answered_yet(
    line: Pipeline, source: str, named: str
) -> None:
    await ask(line, source, named)
    run = await line.begin(source, who=line.chinese, steps=JOIN)
    asks = f"⏳ 该账号已申请加入 {named}，管理员还没有通过。"
    await line.shown(run, "等待", asks, who=line.chinese)


async def test_a_request_that_nobody_answered_in_time(line: Pipeline) -> None:
    run = await ask(line, "@slow_gate", "@slow_gate")
    long_ago = CLOCK.now() - JOIN_PATIENCE - timedelta(minutes=1)
    memberships = line.rig.worker.raw["memberships"]
    asked = {"for_task": run.task, "state": MembershipState.PENDING}
    assert (await memberships.update_one(asked, {"$set": {"asked_at": long_ago}})).modified_count
    await line.hurry(run)
    says = (
        "Nobody let the account into @slow_gate in time. "
        "Ask an administrator of the group, then press Retry."
    )
    assert says == told("en", "join_not_approved", "@slow_gate")
    await line.shown(run, "Failed", f"✗ @slow_gate: {says}")


async def test_a_chat_that_the_account_is_in_already_is_no_error(line: Pipeline) -> None:
    english = await line.begin("@home_chat", steps=JOIN)
    chinese = await line.begin("@home_chat", who=line.chinese, steps=JOIN)
    card = await line.shown(english, "Done", "🚪 1 joined before")
    assert "✗" not in card.text
    await line.shown(chinese, "已完成", "🚪 早已加入 1", who=line.chinese)


@pytest.mark.parametrize(("error", "code", "key", "says"), REFUSALS, ids=[x[2] for x in REFUSALS])
async def test_an_account_that_may_not_join(
    line: Pipeline, error: str, code: int, key: str, says: str
) -> None:
    account = next(line.spare)
    line.sandbox.faults.fail(
        error, code=code, account=account.telegram_id, method=JOINING, times=None
    )
    await line.fails(key, says, "@open_chat", account=account, steps=JOIN)


async def test_joins_that_telegram_wants_to_come_slower(line: Pipeline) -> None:
    account = next(line.spare)
    line.sandbox.faults.flood(600, account=account.telegram_id, method=JOINING)
    run = await line.begin("@open_chat", account=account, steps=JOIN)
    slower = "⏳ Telegram asked the account to slow down. Goes on at "
    await line.shown(run, "Waiting", "1 to come", slower)


async def test_joins_of_a_day_that_are_used_up(line: Pipeline) -> None:
    account = next(line.spare)
    spend, now = line.database.budgets.spend_daily, CLOCK.now()
    while await spend(account.id, Family.JOIN, now, most=JOINS_A_DAY):
        pass
    run = await line.begin("@open_chat", account=account, steps=JOIN)
    used_up = "⏳ The account used up what it allows itself of these calls today. Goes on at "
    await line.shown(run, "Waiting", used_up)
    assert not [*line.sandbox.counters.of(account.telegram_id, JOINING)]


KEYS = sorted(
    {case.key for case in CASES}
    | {key for _, _, key, _ in REFUSALS}
    | {
        "join_refused",
        "too_many_chats",
        "join_pending",
        "join_not_approved",
        "flood",
        "daily_limit",
    }
)


@pytest.mark.parametrize("key", KEYS)
async def test_it_is_told_in_chinese_too(key: str) -> None:
    check_chinese(key)
