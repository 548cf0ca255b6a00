"""An account and a search bot: what it sends, what is there afterwards."""

from typing import Any

from telethon import TelegramClient
from telethon.tl import types
from telethon.tl.functions.contacts import ResolveUsernameRequest
from telethon.tl.functions.messages import GetHistoryRequest, SendMessageRequest
from waiting import wait_until


async def bot_of(client: TelegramClient, username: str) -> types.InputPeerUser:
    found = await client(ResolveUsernameRequest(username))
    return types.InputPeerUser(found.users[0].id, found.users[0].access_hash)


async def said(client: TelegramClient, peer: Any) -> list[Any]:
    """The private chat with somebody, the newest first."""
    page = await client(GetHistoryRequest(peer, 0, None, 0, 100, 0, 0, 0))
    return page.messages


async def tell(client: TelegramClient, bot: types.InputPeerUser, text: str) -> types.Message:
    """Sends, and waits for the answer. Returns it."""
    sent = await client(SendMessageRequest(bot, text))
    return await answer_after(client, bot, sent.id)


async def answer_after(
    client: TelegramClient, bot: types.InputPeerUser, message_id: int
) -> types.Message:
    found: list[types.Message] = []

    async def there() -> bool:
        found[:] = [one for one in await said(client, bot) if one.id > message_id and not one.out]
        return bool(found)

    await wait_until(there)
    return found[-1]


def callbacks(message: types.Message) -> dict[str, bytes]:
    """Text of each button that calls back -> its data."""
    rows = message.reply_markup.rows if message.reply_markup else []
    return {
        button.text: button.type.data
        for row in rows
        for button in row.buttons
        if isinstance(button.type, types.InlineButtonTypeCallback)
    }


def button_urls(message: types.Message) -> list[str]:
    rows = message.reply_markup.rows if message.reply_markup else []
    buttons = [button for row in rows for button in row.buttons]
    return [one.type.url for one in buttons if isinstance(one.type, types.InlineButtonTypeUrl)]
