"""A sandbox that keeps its state goes on after a restart: clients and bots do not notice."""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup
from bot_api_side import polling
from telethon import errors
from telethon.sessions import StringSession
from telethon.tl.functions.updates import GetStateRequest
from telethon_side import channel, client_of, crew_client, page, sign_in
from waiting import wait_until

from bench.ports import free_port
from sandbox.keeping.store import FolderInUseError
from sandbox.seed import small_world
from sandbox.server import Sandbox, SandboxConfig

ROOT = Path(__file__).parents[2]
SERVES = """
import asyncio, sys
from pathlib import Path
from sandbox.seed import small_world
from sandbox.server import Sandbox, SandboxConfig

async def main(folder, mtproto_port, http_port):
    config = SandboxConfig(data_dir=Path(folder), keep_state=True,
                           mtproto_port=int(mtproto_port), http_port=int(http_port))
    async with Sandbox(small_world(chats={"alpha_chat": 50}), config):
        print("serving", flush=True)
        await asyncio.Event().wait()

asyncio.run(main(*sys.argv[1:]))
"""


def world():
    return small_world(chats={"alpha_chat": 300})


@pytest.fixture
def config(tmp_path, sandbox_folder):
    for kept in sandbox_folder.data_dir.glob("*.pem"):
        (tmp_path / kept.name).write_bytes(kept.read_bytes())
    return SandboxConfig(
        data_dir=tmp_path, keep_state=True, mtproto_port=free_port(), http_port=free_port()
    )


@asynccontextmanager
async def bot_of(sandbox):
    session = AiohttpSession(api=TelegramAPIServer.from_base(sandbox.bot_api_url))
    bot = Bot(sandbox.world.control_bot.token, session)
    try:
        yield bot
    finally:
        await session.close()


async def test_a_connected_client_goes_on(config):
    async with Sandbox(world(), config) as first, crew_client(first, retry_delay=0.1) as client:
        peer = await channel(client, "alpha_chat")
        assert (await page(client, peer)).count == 300
        again = first.same_ports
        await first.__aexit__(None, None, None)
        async with Sandbox(world(), again) as second:
            assert (await page(client, peer)).count == 300
            person = second.world.accounts[0]
            assert "auth.signIn" in second.counters.methods()
            assert second.counters.totals[person.id, "messages.getHistory"] == 2
            await client.disconnect()


async def test_a_polling_bot_goes_on(config):
    dispatcher, heard = Dispatcher(), []

    @dispatcher.message()
    async def echo(message):
        heard.append(message.text)
        await message.answer(f"heard {message.text}")

    async with Sandbox(world(), config) as first, bot_of(first) as bot:
        again = first.same_ports
        async with polling(bot, dispatcher):
            person = first.bot_api.person(first.world.operator.id)
            await person.send("one")
            await person.wait_for_message(lambda seen: seen.text == "heard one")
            await first.__aexit__(None, None, None)
            async with Sandbox(world(), again) as second:
                person = second.bot_api.person(second.world.operator.id)
                assert [seen.text for seen in person.messages] == ["one", "heard one"]
                await person.send("two")
                await person.wait_for_message(lambda seen: seen.text == "heard two", timeout=20)
                assert heard == ["one", "two"]


