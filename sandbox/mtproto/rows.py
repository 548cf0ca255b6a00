"""Rows of an account's list of chats: channels and supergroups, basic groups, private chats."""

from collections.abc import Sequence
from typing import NamedTuple

from telethon.tl import types

from sandbox import tl
from sandbox.box import Peer
from sandbox.chat import Chat, Written
from sandbox.mtproto import peers
from sandbox.mtproto.rpc import Caller


class Row(NamedTuple):
    """`pts`: of channels alone. `top`: the newest message that is left, if there is one."""

    peer: types.TypePeer
    peer_id: int
    date: int
    top_id: int
    top: Written | None
    pts: int | None

    @property
    def place(self) -> tuple[int, int]:
        """The newest come first."""
        return self.date, self.peer_id

    def dialog(self) -> types.Dialog:
        return types.Dialog(
            peer=self.peer,
            top_message=self.top_id,
            read_inbox_max_id=self.top_id,
            read_outbox_max_id=0,
            unread_count=0,
            unread_mentions_count=0,
            unread_reactions_count=0,
            unread_poll_votes_count=0,
            notify_settings=types.PeerNotifySettings(),
            pts=self.pts,
        )


def of_chat(chat: Chat) -> Row:
    top = chat.top_id
    peer = types.PeerChannel(chat.id)
    return Row(peer, chat.id, chat.date(top), top, chat.written(top), chat.pts)


def of_box(caller: Caller, there: Peer) -> Row:
    box = caller.world.box(caller.me.id)
    ids = box.ids(there)
    top = ids[-1] if ids else 0
    peer = types.PeerChat(there.id) if there.kind == "chat" else types.PeerUser(there.id)
    return Row(peer, there.id, box.date(top) if top else 0, top, box.written(top), None)


def of_account(caller: Caller) -> list[Row]:
    """The newest first. A group that was left stays as long as something of it is there."""
    box = caller.world.box(caller.me.id)
    rows = [of_chat(chat) for chat in caller.world.chats_of(caller.me.id)]
    rows += [of_box(caller, there) for there in box.peers()]
    return sorted(rows, key=lambda row: row.place, reverse=True)


def body(caller: Caller, rows: Sequence[Row]) -> bytes:
    """What all answers share: dialogs, messages, chats, users."""
    tops = [row.top for row in rows if row.top is not None]
    users = dict.fromkeys(row.peer_id for row in rows if isinstance(row.peer, types.PeerUser))
    users |= dict.fromkeys(user for top in tops for user in top.users)
    chats = dict.fromkeys(row.peer_id for row in rows if not isinstance(row.peer, types.PeerUser))
    chats |= dict.fromkeys(other for top in tops for other in top.channels)
    return b"".join(
        (
            tl.vector([bytes(row.dialog()) for row in rows]),
            tl.vector([top.raw for top in tops]),
            peers.channels(caller, chats),
            peers.users(caller, users),
        )
    )
