"""Messages as a request names them: by their id, as what another one answers, as the pinned one."""

from collections.abc import Callable, Sequence

from telethon.extensions import BinaryReader
from telethon.tl import TLObject, types

from sandbox.chat import Chat, Written
from sandbox.mtproto.paging import MOST
from sandbox.mtproto.rpc import RpcError

_SERVICE = types.MessageService.CONSTRUCTOR_ID.to_bytes(4, "little")
_LOOKED_AT = 1_000
"""Newest messages among which the pinned one is told of."""

Find = Callable[[int], Written | None]


def ids(
    wanted: Sequence[TLObject], find: Find, pinned: Callable[[], int] | None = None
) -> list[int]:
    """The id of each; 0 for one that is not there. `pinned`: where a message can be pinned. Raises
    RpcError."""
    if not wanted:
        raise RpcError(400, "MESSAGE_IDS_EMPTY")
    return [_id(one, find, pinned) for one in wanted[:MOST]]


def pinned_in(chat: Chat) -> int:
    """The id of the message that was pinned last, 0 when none was lately."""
    for message_id in chat.ids()[: -_LOOKED_AT - 1 : -1]:
        written = chat.written(message_id)
        if written is None or written.raw[:4] != _SERVICE:
            continue
        message = _read(written)
        if isinstance(message.action, types.MessageActionPinMessage):
            return _answered(message)
    return 0


def _id(one: TLObject, find: Find, pinned: Callable[[], int] | None) -> int:
    if isinstance(one, types.InputMessageID):
        return int(one.id)
    if isinstance(one, types.InputMessageReplyTo):
        written = find(one.id)
        return _answered(_read(written)) if written is not None else 0
    if isinstance(one, types.InputMessagePinned) and pinned is not None:
        return pinned()
    raise RpcError(400, "MSG_ID_INVALID")


def _answered(message: TLObject) -> int:
    """The id of the message of the same chat that this one answers, or 0."""
    header = getattr(message, "reply_to", None)
    if getattr(header, "reply_to_peer_id", None) is not None:
        return 0
    return int(getattr(header, "reply_to_msg_id", None) or 0)


def _read(written: Written) -> TLObject:
    with BinaryReader(written.raw) as reader:
        return reader.tgread_object()
