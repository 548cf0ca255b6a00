"""Whatever is sent as sources or words: what is good stays, the rest is named or asked about."""

from typing import Any

import pytest
from aiogram.types import Message
from bot_rig import Rig
from waiting import wait_until

from bot.errors import BotError
from bot.features.newtask import search
from bot.features.newtask.adding import MAX_SOURCES
from bot.features.newtask.draft import Draft
from bot.written import Written, written
from core.links import parse_sources
from core.lookup import Found
from core.options import SearchOptions

PERSON = {"id": 5, "is_bot": False, "first_name": "Ada", "username": "crew_ada"}


def message(**fields: Any) -> Message:
    chat = {"id": 5, "type": "private"}
    return Message.model_validate({"message_id": 1, "date": 0, "chat": chat, **fields})


def entity(kind: str, text: str, part: str, **more: Any) -> dict[str, Any]:
    def length(of: str) -> int:
        return len(of.encode("utf-16-le")) // 2

    before = text[: text.index(part)]
    return {"type": kind, "offset": length(before), "length": length(part), **more}


def test_links_behind_words_and_bare_ones_are_read() -> None:
    text = "😀 the best, t.me/rust_talk, @go_talk and Ada"
    entities = [
        entity("text_link", text, "the best", url="https://t.me/python_talk"),
        entity("url", text, "t.me/rust_talk"),
        entity("mention", text, "@go_talk"),
        entity("text_mention", text, "Ada", user=PERSON),
        entity("bold", text, "best"),
    ]
    good, bad = parse_sources(written(message(text=text, entities=entities)).text)
    assert good == ("@python_talk", "@rust_talk", "@go_talk")
    assert [one.text for one in bad] == ["and", "tg://user?id=5"]
    said = written(message(caption=text, caption_entities=entities))
    assert parse_sources(said.text)[0] == ("@python_talk", "@rust_talk", "@go_talk")


def test_a_command_is_no_part_of_what_is_said() -> None:
    text = "/newtask@telecrew_bot the best"
    link = entity("text_link", text, "the best", url="https://t.me/python_talk")
    command = entity("bot_command", text, "/newtask@telecrew_bot")
    said = written(message(text=text, entities=[command, link]))
    assert parse_sources(said.text) == (("@python_talk",), ())


CHANNEL = {"id": -1001234567890, "type": "channel", "title": "News"}


@pytest.mark.parametrize(
    ("origin", "source"),
    [
        (
            {"type": "channel", "chat": {**CHANNEL, "username": "News_Now"}, "message_id": 7},
            "@news_now",
        ),
        ({"type": "channel", "chat": CHANNEL, "message_id": 7}, "-1001234567890"),
        ({"type": "chat", "sender_chat": {**CHANNEL, "type": "supergroup"}}, "-1001234567890"),
        ({"type": "user", "sender_user": PERSON}, None),
        ({"type": "hidden_user", "sender_user_name": "Ada"}, None),
    ],
)
def test_a_forwarded_message_names_where_it_came_from(
    origin: dict[str, Any], source: str | None
) -> None:
    said = written(message(text="@other_one", forward_origin={"date": 0, **origin}))
    assert said == Written(text="@other_one", origin=source)
    photo = written(message(forward_origin={"date": 0, **origin}))
    assert photo == Written(text="", origin=source)


@pytest.mark.parametrize("offset", [-5, 0, 3, 999])
def test_entities_out_of_place_break_nothing(offset: int) -> None:
    strange = {"type": "text_link", "offset": offset, "length": 400, "url": "t.me/python_talk"}
    assert written(message(text="x😀", entities=[strange])).text


async def test_words_without_a_sign_are_asked_about_and_not_looked_up(rig: Rig) -> None:
    page = await rig.say("/newtask bitcoin, @harbour_news and 币圈")
    assert "@harbour_news" in page.text
    assert "币圈 is neither" in page.text
    assert "not sure that you mean groups or channels: @bitcoin" in page.text
    lookup = await rig.database.lookups.take(within=60)
    assert lookup is not None
    assert lookup.sources == ("@harbour_news",)
    await rig.press(page, "➕ @bitcoin")
    await wait_until(lambda: "not sure" not in rig.me.message(page.id).text)
    await rig.press(page, "Start")
    assert (await rig.worker.open_run()).spec.sources == ("@harbour_news", "@bitcoin")


