"""A test may put any update before a bot: thousands of strangers, stale presses, nonsense."""

import time

import aiohttp
from bot_api_side import Side


def written(user_id: int, text: str) -> dict:
    person = {"id": user_id, "is_bot": False, "first_name": "Somebody"}
    chat = {"id": user_id, "type": "private", "first_name": "Somebody"}
    return {"message": {"message_id": 1, "date": 1, "chat": chat, "from": person, "text": text}}


def pressed(user_id: int, key: str) -> dict:
    person = {"id": user_id, "is_bot": False, "first_name": "Somebody"}
    return {"callback_query": {"id": key, "from": person, "chat_instance": "1", "data": "stale"}}


async def test_thousands_of_strangers_are_queued_and_drained(side: Side) -> None:
    begun = time.process_time()
    for number in range(10_000):
        side.door.inject(written(5_000_000 + number, "let me in"))
    assert time.process_time() - begun < 2
    seen: set[int] = set()
    async with side.bot() as bot:
        offset = 0
        while updates := await bot.get_updates(offset=offset):
            seen |= {update.message.from_user.id for update in updates}
            offset = updates[-1].update_id + 1
    assert len(seen) == 10_000


async def test_who_was_injected_can_be_answered(side: Side) -> None:
    side.door.inject(written(5_000_001, "hello"))
    side.door.inject(pressed(5_000_001, "abc"))
    async with side.bot() as bot:
        assert len(await bot.get_updates()) == 2
        await bot.send_message(5_000_001, "hello yourself")
        assert await bot.answer_callback_query("abc")
    assert not side.door.bot.queries.unanswered()
    assert side.door.person(5_000_001).last.text == "hello yourself"


async def test_other_processes_can_inject_and_act_too(side: Side) -> None:
    body = {"updates": [written(side.operator.id, "by hand"), {"unheard_of": {}}, {}]}
    person = f"{side.url}/chat/{side.operator.id}"
    async with side.bot() as bot, aiohttp.ClientSession() as http:
        async with http.post(f"{side.url}/control/bot-api/updates", json=body) as answer:
            assert len(await answer.json()) == 3
        async with http.post(f"{person}/send", json={"text": "typed"}) as answer:
            assert (await answer.json())["message_id"] == 1
        async with http.post(f"{person}/press", json={"message_id": 1, "button": "x"}) as answer:
            assert answer.status == 400
        async with http.post(f"{person}/send", data={"text": "forged"}) as answer:
            assert answer.status == 415
        async with http.get(f"{person}/state") as answer:
            state = await answer.json()
            assert [message["text"] for message in state["messages"]] == ["typed"]
        kept = [update for update in await bot.get_updates() if update.message]
        assert [update.message.text for update in kept] == ["by hand", "typed"]


async def test_a_round_trip_costs_little(side: Side) -> None:
    side.door.limits.enabled = False
    await side.operator.send("hi")
    url = f"{side.url}/bot{side.token}"
    async with aiohttp.ClientSession() as http:
        begun = time.process_time()
        for number in range(300):
            await side.operator.send(f"/newtask @harbour_news {number}")
            async with http.post(f"{url}/getUpdates", json={"offset": -1}) as answer:
                assert (await answer.json())["ok"]
            form = {
                "chat_id": str(side.operator.id),
                "text": f"<b>{number}</b>",
                "parse_mode": "HTML",
            }
            async with http.post(f"{url}/sendMessage", data=form) as answer:
                assert (await answer.json())["ok"]
        each = (time.process_time() - begun) / 300
    assert each < 0.01, f"{each * 1000:.1f} ms of CPU a round trip, client included"
