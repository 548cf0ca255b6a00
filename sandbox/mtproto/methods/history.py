"""Reading what was said."""

from datetime import datetime

from telethon.tl import types
from telethon.tl.functions import channels, messages

from sandbox.chat import Chat
from sandbox.mtproto import pages, peers
from sandbox.mtproto.rpc import Caller, RpcError, method

MOST = 100


@method(messages.GetHistoryRequest)
def get_history(caller: Caller, request: messages.GetHistoryRequest) -> bytes:
    chat = peers.chat_of(caller, request.peer)
    if chat is None:
        return pages.messages()
    ids = page_ids(
        chat,
        offset_id=request.offset_id,
        offset_date=request.offset_date,
        add_offset=request.add_offset,
        limit=request.limit,
        max_id=request.max_id,
        min_id=request.min_id,
    )
    return pages.channel_messages(caller, chat, ids, count=chat.count)


def page_ids(
    chat: Chat,
    *,
    offset_id: int,
    offset_date: datetime | None,
    add_offset: int,
    limit: int,
    max_id: int,
    min_id: int,
) -> list[int]:
    """Newest first. The page begins below `offset_id` (or before `offset_date`), moved by
    `add_offset` towards older messages; `max_id` and `min_id` only sift what is on it."""
    ids = chat.ids()
    below = len(ids)
    if offset_id > 0:
        below = chat.rank(offset_id)
    elif offset_date is not None and (since := int(offset_date.timestamp())) > 0:
        below = chat.rank(chat.first_id_since(since))
    newest = below - add_offset
    oldest = newest - max(0, min(limit, MOST))
    page = ids[max(0, oldest) : max(0, newest)][::-1]
    return [
        message_id
        for message_id in page
        if (max_id <= 0 or message_id < max_id) and message_id > min_id
    ]


@method(channels.GetMessagesRequest)
def get_channel_messages(caller: Caller, request: channels.GetMessagesRequest) -> bytes:
    chat = peers.chat_of(caller, request.channel)
    if chat is None:
        raise RpcError(400, "CHANNEL_INVALID")
    wanted = _ids(request.id)
    return pages.channel_messages(caller, chat, wanted, count=len(wanted))


@method(messages.GetMessagesRequest)
def get_messages(caller: Caller, request: messages.GetMessagesRequest) -> bytes:
    wanted = _ids(request.id)
    caller.call.items = len(wanted)
    return pages.messages(wanted)


def _ids(wanted: list[types.TypeInputMessage]) -> list[int]:
    """Only ids of messages themselves are understood. Raises RpcError."""
    if not wanted:
        raise RpcError(400, "MESSAGE_IDS_EMPTY")
    if not all(isinstance(one, types.InputMessageID) for one in wanted):
        raise RpcError(400, "MSG_ID_INVALID")
    return [one.id for one in wanted[:MOST]]
