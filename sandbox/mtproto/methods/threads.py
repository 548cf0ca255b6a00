"""Topics of forums, and comments on a channel's posts."""

from telethon.tl import types
from telethon.tl.functions import messages

from sandbox import threads, tl
from sandbox.chat import Chat, ChatKind
from sandbox.mtproto import pages, peers, topics
from sandbox.mtproto.paging import MOST, ranks
from sandbox.mtproto.rpc import Caller, RpcError, method
from sandbox.reading import Reading

_TOPICS = types.messages.ForumTopics.CONSTRUCTOR_ID.to_bytes(4, "little")
_DISCUSSION = types.messages.DiscussionMessage.CONSTRUCTOR_ID.to_bytes(4, "little")
_WITH_MAX_ID = 1


@method(messages.GetForumTopicsRequest)
def get_forum_topics(caller: Caller, request: messages.GetForumTopicsRequest) -> bytes:
    """The topic with the newest message first; a page begins after `offset_topic`."""
    chat = _forum(caller, request.peer)
    words = (request.q or "").lower()
    found = [one for one in _ordered(chat) if words in topics.title(chat, one).lower()]
    after = found.index(request.offset_topic) + 1 if request.offset_topic in found else 0
    limit = max(1, min(request.limit or MOST, MOST))
    return _described(caller, chat, found[after : after + limit], count=len(found))


@method(messages.GetForumTopicsByIDRequest)
def get_forum_topics_by_id(caller: Caller, request: messages.GetForumTopicsByIDRequest) -> bytes:
    chat = _forum(caller, request.peer)
    found = [one for one in request.topics if one in chat.newest_of_topics]
    return _described(caller, chat, found, count=len(found))


@method(messages.GetRepliesRequest)
def get_replies(caller: Caller, request: messages.GetRepliesRequest) -> bytes:
    """Of a forum's topic; of a channel's post, or the message that stands for it in the group:
    what comes back then is the group's."""
    chat = peers.chat_of(caller, request.peer)
    if chat.kind is ChatKind.FORUM:
        there, ids = chat, threads.topic(chat, request.msg_id)
        if not ids:
            raise RpcError(400, "TOPIC_ID_INVALID")
    else:
        root_id = _root(chat, request.msg_id)
        there = chat.discussion.group
        ids = chat.discussion.comments(root_id)
    read = Reading(ids, there.written, there.date)
    oldest, newest = ranks(read, request)
    return pages.channel_messages(caller, there, read.page(oldest, newest), count=read.count)


@method(messages.GetDiscussionMessageRequest)
def get_discussion_message(caller: Caller, request: messages.GetDiscussionMessageRequest) -> bytes:
    """The group's message under which the comments on a post are."""
    chat = peers.chat_of(caller, request.peer)
    root_id = _root(chat, request.msg_id)
    group = chat.discussion.group
    comments, written = chat.discussion.comments(root_id), group.written(root_id)
    if written is None:
        raise RpcError(400, "MSG_ID_INVALID")
    named = dict.fromkeys((group.id, *written.channels))
    return b"".join(
        (
            _DISCUSSION,
            tl.integer(_WITH_MAX_ID if comments else 0),
            tl.vector([written.raw]),
            tl.integer(comments[-1]) if comments else b"",
            tl.integer(0),
            peers.channels(caller, named),
            peers.users(caller, dict.fromkeys(written.users)),
        )
    )


def _root(chat: Chat, message_id: int) -> int:
    """The group's message that stands for a post. Raises RpcError."""
    discussion = chat.discussion
    if discussion is None:
        raise RpcError(400, "MSG_ID_INVALID")
    if chat is discussion.channel:
        root_id = discussion.forward_of(message_id)
    else:
        root_id = message_id if discussion.post_of(message_id) else None
    if root_id is None:
        raise RpcError(400, "MSG_ID_INVALID")
    return root_id


def _forum(caller: Caller, peer: types.TypeInputPeer) -> Chat:
    chat = peers.chat_of(caller, peer)
    if chat.kind is not ChatKind.FORUM:
        raise RpcError(400, "CHANNEL_FORUM_MISSING")
    return chat


def _ordered(chat: Chat) -> list[int]:
    newest = chat.newest_of_topics
    return sorted(newest, key=lambda one: newest[one], reverse=True)


def _described(caller: Caller, chat: Chat, found: list[int], *, count: int) -> bytes:
    inside = caller.world.joined(caller.me.id, chat.id)
    tops = [chat.written(chat.newest_of_topics[one]) for one in found]
    there = [one for one in tops if one is not None]
    users = dict.fromkeys([topics.founder(chat), *(user for one in there for user in one.users)])
    named = dict.fromkeys([chat.id, *(other for one in there for other in one.channels)])
    described = [bytes(topics.described(chat, one, inside=inside)) for one in found]
    return b"".join(
        (
            _TOPICS,
            tl.two_integers(0, count),
            tl.vector(described),
            tl.vector([one.raw for one in there]),
            peers.channels(caller, named),
            peers.users(caller, users),
            tl.integer(chat.pts),
        )
    )
