"""Whatever keeps messages from being read, the card says what it is and what to do about it."""

import errno
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from pipeline_rig import Deserted, Pipeline, check_chinese, deserted, pipeline, told
from service import CLOCK, Unpaced, telegram
from told_cases import NOWHERE, REFUSALS, Case

from collector.media_folder import MediaFolder, Partial
from collector.telegram.gateway import TelethonGateway
from core.account import Account
from core.media import PART
from core.options import HistoryOptions, MediaOptions
from core.task import AccountPolicy, PolicyKind
from sandbox.chat import ChatKind
from sandbox.content.library import Library
from sandbox.entrance import Entrance
from sandbox.seed import small_world
from sandbox.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

HISTORY = "messages.getHistory"
FILES = HistoryOptions(media=MediaOptions(kinds=("photo", "document")))
HUGE = Library(distinct=1, least=3 * PART + 1, most=4 * PART, photos=0)
CHATS = {
    "open_chat": 20,
    "closed_chat": 20,
    "lost_chat": 20,
    "topic_forum": 40,
    "plain_chat": 20,
    "disk_chat": 2,
    "secret_room": 20,
}
PARTIAL = ("Partly done", "部分完成")
SPARE = 15
"""Accounts that a test breaks, besides the one that reads."""


def a_world() -> World:
    return small_world(
        chats=CHATS,
        accounts=1 + SPARE,
        kinds={"topic_forum": ChatKind.FORUM},
        private=("secret_room",),
        entrances={"secret_room": Entrance(invite="SecretRoom01", insiders=())},
        dead_invites=("DeadHash03",),
        libraries={"disk_chat": HUGE},
    )


@pytest_asyncio.fixture(loop_scope="module", scope="module", autouse=True)
async def left_alone(
    mongo_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Deserted]:
    """A bot without a worker; it is not sure of that before ten seconds have passed."""
    async with deserted(mongo_uri, tmp_path_factory.mktemp("deserted")) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def line(mongo_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pipeline]:
    folder: Path = tmp_path_factory.mktemp("reading")
    more = {"folder": MediaFolder(folder / "media"), "call_timeout": 2.0}
    async with pipeline(mongo_uri, folder, a_world(), **more) as made:
        world, deny = made.sandbox.world, made.sandbox.faults.deny
        deny(world.chat("closed_chat").id)
        deny(world.chat("lost_chat").id, error="CHANNEL_INVALID")
        yield made


