import pytest
from bot_rig import Rig, known
from waiting import wait_until

from core.chat import ChatKind
from core.lookup import Found
from core.membership import Invite
from core.options import TELEGRAM_SEARCH, JoinPolicy
from core.task import PolicyKind, Priority, Step

SEARCH, JOIN, HISTORY, LISTEN = Step.SEARCH, Step.JOIN, Step.HISTORY, Step.LISTEN


def labels(rig: Rig, page: int) -> list[str]:
    return [label for row in rig.me.message(page).buttons for label in row]


async def test_find_join_and_collect_in_a_few_taps(rig: Rig) -> None:
    page = await rig.say("/newtask")
    assert "Which groups or channels" in page.text
    await rig.press(page, "Find, join and collect")
    await rig.until(page.id, "Words to search for")
    page = await rig.say("棋牌 交流\npoker club\npoker club")
    assert "🔎 棋牌 交流, poker club" in page.text
    assert "Telegram's own search, @findbot · 3 pages of each answer" in page.text
    assert "I tick them in a list" in page.text
    assert "All history" in page.text
    await rig.press(page, "Start")
    spec = (await rig.worker.open_run()).spec
    assert spec.steps == (SEARCH, JOIN, HISTORY)
    assert spec.search.words == ("棋牌 交流", "poker club")
    assert spec.search.places == (TELEGRAM_SEARCH, "@findbot")
    assert spec.join.policy is JoinPolicy.ASK


async def test_words_and_places_are_turned_off_and_on(rig: Rig) -> None:
    page = await rig.say("/newtask")
    await rig.press(page, "Find groups")
    page = await rig.say("one\ntwo")
    await rig.press(page, "Words (2)")
    await rig.press(page, "✕ one")
    await wait_until(lambda: "✕ one" not in labels(rig, page.id))
    await rig.press(page, "Back")
    await rig.press(page, "Where to search")
    await rig.press(page, "☑ Telegram's own search")
    await wait_until(lambda: "☐ Telegram's own search" in labels(rig, page.id))
    assert "at least one place" in await rig.press(page, "☑ @findbot")
    await rig.press(page, "10")
    await rig.press(page, "Back")
    await rig.until(page.id, "📍 @findbot · 10 pages")
    await rig.press(page, "Start")
    spec = (await rig.worker.open_run()).spec
    assert (spec.search.words, spec.search.places, spec.search.pages) == (
        ("two",),
        ("@findbot",),
        10,
    )
    assert spec.steps == (SEARCH,)


async def test_rules_are_pressed_and_typed(rig: Rig) -> None:
    page = await rig.say("/newtask")
    await rig.press(page, "All of it")
    page = await rig.say("poker")
    await rig.press(page, "Joining")
    await rig.press(page, "Join those that fit the rules")
    await rig.until(page.id, "Rules", "At most 20")
    await rig.press(page, "Chinese")
    await rig.until(page.id, "title in Chinese")
    await rig.press(page, "≥ 1,000")
    await rig.until(page.id, "at least 1,000 members")
    page = await rig.say("1.5万")
    assert "at least 15,000 members" in page.text
    page = await rig.say("广告, casino")
    assert "without 广告, casino" in page.text
    await rig.press(page, "Back")
    await rig.until(page.id, "🚪 Join those that fit the rules: at least 15,000 members")
    await rig.press(page, "Joining")
    await rig.press(page, "Leave them")
    await rig.press(page, "Back")
    await rig.until(page.id, "leaves them when the task is deleted")
    await rig.press(page, "Start")
    spec = (await rig.worker.open_run()).spec
    assert spec.steps == (SEARCH, JOIN, HISTORY, LISTEN)
    assert (spec.join.policy, spec.join.leave) == (JoinPolicy.AUTO, True)
    rules = spec.join.rules
    assert (rules.members, rules.languages, rules.most) == (15_000, ("zh",), 20)
    assert rules.without == ("广告", "casino")


