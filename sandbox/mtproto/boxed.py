"""Answers that hold messages of an account's own box."""

from collections.abc import Sequence

from telethon.tl import TLObject, types

from sandbox import tl
from sandbox.box import Peer
from sandbox.chat import Written
from sandbox.mtproto import pages, peers
from sandbox.mtproto.paging import ranks
from sandbox.mtproto.rpc import Caller

_ALL = types.messages.Messages.CONSTRUCTOR_ID.to_bytes(4, "little")
_SLICE = types.messages.MessagesSlice.CONSTRUCTOR_ID.to_bytes(4, "little")
_NOTHING = tl.vector(())


def history(caller: Caller, peer: Peer, request: TLObject) -> bytes:
    """A page of what was said with `peer`."""
    if caller.door.faults.scenery.page_is_empty(caller.me.id, peer.id):
        return messages(caller, (), count=0)
    read = caller.world.box(caller.me.id).reading(peer)
    oldest, newest = ranks(read, request)
    return messages(caller, read.page(oldest, newest), count=read.count)


def by_ids(caller: Caller, wanted: Sequence[int]) -> bytes:
    """Those that are not there as `messageEmpty`."""
    box = caller.world.box(caller.me.id)
    found = [box.written(one) or _empty(one) for one in wanted]
    return messages(caller, found, count=len(found))


def messages(caller: Caller, found: Sequence[Written], *, count: int) -> bytes:
    """`messages.messages`, or a slice of `count`, with everybody whom they name."""
    caller.call.items = len(found)
    users = dict.fromkeys([user for one in found for user in one.users])
    chats = dict.fromkeys([chat for one in found for chat in one.channels])
    return b"".join(
        (
            _ALL if len(found) >= count else _SLICE + tl.two_integers(0, count),
            tl.vector([one.raw for one in found]),
            _NOTHING,
            peers.channels(caller, chats),
            peers.users(caller, users),
        )
    )


def _empty(message_id: int) -> Written:
    return Written(pages.EMPTY + tl.two_integers(0, message_id), (), ())
