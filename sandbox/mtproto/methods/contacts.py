"""Finding people and chats by name."""

import re
from difflib import SequenceMatcher

from telethon.tl import types
from telethon.tl.functions import contacts

from sandbox import tl
from sandbox.chat import Chat
from sandbox.mtproto import peers
from sandbox.mtproto.rpc import Caller, RpcError, method

_USERNAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])+", re.ASCII)
_NEAR_ENOUGH = 0.72
_RESOLVED = types.contacts.ResolvedPeer.CONSTRUCTOR_ID.to_bytes(4, "little")
_FOUND = types.contacts.Found.CONSTRUCTOR_ID.to_bytes(4, "little")


@method(contacts.ResolveUsernameRequest)
def resolve_username(caller: Caller, request: contacts.ResolveUsernameRequest) -> bytes:
    wanted = request.username
    caller.call.username = wanted.lower()
    if not 4 <= len(wanted) <= 32 or not _USERNAME.fullmatch(wanted):
        raise RpcError(400, "USERNAME_INVALID")
    chat = caller.world.find_chat(wanted)
    if chat is not None:
        caller.call.chat_id = chat.id
        peer = tl.peer_channel(chat.id)
        return _RESOLVED + peer + peers.channels(caller, {chat.id}) + peers.users(caller, set())
    person = caller.world.find_person(wanted)
    if person is None:
        raise RpcError(400, "USERNAME_NOT_OCCUPIED")
    peer = tl.peer_user(person.id)
    return _RESOLVED + peer + peers.channels(caller, set()) + peers.users(caller, {person.id})


@method(contacts.SearchRequest)
def search(caller: Caller, request: contacts.SearchRequest) -> bytes:
    """Public chats whose name begins with, contains or resembles the query; the nearest first."""
    query = request.q.strip().removeprefix("@").lower()
    if len(query.encode()) < 3:
        raise RpcError(400, "QUERY_TOO_SHORT")
    rated = sorted(
        ((_likeness(query, chat), -chat.members, chat) for chat in caller.world.chats.values()),
        key=lambda item: (-item[0], item[1]),
    )
    near = [chat for likeness, _, chat in rated if likeness >= _NEAR_ENOUGH]
    near = near[: max(1, min(request.limit, 100))]
    mine = [chat.id for chat in near if caller.world.joined(caller.me.id, chat.id)]
    others = [chat.id for chat in near if chat.id not in mine]
    return b"".join(
        (
            _FOUND,
            tl.vector([tl.peer_channel(chat_id) for chat_id in mine]),
            tl.vector([tl.peer_channel(chat_id) for chat_id in others]),
            peers.channels(caller, dict.fromkeys(mine + others)),
            peers.users(caller, set()),
        )
    )


def _likeness(query: str, chat: Chat) -> float:
    """From 0 to 2: the same name, a part of a name, a name that resembles it."""
    username, title = chat.username.lower(), chat.title.lower()
    if query in (username, title):
        return 2.0
    if username.startswith(query) or title.startswith(query):
        return 1.5
    if query in username or query in title:
        return 1.2
    return max(SequenceMatcher(None, query, name).ratio() for name in (username, title))