async def test_only_words_lead_to_a_question_that_can_be_denied(rig: Rig) -> None:
    page = await rig.say("/newtask bitcoin web3")
    assert "@bitcoin, @web3" in page.text
    assert await rig.database.lookups.take(within=60) is None
    await rig.press(page, "None of them")
    await wait_until(lambda: "not sure" not in rig.me.message(page.id).text)
    page = await rig.say("＠harbour_news。@crypto_talk. [a](t.me/+AbCdEfGh)")
    assert "@harbour_news" in page.text
    assert "@crypto_talk" in page.text
    assert "t.me/+AbCdEf…" in page.text


async def test_a_person_is_called_a_person(rig: Rig) -> None:
    page = await rig.say("/newtask @crew_ada")
    await rig.worker.answer(Found(source="@crew_ada", problem="not_a_chat"))
    shown = await rig.until(page.id, "@crew_ada · a person or a bot, not a group or channel")
    assert "nobody" not in shown.text.lower()
    assert "is a person or a bot" in await rig.press(page, "Start")
    assert await rig.database.runs.open_runs() == []


async def test_two_hundred_names_become_four_tasks(rig: Rig) -> None:
    names = [f"@group_{number:03d}" for number in range(200)]
    page = await rig.say("/newtask " + "，".join(names))
    for part in range(4):
        waiting = 200 - (part + 1) * MAX_SOURCES
        assert ("more wait" in page.text) is (waiting > 0)
        if waiting:
            assert f"{waiting} more wait" in page.text
        await rig.press(page, "Start")
        if waiting:
            page = await rig.new("left over", names[(part + 1) * MAX_SOURCES])
    tasks, total = await rig.database.tasks.page(0, 10)
    assert total == 4
    assert [name for task in reversed(tasks) for name in task.spec.sources] == names


async def test_a_removed_source_lets_a_waiting_one_in_and_the_rest_can_be_dropped(rig: Rig) -> None:
    names = [f"@group_{number:03d}" for number in range(53)]
    page = await rig.say("/newtask " + " ".join(names))
    await rig.press(page, "Sources (50)")
    await rig.press(page, "✕ @group_000")
    await rig.until(page.id, "2 more wait")
    await rig.press(page, "Forget the 2")
    await wait_until(lambda: "more wait" not in rig.me.message(page.id).text)
    await rig.press(page, "Back")
    await rig.press(page, "Start")
    assert (await rig.worker.open_run()).spec.sources == tuple(names[1:51])


async def test_one_line_that_is_too_long_spoils_only_itself(rig: Rig) -> None:
    page = await rig.say("/newtask")
    await rig.press(page, "Find groups")
    await rig.until(page.id, "Words to search for")
    page = await rig.say(f"bitcoin，币圈; poker club\n{'long ' * 20}\n- web3")
    assert "🔎 bitcoin, 币圈, poker club, web3" in page.text
    assert "✗ “long long long" in page.text
    await rig.press(page, "Start")
    assert (await rig.worker.open_run()).spec.search.words == (
        "bitcoin",
        "币圈",
        "poker club",
        "web3",
    )


def test_words_beyond_the_most_are_named() -> None:
    draft, left_out = search.read(Draft(), "\n".join(f"word {number}" for number in range(23)))
    assert draft.search.words == tuple(f"word {number}" for number in range(20))
    assert [one.values["word"] for one in left_out] == ["word 20", "word 21", "word 22"]
    draft, left_out = search.read(Draft(search=SearchOptions(words=("a",))), "a,/b,c")
    assert (draft.search.words, [one.key for one in left_out]) == (
        ("a", "c"),
        ["wizard-word-is-command"],
    )


@pytest.mark.parametrize("text", ["", " ,;、\u200b\n", "/start", "x" * 65])
def test_words_of_which_nothing_is_left_are_refused(text: str) -> None:
    with pytest.raises(BotError):
        search.read(Draft(), text)
