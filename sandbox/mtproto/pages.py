"""Answers that hold messages, spliced from bytes that are already serialized."""

from collections.abc import Iterable

from telethon.tl import types

from sandbox import tl
from sandbox.chat import Chat
from sandbox.mtproto import peers
from sandbox.mtproto.rpc import Caller

_CHANNEL_MESSAGES = types.messages.ChannelMessages.CONSTRUCTOR_ID.to_bytes(4, "little")
_MESSAGES = types.messages.Messages.CONSTRUCTOR_ID.to_bytes(4, "little")
_EMPTY = types.MessageEmpty.CONSTRUCTOR_ID.to_bytes(4, "little")
_NOTHING = tl.vector(())


def channel_messages(caller: Caller, chat: Chat, ids: Iterable[int], *, count: int) -> bytes:
    """`messages.channelMessages`: `ids` in their order, `messageEmpty` for those that are gone."""
    raws: list[bytes] = []
    users: dict[int, None] = {}
    channels: dict[int, None] = {chat.id: None}
    for message_id in ids:
        written = chat.written(message_id)
        if written is None:
            raws.append(empty_message(message_id, chat))
            continue
        raws.append(written.raw)
        for user_id in written.users:
            users[user_id] = None
        for channel_id in written.channels:
            channels[channel_id] = None
    caller.call.items = len(raws)
    return b"".join(
        (
            _CHANNEL_MESSAGES,
            tl.integer(0),
            tl.integer(chat.pts),
            tl.integer(count),
            tl.vector(raws),
            _NOTHING,
            peers.channels(caller, channels),
            peers.users(caller, users),
        )
    )


def messages(empty_ids: Iterable[int] = ()) -> bytes:
    """`messages.messages` of a box in which nothing is left."""
    empties = [empty_message(message_id, None) for message_id in empty_ids]
    return _MESSAGES + tl.vector(empties) + _NOTHING * 3


def empty_message(message_id: int, chat: Chat | None) -> bytes:
    if chat is None:
        return _EMPTY + tl.integer(0) + tl.integer(message_id)
    return _EMPTY + tl.integer(1) + tl.integer(message_id) + tl.peer_channel(chat.id)
