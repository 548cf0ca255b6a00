"""Another process can learn the world, see what was counted and order faults over HTTP."""

import aiohttp
import pytest
from telethon import errors
from telethon_side import channel, crew_client, page

from sandbox.seed import small_world
from sandbox.server import Sandbox


@pytest.fixture
async def sandbox(sandbox_folder):
    world = small_world(chats={"alpha_chat": 300}, passwords={2: "secret"})
    async with Sandbox(world, sandbox_folder) as running:
        yield running


@pytest.fixture
async def http(sandbox):
    async with aiohttp.ClientSession(sandbox.bot_api_url) as session:
        yield session


async def get(http, path):
    async with http.get(path) as answer:
        assert answer.status == 200
        return await answer.json()


async def test_the_world(sandbox, http):
    world = await get(http, "/control/world")
    assert [account["phone"] for account in world["accounts"]] == [
        person.phone for person in sandbox.world.accounts
    ]
    assert world["accounts"][1]["password"] == "secret"
    (chat,) = world["chats"]
    assert (chat["username"], chat["count"], chat["kind"]) == ("alpha_chat", 300, "supergroup")


async def test_ids_and_messages(sandbox, http):
    chat = sandbox.world.chat("alpha_chat")
    assert await get(http, "/control/chats/Alpha_Chat/ids") == list(chat.ids())
    for message_id in chat.ids()[::20]:
        told, truth = (
            await get(http, f"/control/chats/alpha_chat/messages/{message_id}"),
            chat.message(message_id),
        )
        assert (told["_"], told["id"]) == (type(truth).__name__, message_id)
        assert told.get("message") == truth.to_dict().get("message")
        assert told["date"] == truth.date.isoformat()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/control/chats/nobody/ids", 404),
        ("/control/chats/alpha_chat/messages/99999", 404),
        ("/control/chats/alpha_chat/messages/x", 400),
        ("/control/calls?account=x", 400),
    ],
)
async def test_what_does_not_exist(http, path, status):
    async with http.get(path) as answer:
        assert answer.status == status


async def test_faults_are_set_and_cleared(sandbox, http):
    async with crew_client(sandbox) as client:
        peer = await channel(client, "alpha_chat")
        order = {"method": "messages.getHistory", "calls": 1, "seconds": 60}
        async with http.post("/control/faults/limit", json=order) as answer:
            assert (await answer.json())["ok"]
        await page(client, peer)
        with pytest.raises(errors.FloodWaitError):
            await page(client, peer)
        async with http.delete("/control/faults") as answer:
            assert answer.status == 200
        client._flood_waited_requests.clear()
        await page(client, peer)
        async with http.post("/control/faults/cut", json={}) as answer:
            assert (await answer.json())["result"] == 1
        async with http.post("/control/faults/revoke", json={"account": 777_000_001}) as answer:
            assert (await answer.json())["result"] == 1
    for kind, body, status in (
        ("weather", "{}", 404),
        ("limit", "{}", 400),
        ("limit", "nonsense", 400),
        ("flood", "[]", 400),
    ):
        async with http.post(f"/control/faults/{kind}", data=body) as answer:
            assert answer.status == status


async def test_counters(sandbox, http):
    account = sandbox.world.accounts[0].id
    async with crew_client(sandbox) as client:
        await page(client, await channel(client, "alpha_chat"))
    seen = await get(http, "/control/counters")
    assert seen["mtproto"][str(account)]["messages.getHistory"] == 1
    (call,) = await get(http, f"/control/calls?account={account}&method=messages.getHistory")
    assert (call["username"], call["items"], call["error"]) == ("alpha_chat", 100, None)
    async with http.delete("/control/counters") as answer:
        assert answer.status == 200
    assert (await get(http, "/control/counters"))["mtproto"] == {}


async def test_the_bot_api_is_on_the_same_port(sandbox, http):
    told = await get(http, f"/bot{sandbox.world.control_bot.token}/getMe")
    assert told["result"]["username"] == sandbox.world.control_bot.username
    async with http.get("/") as answer:
        assert answer.status == 200
        assert "html" in answer.headers["Content-Type"]


async def test_the_environment_points_the_product_at_it(sandbox):
    settings = sandbox.environment()
    assert settings["TELEGRAM_DC"] == f"2@127.0.0.1:{sandbox.mtproto.port}"
    assert settings["BOT_API_URL"] == sandbox.bot_api_url
    assert settings["ADMINS"] == str(sandbox.world.operator.id)
    assert set(settings) == {
        "TELEGRAM_DC", "TELEGRAM_RSA_KEY", "API_ID", "API_HASH", "BOT_API_URL", "BOT_TOKEN",
        "ADMINS", "SEARCH_BOTS",
    }  # fmt: skip
