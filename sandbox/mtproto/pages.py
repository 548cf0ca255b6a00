"""Answers that hold messages, spliced from bytes that are already serialized."""

from collections.abc import Sequence

from telethon.tl import types

from sandbox import tl
from sandbox.chat import Chat, ChatKind, Written
from sandbox.mtproto import peers, topics
from sandbox.mtproto.rpc import Caller

_CHANNEL_MESSAGES = types.messages.ChannelMessages.CONSTRUCTOR_ID.to_bytes(4, "little")
EMPTY = types.MessageEmpty.CONSTRUCTOR_ID.to_bytes(4, "little")
_NOTHING = tl.vector(())


def channel_messages(caller: Caller, chat: Chat, found: Sequence[Written], *, count: int) -> bytes:
    """`messages.channelMessages`, with everybody whom the messages name, and a forum's topics."""
    users = dict.fromkeys([user for written in found for user in written.users])
    described = _NOTHING
    if chat.kind is ChatKind.FORUM and found:
        there = [written for written in found if written.raw[:4] != EMPTY]
        users.setdefault(topics.founder(chat))
        inside = caller.world.joined(caller.me.id, chat.id)
        described = topics.of_page(chat, there, inside=inside)
    channels = dict.fromkeys([chat.id])
    channels.update(dict.fromkeys([one for written in found for one in written.channels]))
    caller.call.items = len(found)
    return b"".join(
        (
            _CHANNEL_MESSAGES,
            tl.integer(0),
            tl.integer(chat.pts),
            tl.integer(count),
            tl.vector([written.raw for written in found]),
            described,
            peers.channels(caller, channels),
            peers.users(caller, users),
        )
    )


def empty_in(chat: Chat, message_id: int) -> Written:
    """What stands for a message of this chat that is gone."""
    return Written(EMPTY + tl.two_integers(1, message_id) + tl.peer_channel(chat.id), (), ())
