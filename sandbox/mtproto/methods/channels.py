"""Supergroups and broadcast channels as a whole."""

from telethon.tl import types
from telethon.tl.functions import channels, messages

from sandbox.chat import Chat, ChatKind
from sandbox.mtproto import peers
from sandbox.mtproto.rpc import Caller, RpcError, method


@method(channels.GetChannelsRequest)
def get_channels(caller: Caller, request: channels.GetChannelsRequest) -> bytes:
    wanted = dict.fromkeys(_chat(caller, one).id for one in request.id)
    head = types.messages.Chats.CONSTRUCTOR_ID.to_bytes(4, "little")
    return head + peers.channels(caller, wanted)


@method(channels.GetFullChannelRequest)
def get_full_channel(caller: Caller, request: channels.GetFullChannelRequest) -> bytes:
    chat = _chat(caller, request.channel)
    head = types.messages.ChatFull.CONSTRUCTOR_ID.to_bytes(4, "little")
    described = peers.channels(caller, {chat.id}) + peers.users(caller, set())
    return head + bytes(_full(caller, chat)) + described


@method(messages.GetFullChatRequest)
def get_full_chat(_caller: Caller, _request: messages.GetFullChatRequest) -> bytes:
    """There are no basic groups."""
    raise RpcError(400, "CHAT_ID_INVALID")


@method(messages.GetChatsRequest)
def get_chats(_caller: Caller, _request: messages.GetChatsRequest) -> bytes:
    raise RpcError(400, "CHAT_ID_INVALID")


def _chat(caller: Caller, channel: types.TypeInputChannel) -> Chat:
    chat = peers.chat_of(caller, channel)
    if chat is None:
        raise RpcError(400, "CHANNEL_INVALID")
    return chat


def _full(caller: Caller, chat: Chat) -> types.ChannelFull:
    inside = caller.world.joined(caller.me.id, chat.id)
    return types.ChannelFull(
        id=chat.id,
        about=chat.about,
        read_inbox_max_id=chat.top_id if inside else 0,
        read_outbox_max_id=0,
        unread_count=0,
        chat_photo=types.PhotoEmpty(id=0),
        notify_settings=types.PeerNotifySettings(),
        bot_info=[],
        pts=chat.pts,
        participants_count=chat.members,
        online_count=None if chat.kind is ChatKind.CHANNEL else chat.members // 20,
        can_view_participants=None if chat.kind is ChatKind.CHANNEL else True,
        can_set_stickers=None,
    )
