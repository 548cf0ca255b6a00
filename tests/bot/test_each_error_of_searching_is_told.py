"""Whatever keeps a search from its groups, the card says what it is and what to do about it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from pipeline_rig import FAILED, Pipeline, check_chinese, pipeline, told
from told_cases import REFUSALS

from collector.jobs import search as searching
from core.account import Account
from core.options import TELEGRAM_SEARCH, SearchOptions
from core.task import Step
from sandbox.bot_api.person import Human
from sandbox.seed import SEARCH_BOTS, small_world

pytestmark = pytest.mark.asyncio(loop_scope="module")

BUTTON, START = (f"@{bot.username}" for bot in SEARCH_BOTS)
SEND, CONTACTS = "messages.sendMessage", "contacts.search"
SPARE = 8
"""Accounts that a test breaks, besides the one that searches."""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def line(mongo_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pipeline]:
    world = small_world(chats={"python_club": 10, "python_news": 10}, accounts=1 + SPARE)
    folder = tmp_path_factory.mktemp("searching")
    with pytest.MonkeyPatch.context() as quick:
        quick.setattr(searching, "LOOK_AGAIN", 0.05)
        async with pipeline(mongo_uri, folder, world) as made:
            yield made


async def fails(
    line: Pipeline,
    key: str,
    says: str,
    words: str,
    place: str,
    *,
    account: Account | None = None,
    who: Human | None = None,
) -> None:
    """A search fails, and its card says why."""
    chinese = who is line.chinese
    assert chinese or says == told("en", key, place)
    search = SearchOptions(words=(words,), places=(place,), pages=1)
    run = await line.begin(steps=(Step.SEARCH,), search=search, account=account, who=who)
    shown = {TELEGRAM_SEARCH: "Telegram's own search"}.get(place, place)
    state = FAILED[chinese]
    await line.shown(run, state, says, "✗ ", words, shown, who=who)


NO_BOT = "{} is no bot, so it cannot be searched with. Correct SEARCH_BOTS on the server."


@pytest.mark.parametrize("place", ["@olivia_ops", "@python_club"])
async def test_a_place_that_is_no_bot(line: Pipeline, place: str) -> None:
    await fails(line, "not_a_bot", NO_BOT.format(place), "python", place)
    says = f"{place} 不是机器人，不能用来搜索。请在服务器上改正 SEARCH_BOTS。"
    await fails(line, "not_a_bot", says, "python", place, who=line.chinese)


async def test_a_bot_that_does_not_exist(line: Pipeline) -> None:
    says = "Nobody has the name @nobody_here_at_all. Check the spelling and edit the task."
    await fails(line, "source_unknown", says, "python", "@nobody_here_at_all")


@pytest.mark.parametrize("place", [BUTTON, START])
async def test_a_bot_that_says_nothing(
    line: Pipeline, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "PATIENCE", 0.3)
    line.sandbox.search_rules.silent(keyword="mute", bot=place.removeprefix("@"))
    search = SearchOptions(words=("mute",), places=(place,), pages=1)
    run = await line.begin(steps=(Step.SEARCH,), search=search)
    await line.hurry(run)
    says = "The search bot does not answer. Press Retry later, or search with another bot."
    await line.shown(run, "Failed", says)


@pytest.mark.parametrize("place", [BUTTON, START])
async def test_a_bot_that_has_too_much_to_do(line: Pipeline, place: str) -> None:
    line.sandbox.search_rules.busy(keyword="rush", bot=place.removeprefix("@"))
    search = SearchOptions(words=("rush",), places=(place,), pages=1)
    run = await line.begin(steps=(Step.SEARCH,), search=search)
    await line.hurry(run)
    await line.shown(run, "Failed", "The search bot has too much to do.")


@pytest.mark.parametrize("place", [BUTTON, START])
async def test_a_bot_that_takes_the_account_for_a_robot(line: Pipeline, place: str) -> None:
    line.sandbox.search_rules.suspicious(keyword="robot", bot=place.removeprefix("@"), times=None)
    says = (
        "The search bot wants proof that a person asks it. "
        "Open the bot in the Telegram app, signed in as this account, pass its check, "
        "then press Retry."
    )
    await fails(line, "bot_guarded", says, "robot", place)


@pytest.mark.parametrize("place", [BUTTON, START, TELEGRAM_SEARCH])
async def test_a_search_that_finds_nothing_is_no_error(line: Pipeline, place: str) -> None:
    search = SearchOptions(words=("zzzqqq",), places=(place,), pages=1)
    run = await line.begin(steps=(Step.SEARCH,), search=search)
    chinese = await line.begin(steps=(Step.SEARCH,), search=search, who=line.chinese)
    card = await line.shown(run, "Done", "🔎 1 of 1 searches · 0 groups found")
    assert "✗" not in card.text
    await line.shown(chinese, "已完成", "🔎 已搜索 1 / 1 次 · 搜到 0 个群组", who=line.chinese)


@pytest.mark.parametrize(("method", "place"), [(SEND, START), (CONTACTS, TELEGRAM_SEARCH)])
@pytest.mark.parametrize(("error", "code", "key", "says"), REFUSALS, ids=[x[2] for x in REFUSALS])
async def test_an_account_that_may_not_search(
    line: Pipeline, method: str, place: str, error: str, code: int, key: str, says: str
) -> None:
    account = next(line.spare)
    fail = line.sandbox.faults.fail
    fail(error, code=code, account=account.telegram_id, method=method, times=None)
    await fails(line, key, says, "python", place, account=account)


@pytest.mark.parametrize(("method", "place"), [(SEND, START), (CONTACTS, TELEGRAM_SEARCH)])
async def test_searches_that_telegram_wants_to_come_slower(
    line: Pipeline, method: str, place: str
) -> None:
    account = next(line.spare)
    line.sandbox.faults.flood(600, account=account.telegram_id, method=method)
    search = SearchOptions(words=("python",), places=(place,), pages=1)
    run = await line.begin(steps=(Step.SEARCH,), search=search, account=account)
    slower = "⏳ Telegram asked the account to slow down. Goes on at "
    await line.shown(run, "Waiting", "🔎 0 of 1 searches", slower)


KEYS = (
    "not_a_bot",
    "source_unknown",
    "bot_silent",
    "bot_busy",
    "bot_guarded",
    "account_frozen",
    "account_limited",
    "request_refused",
    "words_refused",
    "flood",
)


@pytest.mark.parametrize("key", KEYS)
async def test_it_is_told_in_chinese_too(key: str) -> None:
    check_chinese(key)
