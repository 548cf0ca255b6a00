"""The state of updates, and what somebody missed."""

from datetime import UTC, datetime

from telethon.tl import types
from telethon.tl.functions import updates

from sandbox import tl
from sandbox.chat import Chat, Written
from sandbox.ledger import Happened, Kind
from sandbox.mtproto import news, peers, rows
from sandbox.mtproto.rpc import Caller, RpcError, method

MOST_EVENTS = 100
MOST_CHANNEL_EVENTS = 100
TIMEOUT_SECONDS = 30
_DIFFERENCE = types.updates.Difference.CONSTRUCTOR_ID.to_bytes(4, "little")
_SLICE = types.updates.DifferenceSlice.CONSTRUCTOR_ID.to_bytes(4, "little")
_OF_CHANNEL = types.updates.ChannelDifference.CONSTRUCTOR_ID.to_bytes(4, "little")
_TOO_LONG = types.updates.ChannelDifferenceTooLong.CONSTRUCTOR_ID.to_bytes(4, "little")
_FINAL, _WITH_TIMEOUT = 1, 2


@method(updates.GetStateRequest)
def getstate_of(caller: Caller, _request: updates.GetStateRequest) -> types.updates.State:
    return state_of(caller, caller.world.box(caller.me.id).ledger.pts)


@method(updates.GetDifferenceRequest)
def get_difference(caller: Caller, request: updates.GetDifferenceRequest) -> object:
    """What happened in the account's box, and which of its channels moved since `date`."""
    box = caller.world.box(caller.me.id)
    if request.pts <= 0:
        raise RpcError(400, "PERSISTENT_TIMESTAMP_EMPTY")
    events = box.ledger.since(request.pts)
    too_many = request.pts_total_limit and events and len(events) > request.pts_total_limit
    if events is None or too_many or caller.door.faults.updates.is_too_long(caller.me.id, None):
        return types.updates.DifferenceTooLong(pts=box.ledger.pts)
    page, whole = events[:MOST_EVENTS], len(events) <= MOST_EVENTS
    moved = _moved(caller, request.date) if whole else []
    if not page and not moved:
        return types.updates.DifferenceEmpty(date=_now(caller), seq=0)
    there = {one: box.written(one) for event in page for one in event.ids}
    new = [there[event.ids[0]] for event in page if event.kind is Kind.NEW]
    fresh = [one for one in new if one is not None]
    named = [one for one in there.values() if one is not None]
    other = [
        news.in_box(event, there[event.ids[0]]) for event in page if event.kind is not Kind.NEW
    ]
    users = dict.fromkeys(user for one in named for user in one.users)
    channels = dict.fromkeys(channel for one in named for channel in one.channels)
    channels |= dict.fromkeys(chat.id for chat in moved)
    caller.call.items = len(fresh)
    return b"".join(
        (
            _DIFFERENCE if whole else _SLICE,
            tl.vector([one.raw for one in fresh]),
            tl.vector(()),
            tl.vector([*other, *(bytes(news.too_long(chat)) for chat in moved)]),
            peers.channels(caller, channels),
            peers.users(caller, users),
            bytes(state_of(caller, box.ledger.pts if whole else page[-1].pts)),
        )
    )


@method(updates.GetChannelDifferenceRequest)
def get_channel_difference(caller: Caller, request: updates.GetChannelDifferenceRequest) -> object:
    chat = peers.chat_of(caller, request.channel)
    if chat is None:
        raise RpcError(400, "CHANNEL_INVALID")
    if request.pts <= 0:
        raise RpcError(400, "PERSISTENT_TIMESTAMP_EMPTY")
    events = chat.ledger.since(request.pts)
    if events is None or caller.door.faults.updates.is_too_long(caller.me.id, chat.id):
        return _channel_too_long(caller, chat)
    if not events:
        return types.updates.ChannelDifferenceEmpty(
            pts=chat.pts, final=True, timeout=TIMEOUT_SECONDS
        )
    page = events[: max(1, min(request.limit, MOST_CHANNEL_EVENTS))]
    return _channel_difference(caller, chat, page, final=len(page) == len(events))


def _channel_difference(
    caller: Caller, chat: Chat, events: list[Happened], *, final: bool
) -> bytes:
    """A message that was new and then edited or deleted is there as it reads now, or not at all."""
    there = {one: chat.written(one) for event in events for one in event.ids}
    found = [there[event.ids[0]] for event in events if event.kind is Kind.NEW]
    fresh = [one for one in found if one is not None]
    named = [one for one in there.values() if one is not None]
    other = [
        news.in_channel(chat, event, there[event.ids[0]])
        for event in events
        if event.kind is Kind.DELETED or (event.kind is Kind.EDITED and there[event.ids[0]])
    ]
    users, channels = _named(chat, named)
    caller.call.items = len(fresh)
    return b"".join(
        (
            _OF_CHANNEL,
            tl.two_integers(_WITH_TIMEOUT | (_FINAL if final else 0), events[-1].pts),
            tl.integer(TIMEOUT_SECONDS),
            tl.vector([one.raw for one in fresh]),
            tl.vector(other),
            peers.channels(caller, channels),
            peers.users(caller, users),
        )
    )


def _channel_too_long(caller: Caller, chat: Chat) -> bytes:
    """The chat's dialog with its newest messages: what lies between is for the client to find."""
    newest = chat.page(max(0, chat.count - 20), chat.count)
    users, channels = _named(chat, newest)
    return b"".join(
        (
            _TOO_LONG,
            tl.integer(_FINAL | _WITH_TIMEOUT),
            tl.integer(TIMEOUT_SECONDS),
            bytes(rows.of_chat(chat).dialog()),
            tl.vector([one.raw for one in newest]),
            peers.channels(caller, channels),
            peers.users(caller, users),
        )
    )


def _named(chat: Chat, found: list[Written]) -> tuple[dict[int, None], dict[int, None]]:
    users = dict.fromkeys(user for one in found for user in one.users)
    channels = dict.fromkeys([chat.id])
    return users, channels | dict.fromkeys(other for one in found for other in one.channels)


def _moved(caller: Caller, since: datetime | None) -> list[Chat]:
    """The account's channels in which something happened since then."""
    moment = since.timestamp() if since is not None else 0.0
    mine = caller.world.chats_of(caller.me.id)
    return [chat for chat in mine if chat.ledger.moved_at >= moment and chat.ledger.moved_at]


def state_of(caller: Caller, pts: int) -> types.updates.State:
    """`pts`: of the account's box."""
    return types.updates.State(pts=pts, qts=0, date=_now(caller), seq=0, unread_count=0)


def _now(caller: Caller) -> datetime:
    return datetime.fromtimestamp(int(caller.door.now()), UTC)
