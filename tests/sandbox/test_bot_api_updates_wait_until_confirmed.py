"""Updates are handed out again until an offset confirms them, to one poller at a time."""

import asyncio
import time

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramConflictError, TelegramServerError
from bot_api_side import Side
from waiting import wait_until


async def refused(bot: Bot) -> TelegramAPIError:
    with pytest.raises(TelegramAPIError) as caught:
        await bot.get_updates(timeout=30)
    return caught.value


async def test_only_an_offset_confirms(side: Side) -> None:
    async with side.bot() as bot:
        for text in "abc":
            await side.operator.send(text)
        first = await bot.get_updates()
        assert [update.message.text for update in first] == ["a", "b", "c"]
        assert await bot.get_updates() == first
        rest = await bot.get_updates(offset=first[0].update_id + 1, limit=1)
        assert [update.message.text for update in rest] == ["b"]
        assert await bot.get_updates(offset=first[-1].update_id + 1) == []


async def test_a_negative_offset_keeps_the_last(side: Side) -> None:
    async with side.bot() as bot:
        for text in "abc":
            await side.operator.send(text)
        assert [u.message.text for u in await bot.get_updates(offset=-1)] == ["c"]
        assert [u.message.text for u in await bot.get_updates()] == ["c"]


async def test_a_long_poll_ends_with_the_first_update(side: Side) -> None:
    async with side.bot() as bot, asyncio.TaskGroup() as group:
        poll = group.create_task(bot.get_updates(timeout=30))
        await wait_until(lambda: side.door.bot.updates.waited_on)
        await side.operator.send("now")
        assert [update.message.text for update in await poll] == ["now"]


async def test_a_long_poll_without_updates_ends_at_its_timeout(side: Side) -> None:
    async with side.bot() as bot:
        begun = time.monotonic()
        assert await bot.get_updates(timeout=1) == []
        assert 0.9 < time.monotonic() - begun < 5


async def test_the_older_of_two_pollers_is_ended(side: Side) -> None:
    async with side.bot() as bot, side.bot() as other, asyncio.TaskGroup() as group:
        older = group.create_task(refused(bot))
        await wait_until(lambda: side.door.bot.updates.waited_on)
        newer = group.create_task(other.get_updates(timeout=30))
        error = await older
        assert isinstance(error, TelegramConflictError)
        assert "terminated by other getUpdates request" in str(error)
        await wait_until(lambda: side.door.bot.updates.waited_on)
        await side.operator.send("to the newer one")
        assert len(await newer) == 1


async def test_unwanted_kinds_are_not_queued(side: Side) -> None:
    async with side.bot() as bot:
        await bot.get_updates(allowed_updates=["callback_query"])
        await side.operator.send("not asked for")
        assert await bot.get_updates() == []
        await bot.get_updates(allowed_updates=["message", "callback_query"])
        await side.operator.send("asked for")
        assert [update.message.text for update in await bot.get_updates()] == ["asked for"]


async def test_a_poll_is_ended_when_the_server_stops(side: Side) -> None:
    async with side.bot() as bot, asyncio.TaskGroup() as group:
        poll = group.create_task(refused(bot))
        await wait_until(lambda: side.door.bot.updates.waited_on)
        await side.door.close()
        assert isinstance(await poll, TelegramServerError)
