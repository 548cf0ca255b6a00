"""Whatever the Bot API answers to what the bot sends has a decision, and what follows from it."""

import ast
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiogram.exceptions import TelegramAPIError
from aiogram.methods import SendMessage
from bot_door import bot_api
from bot_rig import Rig
from structlog.testing import capture_logs
from waiting import wait_until

from bot.i18n import Locales
from bot.menu import set_menu
from bot.refusals import BY_KIND, TABLE, Decision, decide
from bot.session import make_bot

D = Decision
SANDBOX = Path(__file__).parents[2] / "sandbox" / "bot_api"

CODES: dict[tuple[int, str], Decision] = {
    (401, "Unauthorized"): D.NO_BOT,
    (404, "Not Found"): D.NO_BOT,
    (409, "Conflict: terminated by other getUpdates request"): D.RETRY,
    (413, "Request Entity Too Large"): D.UNFIT,
    (429, "Too Many Requests: retry after 1"): D.WAIT,
    (429, "Too Many Requests"): D.RETRY,
    (420, "FLOOD"): D.RETRY,
    (500, "Internal Server Error"): D.RETRY,
    (500, "Internal Server Error: restart"): D.RETRY,
    (502, "Bad Gateway"): D.RETRY,
    (503, "Service Unavailable"): D.RETRY,
    (504, "Gateway Timeout"): D.RETRY,
    (403, "Forbidden: bot was blocked by the user"): D.NO_CHAT,
    (403, "Forbidden: user is deactivated"): D.NO_CHAT,
    (403, "Forbidden: bot can't initiate conversation with a user"): D.NO_CHAT,
    (403, "Forbidden: bot can't send messages to bots"): D.NO_CHAT,
    (403, "Forbidden: bot was kicked from the group chat"): D.NO_CHAT,
    (403, "Forbidden: bot was kicked from the supergroup chat"): D.NO_CHAT,
    (403, "Forbidden: bot was kicked from the channel chat"): D.NO_CHAT,
    (403, "Forbidden: bot is not a member of the group chat"): D.NO_CHAT,
    (403, "Forbidden: bot is not a member of the supergroup chat"): D.NO_CHAT,
    (403, "Forbidden: bot is not a member of the channel chat"): D.NO_CHAT,
    (403, "Forbidden: the group chat was deleted"): D.NO_CHAT,
    (403, "Forbidden: something new"): D.NO_CHAT,
    (400, "Bad Request: CHAT_SEND_NEWTHINGS_FORBIDDEN"): D.NO_CHAT,
    (400, "Bad Request: BUTTON_NEWTHING_INVALID"): D.UNFIT,
    (400, "Bad Request: MSG_ID_INVALID"): D.NO_MESSAGE,
    (400, "Bad Request: something new"): D.UNFIT,
    (400, "Bad Request: can't parse entities: unsupported start tag"): D.UNFIT,
    (400, "Bad Request: message is not modified: specified new message content"): D.SAME,
}
"""Besides those of the table: by code, and new ones."""


@pytest.fixture
async def refused() -> AsyncIterator[Any]:
    """`await refused(code, description)`: what aiogram makes of such an answer."""
    async with bot_api() as (door, url, _):
        bot = make_bot(door.world.control_bot.token, url)

        async def ask(code: int, words: str, **parameters: int) -> TelegramAPIError:
            door.fail_next("sendMessage", code, words, **parameters)
            with pytest.raises(TelegramAPIError) as caught:
                await bot(SendMessage(chat_id=1, text="any"))
            return caught.value

        async with bot.session:
            yield ask


