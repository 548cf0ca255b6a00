"""The list of chats that an account is in."""

from telethon.tl import types
from telethon.tl.functions import messages

from sandbox import tl
from sandbox.chat import Chat
from sandbox.mtproto import peers
from sandbox.mtproto.rpc import Caller, method

MOST = 100
_ALL = types.messages.Dialogs.CONSTRUCTOR_ID.to_bytes(4, "little")
_SLICE = types.messages.DialogsSlice.CONSTRUCTOR_ID.to_bytes(4, "little")


@method(messages.GetDialogsRequest)
def get_dialogs(caller: Caller, request: messages.GetDialogsRequest) -> bytes:
    """The chat with the newest message first."""
    mine = sorted(caller.world.chats_of(caller.me.id), key=_newest, reverse=True)
    left = [chat for chat in mine if _is_after(caller, request, chat)]
    page = left[: max(1, min(request.limit or MOST, MOST))]
    written = [(chat, chat.written(chat.top_id)) for chat in page]
    users = dict.fromkeys(user for _, top in written if top for user in top.users)
    channels = dict.fromkeys(chat.id for chat in page)
    channels |= dict.fromkeys(other for _, top in written if top for other in top.channels)
    whole = len(page) == len(mine)
    return b"".join(
        (
            _ALL if whole else _SLICE + tl.integer(len(mine)),
            tl.vector([bytes(_dialog(chat)) for chat in page]),
            tl.vector([top.raw for _, top in written if top]),
            peers.channels(caller, channels),
            peers.users(caller, users),
        )
    )


@method(messages.GetPinnedDialogsRequest)
def get_pinned_dialogs(
    _caller: Caller,
    _request: messages.GetPinnedDialogsRequest,
) -> types.messages.PeerDialogs:
    state = types.updates.State(pts=1, qts=0, date=None, seq=0, unread_count=0)
    return types.messages.PeerDialogs(dialogs=[], messages=[], chats=[], users=[], state=state)


def _newest(chat: Chat) -> tuple[int, int]:
    return chat.date(chat.top_id), chat.id


def _is_after(caller: Caller, request: messages.GetDialogsRequest, chat: Chat) -> bool:
    if request.offset_date is None or not int(request.offset_date.timestamp()):
        return True
    offset = int(request.offset_date.timestamp())
    if isinstance(request.offset_peer, types.InputPeerChannel):
        last = peers.chat_of(caller, request.offset_peer)
        return _newest(chat) < (offset, last.id if last else 0)
    return _newest(chat)[0] < offset


def _dialog(chat: Chat) -> types.Dialog:
    return types.Dialog(
        peer=types.PeerChannel(chat.id),
        top_message=chat.top_id,
        read_inbox_max_id=chat.top_id,
        read_outbox_max_id=0,
        unread_count=0,
        unread_mentions_count=0,
        unread_reactions_count=0,
        unread_poll_votes_count=0,
        notify_settings=types.PeerNotifySettings(),
        pts=chat.pts,
    )
