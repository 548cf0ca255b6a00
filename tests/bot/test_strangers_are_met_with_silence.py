import random
from typing import Any

from bot_rig import Rig
from waiting import wait_until


def _update(dice: random.Random, stranger: int, number: int) -> dict[str, Any]:
    user = {"id": stranger, "is_bot": False, "first_name": "Eve", "language_code": "en"}
    chat = {"id": stranger, "type": "private", "first_name": "Eve"}
    text = dice.choice(
        ["/start", "/newtask @a", "hi", "/cancel", "@harbour_news", "/tasks", "你好"]
    )
    message = {"message_id": number + 1, "date": 1, "chat": chat, "from": user, "text": text}
    if dice.random() < 0.5:
        return {"message": message}
    data = dice.choice(["new", "t:page:0", "l:zh", "a:list", "r:stop:x", "abc\x1dc:start"])
    query = {
        "id": f"s{number}",
        "from": user,
        "chat_instance": "1",
        "message": message,
        "data": data,
    }
    return {"callback_query": query}


async def test_a_thousand_updates_cause_no_call_and_no_write(rig: Rig) -> None:
    await wait_until(lambda: len(rig.calls("setMyCommands")) == 3)
    await rig.say("/start")
    before_calls = len(rig.calls())
    before = await _everything(rig)
    dice = random.Random(7)
    strangers = [rig.stranger.id, 991, 992, 993]
    for number in range(1000):
        rig.door.inject(_update(dice, dice.choice(strangers), number))
    await wait_until(rig.handled, timeout=30)
    await rig.say("/help")
    assert len(rig.calls()) == before_calls + 1
    assert await _everything(rig) == before


async def _everything(rig: Rig) -> dict[str, list[Any]]:
    raw = rig.worker.raw
    names = sorted(await raw.list_collection_names())
    return {name: [d async for d in raw[name].find({}).sort("_id", 1)] for name in names}
