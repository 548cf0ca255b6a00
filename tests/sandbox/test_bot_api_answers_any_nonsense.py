"""Whatever a bot sends, the answer is JSON with `ok`, never a broken server."""

import asyncio

import aiohttp
from bot_api_side import Side, bot_api_side
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.bot_api.registry import METHODS

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(["²", "-", "1", "HTML", "[", "{}", "typing", "attach://x", "tg://user?id=1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "inline_keyboard",
                    "keyboard",
                    "text",
                    "callback_data",
                    "url",
                    "copy_text",
                    "type",
                    "message_id",
                    "quote",
                    "offset",
                    "length",
                    "command",
                    "description",
                    "chat_id",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
NAMES = (
    "chat_id", "text", "parse_mode", "entities", "reply_markup", "reply_parameters", "message_id",
    "message_ids", "caption", "document", "photo", "action", "commands", "scope", "language_code",
    "menu_button", "url", "secret_token", "max_connections", "file_id", "callback_query_id",
    "offset", "limit", "allowed_updates", "name", "link_preview_options",
)  # fmt: skip
ARGUMENTS = st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6)


async def answers(side: Side, http: aiohttp.ClientSession, method: str, body: dict) -> None:
    async with http.post(f"{side.url}/bot{side.token}/{method}", json=body) as answer:
        assert answer.status != 500, await answer.text()
        assert (await answer.json())["ok"] == (answer.status == 200)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(sorted(METHODS)), ARGUMENTS), min_size=5, max_size=20))
def test_nonsense_is_refused_politely(calls: list[tuple[str, dict]]) -> None:
    async def call_all() -> None:
        async with bot_api_side() as side, aiohttp.ClientSession() as http:
            side.door.limits.enabled = False
            await side.operator.send("hi")
            for number, (method, body) in enumerate(calls):
                valid = {"chat_id": side.operator.id, "text": "x", "message_id": 1}
                await answers(side, http, method, {**valid, **body} if number % 2 else body)
            await answers(side, http, "deleteWebhook", {})
            await answers(side, http, "getUpdates", {})

    asyncio.run(call_all())