CASES = (
    *NOWHERE,
    Case(
        "@closed_chat",
        "source_forbidden",
        "The account may not read @closed_chat: it is private, or the account was removed. "
        "Choose an account that is a member.",
    ),
    Case(
        "+SecretRoom01",
        "not_joined",
        "The account is not in t.me/+Secret…. "
        "Make a task that joins it first, or choose an account that is a member.",
        named="t.me/+Secret…",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.key} {case.source}")
async def test_a_chat_that_cannot_be_read(line: Pipeline, case: Case) -> None:
    await line.fails(case.key, case.says, case.source, named=case.named)


@pytest.mark.parametrize("source", ["@topic_forum", "@plain_chat"])
async def test_a_topic_that_is_not_there(line: Pipeline, source: str) -> None:
    says = f"{source} has no such topic. Write the link of the topic again, or read the whole chat."
    await line.fails("topic_unknown", says, source, history=HistoryOptions(topic=9_999))


REJECTED = (
    "Telegram refuses this API_ID. Correct API_ID and API_HASH on the server, then press Retry."
)
REFUSED = (*REFUSALS, ("API_ID_INVALID", 400, "api_id_rejected", REJECTED))


@pytest.mark.parametrize(("error", "code", "key", "says"), REFUSED, ids=[x[2] for x in REFUSED])
async def test_an_account_that_telegram_refuses(
    line: Pipeline, error: str, code: int, key: str, says: str
) -> None:
    account = next(line.spare)
    fail = line.sandbox.faults.fail
    fail(error, code=code, account=account.telegram_id, method=HISTORY, times=None)
    await line.fails(key, says, "@open_chat", account=account)


async def test_an_account_that_is_banned(line: Pipeline) -> None:
    account = next(line.spare)
    line.sandbox.faults.ban(account.telegram_id or 0)
    now = (
        "Telegram has banned or deleted this account. "
        "Choose another account; recover@telegram.org takes appeals."
    )
    later = f"Telegram has banned {account.name}. Choose another account."
    await fails_now_and_later(line, account, now, later)
    chinese = await line.begin("@open_chat", account=account, who=line.chinese)
    says = f"{account.name} 已被 Telegram 封禁。请换个账号。"
    await line.shown(chinese, "失败", f"✗ @open_chat：{says}", who=line.chinese)


async def test_an_account_that_was_signed_out_elsewhere(line: Pipeline) -> None:
    account = next(line.spare)
    line.sandbox.faults.revoke(account.telegram_id or 0)
    now = (
        "The account was signed out from another device. "
        "Sign it in again with telecrew login, or choose another account."
    )
    later = (
        f"The session of {account.name} is lost. "
        "Sign it in again with telecrew login, or choose another account."
    )
    await fails_now_and_later(line, account, now, later)


async def fails_now_and_later(line: Pipeline, account: Account, *says: str) -> None:
    """What is said while the account is lost, and of a run that is begun afterwards."""
    for text in says:
        run = await line.begin("@open_chat", account=account)
        await line.shown(run, "Failed", f"✗ @open_chat: {text}")


async def test_a_session_that_is_used_in_two_places(line: Pipeline) -> None:
    account = next(line.spare)
    session = await line.database.accounts.session(account.id)
    elsewhere = TelethonGateway(
        session or b"",
        telegram(line.sandbox),
        account=account.id,
        pace=Unpaced(),
        may_write=lambda: True,
    )
    await elsewhere.connect()
    await elsewhere.disconnect()
    run = await line.begin("@open_chat", account=account)
    says = (
        "The account's session was used in two places at once, and Telegram ended it. "
        "Sign it in again with telecrew login, and use each session in one place only."
    )
    await line.shown(run, "Failed", f"✗ @open_chat: {says}")


async def test_an_account_that_is_not_signed_in(line: Pipeline) -> None:
    account = await line.database.accounts.add_signed_out(
        name="Dora", phone="+99 *** 2", now=CLOCK.now()
    )
    run = await line.begin("@open_chat", account=account)
    says = "Dora is not signed in. Sign it in with telecrew login, or choose another account."
    await line.shown(run, "Failed", f"✗ @open_chat: {says}")


async def test_an_account_that_is_not_there_any_more(line: Pipeline) -> None:
    run = await line.begin("@open_chat", policy=AccountPolicy.pinned(9_999))
    says = "Account 9999 is not in the crew any more. Choose another account."
    await line.shown(run, "Failed", f"✗ @open_chat: {says}")


async def test_reading_that_telegram_wants_to_go_slower(line: Pipeline) -> None:
    account = next(line.spare)
    line.sandbox.faults.flood(600, account=account.telegram_id, method=HISTORY, times=2)
    english = await line.begin("@open_chat", account=account)
    await line.shown(english, "Waiting", "⏳ Telegram asked the account to slow down. Goes on at ")
    chinese = await line.begin("@open_chat", account=account, who=line.chinese)
    await line.shown(chinese, "等待", f"⏳ {chinese_of('flood')}", who=line.chinese)


async def test_work_that_is_begun_again_and_again(line: Pipeline) -> None:
    pool = [next(line.spare) for _ in range(5)]
    for one in pool:
        line.sandbox.faults.fail(
            "PEER_FLOOD", code=400, account=one.telegram_id, method=HISTORY, times=None
        )
    policy = AccountPolicy(kind=PolicyKind.POOL, accounts=tuple(one.id for one in pool))
    run = await line.begin("@open_chat", policy=policy)
    says = (
        "The work was begun again and again, and got no further. "
        "Press Retry, or choose another account."
    )
    await line.shown(run, "Failed", f"✗ @open_chat: {says}")


def no_room(partial: Partial, more: int) -> None:
    """What a full disk answers; a real one is tried in `test_files_leave_the_store_its_room.py`."""
    raise OSError(errno.ENOSPC, "No space left on device")


async def test_a_disk_that_is_full(line: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Partial, "check_room", no_room)
    says = (
        "The collector's disk has no room for all files: 1 GB stays free for MongoDB. "
        "Make room on the collector's disk, then press Retry; it goes on where it was."
    )
    await line.fails("disk_full", says, "@disk_chat", history=FILES, states=PARTIAL)


async def test_nobody_is_there_to_read(left_alone: Deserted) -> None:
    says = (
        "No collector is running, so nothing is being read. "
        "Start it on the server: telecrew collector"
    )
    assert says == told("en", "no_worker", "")
    await left_alone.rig.until(left_alone.card, f"⏳ {says}", timeout=20)


def chinese_of(key: str) -> str:
    """What happened, in Chinese, without what to do about it."""
    return told("zh", key, "@open_chat").partition("。")[0]


KEYS = sorted(
    {case.key for case in CASES}
    | {key for _, _, key, _ in REFUSED}
    | {"topic_unknown", "banned", "account_banned", "session_revoked", "account_lost", "server"}
    | {"key_duplicated", "account_signed_out", "account_removed", "timeout", "flood", "stalled"}
    | {"disk_full", "folder_unusable", "no_worker", "key_invalid", "session_unreadable"}
    | {"network", "connecting", "no_ready_account", "account_resting", "never_signed_in", "paced"}
    | {"unexpected", "not_understood", "already_inside"}
)


@pytest.mark.parametrize("key", KEYS)
async def test_it_is_told_in_chinese_too(key: str) -> None:
    check_chinese(key)