async def test_everything_of_a_bot_is_as_it_was(config):
    keys = InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text="Go", callback_data="go")]]
    )
    async with Sandbox(world(), config) as first, bot_of(first) as bot:
        person = first.bot_api.person(first.world.operator.id)
        await person.send("/start")
        card = await bot.send_message(person.id, "a <b>card</b>", "HTML", reply_markup=keys)
        report = await bot.send_document(person.id, BufferedInputFile(b"a,b\n", "report.csv"))
        await bot.set_my_commands([{"command": "start", "description": "Begin"}])
        query = await person.press(card.message_id, "go")
        waiting = [update.update_id for update in await bot.get_updates()]
        before, again = person.state(), first.same_ports
    async with Sandbox(world(), again) as second, bot_of(second) as bot:
        person = second.bot_api.person(second.world.operator.id)
        assert person.state() == before
        assert person.message(report.message_id).document == b"a,b\n"
        assert (await bot.download(report.document)).read() == b"a,b\n"
        updates = await bot.get_updates()
        assert [update.update_id for update in updates] == waiting
        assert updates[-1].callback_query.id == query.id
        assert await bot.answer_callback_query(query.id)
        changed = await bot.edit_message_text("done", chat_id=person.id, message_id=card.message_id)
        assert changed.text == "done"
        assert (await bot.send_message(person.id, "next")).message_id == report.message_id + 1
        await bot.get_updates(offset=waiting[-1] + 1)
        again = second.same_ports
    async with Sandbox(world(), again) as third, bot_of(third) as bot:
        assert await bot.get_updates() == []
        person = third.bot_api.person(third.world.operator.id)
        assert person.message(card.message_id).text == "done"


async def test_what_was_lost_stays_lost_and_violations_stay_counted(config):
    async with Sandbox(world(), config) as first, crew_client(first) as client:
        saved, person = StringSession.save(client.session), first.world.accounts[0]
        first.faults.flood(600, account=person.id)
        with pytest.raises(errors.FloodWaitError):
            await client(GetStateRequest())
        first.faults.revoke(person.id)
        again = first.same_ports
    async with Sandbox(world(), again) as second:
        async with client_of(second, session=saved) as client:
            with pytest.raises(errors.SessionRevokedError):
                await client(GetStateRequest())
            await sign_in(client, person)

            async def violated():
                await client(GetStateRequest())
                return second.counters.violations

            assert await wait_until(violated, every=0.05)
        assert second.counters.floods == 1


async def test_two_sandboxes_never_share_a_folder(config):
    async with Sandbox(world(), config):
        with pytest.raises(FolderInUseError):
            async with Sandbox(world(), config):
                raise AssertionError("two at once")
    with pytest.raises(ValueError, match="data_dir"):
        async with Sandbox(world(), SandboxConfig(keep_state=True)):
            raise AssertionError("nowhere to keep it")


@asynccontextmanager
async def process(config):
    """A sandbox in a process of its own."""
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", SERVES, str(config.data_dir), str(config.mtproto_port), str(config.http_port)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(30):
            assert await running.stdout.readline() == b"serving\n"
            yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


async def test_a_killed_sandbox_knows_every_key_it_gave_away(config):
    """The answer to the sign-in is out, and the process is killed at once."""
    sandbox = Sandbox(world(), config)
    sandbox._folder = config.data_dir
    sandbox.mtproto = type("Port", (), {"port": config.mtproto_port})
    async with (
        process(config) as running,
        client_of(sandbox, retry_delay=0.5, connection_retries=20) as client,
    ):
        await sign_in(client, sandbox.world.accounts[0])
        os.kill(running.pid, signal.SIGKILL)
        await running.wait()
        async with process(config):
            await client(GetStateRequest())


async def test_a_killed_sandbox_gives_no_number_twice(config):
    """The last moment may be lost; its update ids and message ids are not used again."""
    async with process(config) as running, aiohttp.ClientSession() as http:
        chat = f"http://127.0.0.1:{config.http_port}/chat/{world().operator.id}"
        bot = f"http://127.0.0.1:{config.http_port}/bot{world().control_bot.token}"

        async def said(text):
            async with http.post(f"{chat}/send", json={"text": text}) as answer:
                return (await answer.json())["message_id"]

        async def updates(**arguments):
            async with http.get(f"{bot}/getUpdates", params=arguments) as answer:
                return [each["update_id"] for each in (await answer.json())["result"]]

        message, (update,) = await said("one"), await updates()
        os.kill(running.pid, signal.SIGKILL)
        await running.wait()
        async with process(config):
            assert await said("two") > message
            left = await updates(offset=update + 1)
            assert len(left) == 1
            assert left[0] > update
