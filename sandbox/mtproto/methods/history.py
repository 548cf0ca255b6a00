"""Reading what was said."""

from telethon.tl.functions import channels, messages

from sandbox.chat import Chat
from sandbox.mtproto import boxed, named, pages, peers
from sandbox.mtproto.blanks import BlankedChat
from sandbox.mtproto.paging import ranks
from sandbox.mtproto.rpc import Caller, method
from sandbox.reading import Reading


@method(messages.GetHistoryRequest)
def get_history(caller: Caller, request: messages.GetHistoryRequest) -> bytes:
    correspondent = peers.box_peer(caller, request.peer)
    if correspondent is not None:
        return boxed.history(caller, correspondent, request)
    chat = peers.chat_of(caller, request.peer)
    scenery = caller.door.faults.scenery
    if scenery.page_is_empty(caller.me.id, chat.id):
        return pages.channel_messages(caller, chat, (), count=chat.count)
    blanks = scenery.blanks(caller.me.id, chat.id)
    seen = visible(caller, chat)
    read = BlankedChat(chat, blanks) if blanks else seen
    oldest, newest = ranks(read, request)
    return pages.channel_messages(caller, chat, read.page(oldest, newest), count=seen.count)


@method(channels.GetMessagesRequest)
def get_channel_messages(caller: Caller, request: channels.GetMessagesRequest) -> bytes:
    chat = peers.chat_of(caller, request.channel)
    blanks = caller.door.faults.scenery.blanks(caller.me.id, chat.id)
    read, hidden = BlankedChat(chat, blanks), caller.world.first_readable(caller.me.id, chat)
    wanted = named.ids(
        request.id,
        lambda one: chat.written(one) if one > hidden else None,
        lambda: named.pinned_in(chat),
    )
    found = [read.written(one) if one > hidden else pages.empty_in(chat, one) for one in wanted]
    return pages.channel_messages(caller, chat, found, count=len(found))


@method(messages.GetMessagesRequest)
def get_messages(caller: Caller, request: messages.GetMessagesRequest) -> bytes:
    return boxed.by_ids(caller, named.ids(request.id, caller.world.box(caller.me.id).written))


def visible(caller: Caller, chat: Chat) -> Chat | Reading:
    """The chat without what was said before the account may read it."""
    hidden = caller.world.first_readable(caller.me.id, chat)
    if not hidden:
        return chat
    return Reading(chat.ids()[chat.rank(hidden + 1) :], chat.written, chat.date)
