"""The state of updates. The world stands still, so every difference is empty."""

from datetime import UTC, datetime

from telethon.tl import types
from telethon.tl.functions import updates

from sandbox.mtproto import peers
from sandbox.mtproto.rpc import Caller, RpcError, method

PTS = 1


@method(updates.GetStateRequest)
def get_state(caller: Caller, _request: updates.GetStateRequest) -> types.updates.State:
    now = datetime.fromtimestamp(int(caller.door.now()), UTC)
    return types.updates.State(pts=PTS, qts=0, date=now, seq=0, unread_count=0)


@method(updates.GetDifferenceRequest)
def get_difference(
    caller: Caller,
    _request: updates.GetDifferenceRequest,
) -> types.updates.DifferenceEmpty:
    now = datetime.fromtimestamp(int(caller.door.now()), UTC)
    return types.updates.DifferenceEmpty(date=now, seq=0)


@method(updates.GetChannelDifferenceRequest)
def get_channel_difference(
    caller: Caller, request: updates.GetChannelDifferenceRequest
) -> types.updates.ChannelDifferenceEmpty:
    chat = peers.chat_of(caller, request.channel)
    if chat is None:
        raise RpcError(400, "CHANNEL_INVALID")
    return types.updates.ChannelDifferenceEmpty(pts=chat.pts, final=True, timeout=30)