async def test_each_of_the_table_and_each_code(
    refused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.session.MAX_WAIT", 0.0)
    wanted = {(400, f"Bad Request: {words}"): decision for words, decision in TABLE.items()}
    for (code, words), decision in {**wanted, **CODES}.items():
        waits = {"retry_after": 1} if decision is D.WAIT else {}
        assert decide(await refused(code, words, **waits)) is decision, words
    moved = await refused(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1001)
    assert decide(moved) is D.FOLLOW
    assert {*TABLE.values(), *CODES.values()} == set(Decision)
    assert len(TABLE) > 80


def words_of_the_sandbox() -> Iterator[str]:
    """What the local Bot API refuses with."""
    for file in sorted(SANDBOX.rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match call:
                case ast.Call(func=ast.Name(id="bad_request"), args=[ast.Constant(value=words)]):
                    yield str(words)


OTHER_METHODS = {
    "bad webhook",
    "secret token",
    "message to pin",
    "message to unpin",
    "message identifiers",
    "can't parse menu button",
    "bot",
}
"""How errors begin of methods that the bot does not call."""


async def test_all_that_the_sandbox_refuses_is_in_the_table() -> None:
    known = tuple(words.lower() for words in TABLE)
    others = tuple(OTHER_METHODS)
    found = set(words_of_the_sandbox())
    unknown = {w for w in found if not w.lower().startswith(known) and not w.startswith(others)}
    assert unknown == set()
    assert len(found) > 15


def test_every_class_of_aiogram_is_decided() -> None:
    kinds = {one for one in TelegramAPIError.__subclasses__() if "aiogram" in one.__module__}
    decided = {kind for kind, _ in BY_KIND}
    assert {one.__name__ for one in kinds - decided} == {"TelegramBadRequest"}


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.patience.UNREACHABLE_SECONDS", 0.05)
    monkeypatch.setattr("bot.patience.BLOCKED_SECONDS", 0.05)


LASTING = (
    (400, "Bad Request: not enough rights to send text messages to the chat"),
    (400, "Bad Request: CHAT_WRITE_FORBIDDEN"),
    (400, "Bad Request: chat not found"),
    (400, "Bad Request: can't parse entities: unsupported start tag"),
    (403, "Forbidden: bot was blocked by the user"),
    (403, "Forbidden: the group chat was deleted"),
)


@pytest.mark.usefixtures("brisk")
async def test_what_will_not_change_is_not_asked_for_again_and_again(rig: Rig) -> None:
    """The card of a run that ended: a few calls, one line in the log, and no more."""
    for code, words in LASTING:
        run, card = await rig.started("@harbour_news")
        before = len(rig.calls())
        with capture_logs() as logs:
            for method in ("editMessageText", "sendMessage"):
                rig.door.fail_next(method, code, words, times=50)
            await rig.worker.finish(run)
            await wait_until(lambda r=run: told(rig, r.id), timeout=20)
        assert len(rig.calls()) - before <= 4, words
        assert [one["event"] for one in logs].count("card.not_shown") == 1
        rig.door.clear_faults()
        assert card


async def told(rig: Rig, run: str) -> bool:
    """Nothing is left to be shown of it."""
    return run not in {one.id for one in await rig.database.runs.to_show()}


@pytest.mark.usefixtures("brisk")
async def test_an_outage_of_telegram_is_asked_about_ever_more_rarely(rig: Rig) -> None:
    run, card = await rig.started("@harbour_news")
    rig.door.fail_next("editMessageText", 500, "Internal Server Error", times=5)
    await rig.worker.finish(run)
    await rig.until(card.id, "· Done", timeout=20)
    assert sum(one.error is not None for one in rig.calls("editMessageText")) == 5


async def test_a_refused_answer_is_explained_to_who_typed_and_to_who_pressed(rig: Rig) -> None:
    rig.door.fail_next("sendMessage", 400, "Bad Request: can't parse entities: any")
    await rig.me.send("/help")
    await rig.new("Telegram refused the answer")
    rig.door.fail_next("sendMessage", 500, "Internal Server Error")
    await rig.me.send("/help")
    await rig.new("Telegram does not take the answer just now")
    page = await rig.say("/start")
    for words, toast in (
        ("Bad Request: can't parse entities: any", "Telegram refused the answer"),
        ("Bad Request: not enough rights", "Telegram refused the answer"),
    ):
        rig.door.fail_next("editMessageText", 400, words)
        query = rig.me.press_data(page.id, "l:en")
        await rig.me.answered(query)
        await wait_until(lambda t=toast, q=query: t in q.text or said(rig, t), timeout=10)
    assert not [one for one in rig.me.messages if "used already" in one.text]


def said(rig: Rig, words: str) -> bool:
    return any(one.by_bot and words in one.text for one in rig.me.messages)


async def test_a_menu_that_is_refused_is_given_up_and_told_once(
    idle: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.menu.RETRY_SECONDS", 0.05)
    bot = make_bot(idle.settings.token, idle.url)
    locales = Locales("en")
    async with bot.session:
        with capture_logs() as logs:
            idle.door.fail_next("setMyCommands", 400, "Bad Request: BOT_COMMAND_INVALID", times=9)
            await set_menu(bot, locales, "en")
        assert len(idle.calls("setMyCommands")) == 1
        assert [one["event"] for one in logs].count("menu.not_set") == 1
        idle.door.clear_faults()
        idle.door.fail_next("setMyCommands", 502, "Bad Gateway", times=3)
        await set_menu(bot, locales, "en")
        assert [one.error for one in idle.calls("setMyCommands")][-1] is None


async def test_no_deprecated_parameter_is_sent(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, set[str]] = {}
    from sandbox.bot_api import door

    read = door.read_params

    async def noted(request: Any) -> Any:
        params = await read(request)
        seen.setdefault(request.match_info["method"], set()).update(params.values)
        return params

    monkeypatch.setattr(door, "read_params", noted)
    run, card = await rig.started("@harbour_news")
    await rig.say("/start")
    await rig.worker.finish(run)
    await rig.until(card.id, "· Done")
    for method in ("sendMessage", "editMessageText"):
        assert "link_preview_options" in seen[method]
    assert not [one for names in seen.values() for one in names if one.startswith("disable_web")]