async def test_every_option_of_a_history_has_its_button(rig: Rig) -> None:
    page = await rig.say("/newtask @harbour_news")
    await rig.press(page, "What to read")
    page = await rig.say("https://t.me/harbour_news/123")
    assert "From message 123 on" in page.text
    await rig.press(page, "More")
    await rig.press(page, "☐ Comments below posts")
    await wait_until(lambda: "☑ Comments below posts" in labels(rig, page.id))
    await rig.press(page, "One topic only")
    elsewhere = await rig.say("t.me/other_group/5")
    assert "another chat than @harbour_news" in elsewhere.text
    page = await rig.say("t.me/harbour_news/5/99")
    await rig.press(page, "Files")
    await rig.press(page, "Photos")
    await wait_until(lambda: "☑ Photos" in labels(rig, page.id))
    await rig.press(page, "20 MB")
    await rig.until(page.id, "keeps: Photos, up to 20 MB each")
    await rig.press(page, "Back")
    await rig.press(page, "Share one chat")
    await rig.press(page, "Urgent")
    await wait_until(lambda: "✓ Urgent" in labels(rig, page.id))
    await rig.press(page, "Back")
    await rig.until(
        page.id,
        "only topic 5 · with comments · keeps: Photos",
        "Balance automatically",
        "⚡ Urgent",
    )
    await rig.press(page, "Start")
    spec = (await rig.worker.open_run()).spec
    history = spec.history
    assert (history.from_id, history.topic, history.comments, history.split) == (123, 5, True, True)
    assert (history.media.kinds, history.media.most_bytes) == (("photo",), 20 * 1024 * 1024)
    assert spec.policy.kind is PolicyKind.AUTO
    assert spec.priority is Priority.HIGH


async def test_an_invite_that_nobody_entered_is_joined_first(rig: Rig) -> None:
    page = await rig.say("/newtask https://t.me/+SecretHash01")
    invite = Invite(title="Secret circle", kind=ChatKind.SUPERGROUP, members=60, approval=True)
    await rig.worker.answer(Found(source="+SecretHash01", invite=invite))
    await rig.until(page.id, "🔒 Secret circle · 60 members · not joined yet", "has to agree")
    assert "Let the task join it" in await rig.press(page, "Start")
    assert await rig.database.runs.open_runs() == []
    await rig.press(page, "Join and collect")
    await rig.until(page.id, "🧭 Join and collect", "Joins the sources first")
    await rig.press(page, "Start")
    spec = (await rig.worker.open_run()).spec
    assert (spec.sources, spec.steps) == (("+SecretHash01",), (JOIN, HISTORY))


async def test_an_expired_invite_is_said_so(rig: Rig) -> None:
    page = await rig.say("/newtask t.me/+DeadHash03 t.me/+OpenHash04")
    dead = Found(source="+DeadHash03", problem="invite_expired")
    chat = known("@harbour_news").chat
    await rig.worker.answer(dead, Found(source="+OpenHash04", chat=chat))
    shown = await rig.until(page.id, "The invite link has expired")
    assert "joined already" in shown.text
    assert "does not work any more" in await rig.press(page, "Start")
    assert await rig.database.runs.open_runs() == []


async def test_another_preset_keeps_what_was_entered(rig: Rig) -> None:
    page = await rig.say("/newtask @harbour_news")
    await rig.press(page, "What to do")
    await rig.press(page, "Listen to new messages")
    await rig.until(page.id, "🧭 Listen to new messages", "@harbour_news")
    await rig.press(page, "What to do")
    await rig.press(page, "Find groups")
    await rig.until(page.id, "Words to search for")
    await rig.press(page, "Back")
    await rig.until(page.id, "🧭 Find groups", "@harbour_news")
    assert "at least one word" in await rig.press(page, "Start")
    await rig.press(page, "What to do")
    await rig.press(page, "Collect history")
    await rig.until(page.id, "🧭 Collect history", "@harbour_news", "All history")
    await rig.press(page, "Start")
    spec = (await rig.worker.open_run()).spec
    assert (spec.sources, spec.steps) == (("@harbour_news",), (HISTORY,))


@pytest.mark.parametrize(
    "verb", ["do:listen", "pl:on:@findbot", "rl:on:zh", "cm:on", "md:on:photos"]
)
async def test_two_presses_are_as_good_as_one(rig: Rig, verb: str) -> None:
    page = await rig.say("/newtask @harbour_news")
    start = page.raw["reply_markup"]["inline_keyboard"][-2][0]["callback_data"]
    for _ in range(2):
        await rig.me.answered(rig.me.press_data(page.id, start.replace("start", verb)))
    await rig.me.answered(rig.me.press_data(page.id, start.replace("start", "to:review")))
    await rig.press(page, "Start")
    spec = (await rig.worker.open_run()).spec
    assert {
        "do:listen": spec.steps == (LISTEN,),
        "pl:on:@findbot": spec.search.places == (TELEGRAM_SEARCH, "@findbot"),
        "rl:on:zh": spec.join.rules.languages == ("zh",),
        "cm:on": spec.history.comments,
        "md:on:photos": spec.history.media.kinds == ("photo",),
    }[verb]
