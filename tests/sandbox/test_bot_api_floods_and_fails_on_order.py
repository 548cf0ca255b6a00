"""Floods as Telegram keeps them, and faults that a test prepares for the next calls."""

import asyncio
import time

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from bot_api_side import Side


async def burst(bot: Bot, chat_id: int, count: int) -> list[int]:
    """Sends until refused; the `retry_after` of each refusal."""
    waits = []
    for number in range(count):
        try:
            await bot.send_message(chat_id, str(number))
        except TelegramRetryAfter as error:
            waits.append(error.retry_after)
    return waits


async def test_a_burst_passes_and_then_the_chat_is_closed(side: Side) -> None:
    await side.operator.send("hi")
    await side.stranger.send("hi")
    side.door.limits.chat_rate = 0.01
    async with side.bot() as bot:
        assert await burst(bot, side.operator.id, 20) == []
        first, second = await burst(bot, side.operator.id, 2)
        assert first == pytest.approx(100, abs=2)
        assert second <= first
        assert await burst(bot, side.stranger.id, 1) == []


async def test_edits_have_a_budget_of_their_own(side: Side) -> None:
    await side.operator.send("hi")
    side.door.limits.chat_rate, side.door.limits.chat_burst = 0.01, 2
    async with side.bot() as bot:
        sent = await bot.send_message(side.operator.id, "0")
        edit = {"chat_id": side.operator.id, "message_id": sent.message_id}
        for text in "12":
            await bot.edit_message_text(text, **edit)
        with pytest.raises(TelegramRetryAfter):
            await bot.edit_message_text("3", **edit)
        await bot.send_message(side.operator.id, "not an edit")


async def test_whoever_waits_may_write_again(side: Side) -> None:
    await side.operator.send("hi")
    side.door.limits.chat_rate, side.door.limits.chat_burst = 20, 1
    side.door.limits.penalty = 0.05
    async with side.bot() as bot:
        assert await burst(bot, side.operator.id, 2) == [1]
        await asyncio.sleep(0.1)
        assert await burst(bot, side.operator.id, 1) == []


async def test_limits_can_be_switched_off(side: Side) -> None:
    await side.operator.send("hi")
    side.door.limits.enabled = False
    async with side.bot() as bot:
        assert await burst(bot, side.operator.id, 100) == []


async def test_prepared_faults_meet_the_next_calls(side: Side) -> None:
    await side.operator.send("hi")
    side.door.flood_next("sendMessage", 37)
    side.door.fail_next("sendMessage", 400, "Bad Request: not today", times=2)
    side.door.fail_next("*", 500, "Internal Server Error")
    async with side.bot() as bot:
        with pytest.raises(TelegramRetryAfter) as flood:
            await bot.send_message(side.operator.id, "x")
        assert flood.value.retry_after == 37
        for _ in range(2):
            with pytest.raises(TelegramBadRequest, match="not today"):
                await bot.send_message(side.operator.id, "x")
        with pytest.raises(TelegramServerError):
            await bot.get_me()
        await bot.send_message(side.operator.id, "x")
    errors = [call.error for call in side.counters.bot_calls]
    assert errors == [
        "Too Many Requests: retry after 37",
        "Bad Request: not today",
        "Bad Request: not today",
        "Internal Server Error",
        None,
    ]


async def test_an_answer_can_be_late_or_lost(side: Side) -> None:
    await side.operator.send("hi")
    side.door.delay_next("sendMessage", 0.2)
    side.door.drop_answer_next("sendMessage", times=1)
    async with side.bot() as bot:
        begun = time.monotonic()
        with pytest.raises(TelegramNetworkError):
            await bot.send_message(side.operator.id, "it took effect")
        assert time.monotonic() - begun >= 0.2
        assert side.operator.last.text == "it took effect"
        assert (await bot.send_message(side.operator.id, "fine")).text == "fine"


async def test_other_processes_prepare_faults_too(side: Side) -> None:
    await side.operator.send("hi")
    control = f"{side.url}/control/bot-api"
    async with side.bot() as bot, aiohttp.ClientSession() as http:

        async def post(path: str, **body: object) -> int:
            async with http.post(f"{control}/{path}", json=body) as answer:
                return answer.status

        assert await post("limits", chat_burst=1, chat_rate=0.5) == 200
        assert await post("limits", kindness=1) == 400
        assert await post("faults/flood", method="getMe", seconds=9) == 200
        assert await post("faults/flood", colour="red") == 400
        assert await post("faults/party") == 404
        with pytest.raises(TelegramRetryAfter):
            await bot.get_me()
        assert await burst(bot, side.operator.id, 2) == [3]
        assert await post("faults/fail", method="*", code=500, description="Down", times=9) == 200
        async with http.delete(f"{control}/faults") as answer:
            assert answer.status == 200
        assert (await bot.get_me()).is_bot
