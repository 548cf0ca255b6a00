"""Reading what was said."""

from datetime import datetime

from telethon.tl import types
from telethon.tl.functions import channels, messages

from sandbox.chat import Chat
from sandbox.mtproto import pages, peers
from sandbox.mtproto.blanks import BlankedChat
from sandbox.mtproto.rpc import Caller, RpcError, method

MOST = 100


@method(messages.GetHistoryRequest)
def get_history(caller: Caller, request: messages.GetHistoryRequest) -> bytes:
    chat = peers.chat_of(caller, request.peer)
    if chat is None:
        return pages.messages()
    scenery = caller.door.faults.scenery
    if scenery.page_is_empty(caller.me.id, chat.id):
        return pages.channel_messages(caller, chat, (), count=chat.count)
    blanks = scenery.blanks(caller.me.id, chat.id)
    read = BlankedChat(chat, blanks) if blanks else chat
    oldest, newest = ranks(
        read,
        offset_id=request.offset_id,
        offset_date=request.offset_date,
        add_offset=request.add_offset,
        limit=request.limit,
        max_id=request.max_id,
        min_id=request.min_id,
    )
    return pages.channel_messages(caller, chat, read.page(oldest, newest), count=chat.count)


def ranks(
    chat: Chat | BlankedChat,
    *,
    offset_id: int,
    offset_date: datetime | None,
    add_offset: int,
    limit: int,
    max_id: int,
    min_id: int,
) -> tuple[int, int]:
    """The page as ranks: (oldest, above the newest). It begins below `offset_id` (or before
    `offset_date`), moved by `add_offset` towards older messages; `max_id` and `min_id` only
    sift what is on it."""
    newest = chat.count
    if offset_id > 0:
        newest = chat.rank(offset_id)
    elif offset_date is not None and (since := int(offset_date.timestamp())) > 0:
        newest = chat.rank(chat.first_id_since(since))
    newest -= add_offset
    oldest = max(0, newest - max(0, min(limit, MOST)))
    newest = max(0, min(newest, chat.count))
    if max_id > 0:
        newest = min(newest, chat.rank(max_id))
    if min_id > 0:
        oldest = max(oldest, chat.rank(min_id + 1))
    return oldest, newest


@method(channels.GetMessagesRequest)
def get_channel_messages(caller: Caller, request: channels.GetMessagesRequest) -> bytes:
    chat = peers.chat_of(caller, request.channel)
    if chat is None:
        raise RpcError(400, "CHANNEL_INVALID")
    blanks = caller.door.faults.scenery.blanks(caller.me.id, chat.id)
    read = BlankedChat(chat, blanks)
    found = [read.written(message_id) for message_id in _ids(request.id)]
    return pages.channel_messages(caller, chat, found, count=len(found))


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
