"""Finding people and chats by name."""

import re
from difflib import SequenceMatcher

from telethon.tl import types
from telethon.tl.functions import contacts

from sandbox import tl
from sandbox.chat import ChatKind
from sandbox.mtproto import peers
from sandbox.mtproto.rpc import Caller, RpcError, method

_USERNAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])+", re.ASCII)
_WORD = re.compile(r"[^\W_]+")
SHORTEST = 3
"""Bytes, so that one Chinese character is enough."""
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
    """Chats whose name begins with, contains or resembles the query, the nearest first: those of
    the account, private ones too, are `my_results`; of the others only public ones are found."""
    query = request.q.strip().removeprefix("@").lower()
    if len(query.encode()) < SHORTEST:
        raise RpcError(400, "QUERY_TOO_SHORT")
    most = max(1, min(request.limit, 100))
    mine = [] if request.bots else _nearest(caller, query, request, inside=True)[:most]
    others = [] if request.bots else _nearest(caller, query, request, inside=False)[:most]
    bots = [] if request.broadcasts else _bots(caller, query)
    return b"".join(
        (
            _FOUND,
            tl.vector([tl.peer_channel(chat_id) for chat_id in mine]),
            tl.vector([*map(tl.peer_channel, others), *map(tl.peer_user, bots)]),
            peers.channels(caller, dict.fromkeys(mine + others)),
            peers.users(caller, dict.fromkeys(bots)),
        )
    )


def _nearest(
    caller: Caller, query: str, request: contacts.SearchRequest, *, inside: bool
) -> list[int]:
    """Ids of chats, the best first."""
    world, account = caller.world, caller.me.id
    rated = sorted(
        (-likeness(query, chat.username, chat.title), -chat.members, chat.id)
        for chat in world.chats.values()
        if world.joined(account, chat.id) is inside
        and (inside or chat.public)
        and not (request.broadcasts and chat.kind is not ChatKind.CHANNEL)
    )
    return [chat_id for worse, _, chat_id in rated if -worse >= _NEAR_ENOUGH]


def _bots(caller: Caller, query: str) -> list[int]:
    bots = caller.world.search_bots.values()
    return [bot.id for bot in bots if likeness(query, bot.username, bot.name) > 1]


def likeness(query: str, username: str, title: str) -> float:
    """From 0 to 2: the same name, its beginning, the beginnings of its words, a part of it, a
    name that resembles it."""
    username, title = username.lower(), title.lower()
    if query in (username, title):
        return 2.0
    if username.startswith(query) or title.startswith(query):
        return 1.5
    words = _WORD.findall(f"{username} {title}")
    if all(any(word.startswith(part) for word in words) for part in _WORD.findall(query) or ("?",)):
        return 1.3
    if query in username or query in title:
        return 1.2
    return max(SequenceMatcher(None, query, name).ratio() for name in (username, title))
