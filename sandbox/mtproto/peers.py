"""People and chats as one account sees them, and the checks of what it says about them."""

from datetime import UTC, datetime
from functools import lru_cache
from weakref import WeakKeyDictionary

from telethon.tl import TLObject, types

from sandbox import tl
from sandbox.chat import Chat, ChatKind
from sandbox.mtproto.rpc import Caller, RpcError
from sandbox.people import ControlBot, Person
from sandbox.world import World

_TEMPLATES: "WeakKeyDictionary[World, Described]" = WeakKeyDictionary()


class Described:
    """Serialized users and channels of one world; viewers differ in the access hash alone."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._users: dict[int, bytes] = {}
        self._channels: dict[tuple[int, bool], bytes] = {}
        self.user = lru_cache(maxsize=20_000)(self._user)
        self.channel = lru_cache(maxsize=2_000)(self._channel)

    def _user(self, viewer: int, user_id: int) -> bytes:
        template = self._users.get(user_id)
        if template is None:
            template = self._users[user_id] = bytes(user_object(self._world, user_id))
        return tl.with_access_hash(template, self._world.access_hash(viewer, "user", user_id))

    def _channel(self, viewer: int, channel_id: int) -> bytes:
        inside = self._world.joined(viewer, channel_id)
        template = self._channels.get((channel_id, inside))
        if template is None:
            chat = self._world.chats[channel_id]
            template = self._channels[channel_id, inside] = bytes(
                channel_object(chat, inside=inside)
            )
        access_hash = self._world.access_hash(viewer, "channel", channel_id)
        return tl.with_access_hash(template, access_hash)


def described(world: World) -> Described:
    known = _TEMPLATES.get(world)
    if known is None:
        known = _TEMPLATES[world] = Described(world)
    return known


def user_object(world: World, user_id: int) -> types.User:
    """Its access hash is a placeholder."""
    somebody = world.somebody(user_id)
    if isinstance(somebody, ControlBot):
        return types.User(
            id=user_id,
            access_hash=1,
            first_name=somebody.name,
            username=somebody.username,
            bot=True,
            bot_info_version=1,
        )
    return types.User(
        id=user_id,
        access_hash=1,
        first_name=somebody.first_name,
        last_name=somebody.last_name or None,
        username=somebody.username or None,
        status=types.UserStatusRecently(),
    )


def me_object(world: World, person: Person) -> types.User:
    user = user_object(world, person.id)
    user.access_hash = world.access_hash(person.id, "user", person.id)
    user.is_self, user.phone = True, person.phone
    return user


def channel_object(chat: Chat, *, inside: bool) -> types.Channel:
    """Its access hash is a placeholder."""
    broadcast = chat.kind is ChatKind.CHANNEL
    rights = None if broadcast else types.ChatBannedRights(until_date=None, pin_messages=True)
    return types.Channel(
        id=chat.id,
        access_hash=1,
        title=chat.title,
        username=chat.username,
        photo=types.ChatPhotoEmpty(),
        date=datetime.fromtimestamp(chat.created, UTC),
        left=None if inside else True,
        broadcast=True if broadcast else None,
        megagroup=None if broadcast else True,
        forum=True if chat.kind is ChatKind.FORUM else None,
        default_banned_rights=rights,
        participants_count=chat.members,
    )


def users(caller: Caller, ids: "set[int] | dict[int, None]") -> bytes:
    """A vector of `user`."""
    viewer, source = caller.me.id, described(caller.world)
    return tl.vector([source.user(viewer, user_id) for user_id in ids])


def channels(caller: Caller, ids: "set[int] | dict[int, None]") -> bytes:
    """A vector of `channel`."""
    viewer, source = caller.me.id, described(caller.world)
    return tl.vector([source.channel(viewer, channel_id) for channel_id in ids])


def chat_of(caller: Caller, peer: TLObject) -> Chat | None:
    """The chat that an input peer or channel means; None for private chats. Raises RpcError."""
    if isinstance(peer, types.InputPeerChannel | types.InputChannel):
        return _channel(caller, peer.channel_id, peer.access_hash)
    if isinstance(peer, types.InputPeerSelf):
        return None
    if isinstance(peer, types.InputPeerUser):
        user_of(caller, types.InputUser(peer.user_id, peer.access_hash))
        return None
    if isinstance(peer, types.InputPeerChannelFromMessage | types.InputChannelFromMessage):
        chat = chat_of(caller, peer.peer)
        written = chat.written(peer.msg_id) if chat else None
        if written is None or peer.channel_id not in written.channels:
            raise RpcError(400, "CHANNEL_INVALID")
        known = caller.world.access_hash(caller.me.id, "channel", peer.channel_id)
        return _channel(caller, peer.channel_id, known)
    if isinstance(peer, types.InputChannelEmpty):
        raise RpcError(400, "CHANNEL_INVALID")
    raise RpcError(400, "PEER_ID_INVALID")


def user_of(caller: Caller, user: TLObject) -> int:
    """The user id. Raises RpcError."""
    if isinstance(user, types.InputUserSelf | types.InputPeerSelf):
        return caller.me.id
    if not isinstance(user, types.InputUser | types.InputPeerUser):
        raise RpcError(400, "USER_ID_INVALID")
    known = caller.world.access_hash(caller.me.id, "user", user.user_id)
    right = user.access_hash == known or user.user_id == caller.me.id
    if not right or caller.world.find_somebody(user.user_id) is None:
        raise RpcError(400, "USER_ID_INVALID")
    return user.user_id


def _channel(caller: Caller, channel_id: int, access_hash: int) -> Chat:
    chat = caller.world.chats.get(channel_id)
    if chat is None or access_hash != caller.world.access_hash(caller.me.id, "channel", channel_id):
        raise RpcError(400, "CHANNEL_INVALID")
    caller.call.chat_id, caller.call.username = chat.id, chat.username
    denied = caller.door.faults.denied(caller.me.id, chat.id)
    if denied:
        raise RpcError(400, denied)
    return chat
