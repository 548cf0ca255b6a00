"""Supergroups and broadcast channels as a whole."""

from telethon.tl import types
from telethon.tl.functions import channels

from sandbox.box import Peer
from sandbox.chat import Chat, ChatKind
from sandbox.mtproto import peers
from sandbox.mtproto.rpc import Caller, method


@method(channels.GetChannelsRequest)
def get_channels(caller: Caller, request: channels.GetChannelsRequest) -> bytes:
    wanted = dict.fromkeys(peers.chat_of(caller, one).id for one in request.id)
    head = types.messages.Chats.CONSTRUCTOR_ID.to_bytes(4, "little")
    return head + peers.channels(caller, wanted)


@method(channels.GetFullChannelRequest)
def get_full_channel(caller: Caller, request: channels.GetFullChannelRequest) -> bytes:
    chat = peers.chat_of(caller, request.channel)
    head = types.messages.ChatFull.CONSTRUCTOR_ID.to_bytes(4, "little")
    named = [one for one in (chat.id, chat.linked_id, chat.migrated_from) if one]
    described = peers.channels(caller, dict.fromkeys(named)) + peers.users(caller, set())
    return head + bytes(_full(caller, chat)) + described


def _full(caller: Caller, chat: Chat) -> types.ChannelFull:
    world, account = caller.world, caller.me.id
    inside = world.joined(account, chat.id)
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
        hidden_prehistory=chat.entrance.hidden_history or None,
        available_min_id=world.first_readable(account, chat) or None,
        linked_chat_id=chat.linked_id,
        migrated_from_chat_id=chat.migrated_from,
        migrated_from_max_id=_last_before(caller, chat),
    )


def _last_before(caller: Caller, chat: Chat) -> int | None:
    """The last message of the basic group that the chat was, as the account counts it."""
    if chat.migrated_from is None:
        return None
    ids = caller.world.box(caller.me.id).ids(Peer("chat", chat.migrated_from))
    return ids[-1] if ids else 0
