"""The list of chats that an account is in, and a look at many chats at once."""

from telethon import utils
from telethon.tl import types
from telethon.tl.functions import messages

from sandbox import tl
from sandbox.mtproto import peers, rows
from sandbox.mtproto.methods.updates import state_of
from sandbox.mtproto.rpc import Caller, RpcError, method

MOST = 100
_ALL = types.messages.Dialogs.CONSTRUCTOR_ID.to_bytes(4, "little")
_SLICE = types.messages.DialogsSlice.CONSTRUCTOR_ID.to_bytes(4, "little")
_CHOSEN = types.messages.PeerDialogs.CONSTRUCTOR_ID.to_bytes(4, "little")


@method(messages.GetDialogsRequest)
def get_dialogs(caller: Caller, request: messages.GetDialogsRequest) -> bytes:
    """The chat with the newest message first. A page begins behind (`offset_date`,
    `offset_peer`): a chat that moved up since then is on no later page."""
    mine = rows.of_account(caller)
    if request.folder_id:
        mine = []
    left = [row for row in mine if _is_after(request, row)]
    page = left[: max(1, min(request.limit or MOST, MOST))]
    caller.call.items = len(page)
    whole = len(page) == len(mine)
    head = _ALL if whole else _SLICE + tl.integer(len(mine))
    return head + rows.body(caller, page)


@method(messages.GetPeerDialogsRequest)
def get_peer_dialogs(caller: Caller, request: messages.GetPeerDialogsRequest) -> bytes:
    """Newest message and state of up to 100 chats; one that cannot be seen fails the call."""
    if not 1 <= len(request.peers) <= MOST:
        raise RpcError(400, "INPUT_PEERS_EMPTY" if not request.peers else "LIMIT_INVALID")
    found = [_chosen(caller, wanted) for wanted in request.peers]
    caller.call.items = len(found)
    pts = caller.world.box(caller.me.id).ledger.pts
    return _CHOSEN + rows.body(caller, found) + bytes(state_of(caller, pts))


@method(messages.GetPinnedDialogsRequest)
def get_pinned_dialogs(
    caller: Caller,
    _request: messages.GetPinnedDialogsRequest,
) -> types.messages.PeerDialogs:
    state = state_of(caller, caller.world.box(caller.me.id).ledger.pts)
    return types.messages.PeerDialogs(dialogs=[], messages=[], chats=[], users=[], state=state)


def _chosen(caller: Caller, wanted: types.TypeInputDialogPeer) -> rows.Row:
    if not isinstance(wanted, types.InputDialogPeer):
        raise RpcError(400, "PEER_ID_INVALID")
    there = peers.box_peer(caller, wanted.peer)
    if there is not None:
        return rows.of_box(caller, there)
    chat = peers.chat_of(caller, wanted.peer)
    if chat is None:
        raise RpcError(400, "PEER_ID_INVALID")
    return rows.of_chat(chat)


def _is_after(request: messages.GetDialogsRequest, row: rows.Row) -> bool:
    if request.offset_date is None or not int(request.offset_date.timestamp()):
        return True
    offset = int(request.offset_date.timestamp())
    if isinstance(request.offset_peer, types.InputPeerEmpty):
        return row.date < offset
    last = utils.get_peer_id(request.offset_peer, add_mark=False)
    return row.place < (offset, last)
