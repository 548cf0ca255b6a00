"""People and chats as one account sees them, and the checks of what it says about them."""

import time
from datetime import UTC, datetime
from functools import lru_cache
from weakref import WeakKeyDictionary

from telethon.extensions import BinaryReader
from telethon.tl import TLObject, types

from sandbox import tl
from sandbox.basic_group import BasicGroup
from sandbox.box import Peer
from sandbox.chat import Chat, ChatKind
from sandbox.mtproto.rpc import Caller, RpcError
from sandbox.people import ControlBot, Person, SearchBot
from sandbox.world import World

_TEMPLATES: "WeakKeyDictionary[World, Described]" = WeakKeyDictionary()


class Described:
    """Serialized users and channels of one world; viewers differ in the access hash alone."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._users: dict[int, bytes] = {}
        self._channels: dict[tuple[int, bool], bytes] = {}
        self.user = lru_cache(maxsize=20_000)(self._user)
        self._shown = lru_cache(maxsize=2_000)(self._channel)

    def _user(self, viewer: int, user_id: int) -> bytes:
        template = self._users.get(user_id)
        if template is None:
            template = self._users[user_id] = bytes(user_object(self._world, user_id))
        return tl.with_access_hash(template, self._world.access_hash(viewer, "user", user_id))

    def channel(self, viewer: int, channel_id: int) -> bytes:
        """As the viewer sees it now: a member, a passer-by, or one from whom it is hidden. Basic
        groups too."""
        if channel_id in self._world.groups:
            return bytes(group_object(self._world, viewer, self._world.groups[channel_id]))
        chat, inside = self._world.chats[channel_id], self._world.joined(viewer, channel_id)
        if not inside and not may_look(self._world, viewer, chat):
            access_hash = self._world.access_hash(viewer, "channel", channel_id)
            return bytes(forbidden_object(chat, access_hash))
        return self._shown(viewer, channel_id, inside)

    def _channel(self, viewer: int, channel_id: int, inside: bool) -> bytes:  # noqa: FBT001
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
    if isinstance(somebody, ControlBot | SearchBot):
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
        premium=somebody.premium or None,
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
        username=chat.username or None,
        photo=types.ChatPhotoEmpty(),
        date=datetime.fromtimestamp(chat.created, UTC),
        left=None if inside else True,
        broadcast=True if broadcast else None,
        megagroup=None if broadcast else True,
        forum=True if chat.kind is ChatKind.FORUM else None,
        default_banned_rights=rights,
        participants_count=chat.members,
        noforwards=chat.protected or None,
        join_request=(chat.public and chat.entrance.approval) or None,
        has_link=True if chat.linked_id else None,
    )


def forbidden_object(chat: Chat, access_hash: int) -> types.ChannelForbidden:
    """All that somebody outside sees of a private one."""
    broadcast = chat.kind is ChatKind.CHANNEL
    return types.ChannelForbidden(
        id=chat.id,
        access_hash=access_hash,
        title=chat.title,
        broadcast=broadcast or None,
        megagroup=not broadcast or None,
    )


def group_object(world: World, viewer: int, group: BasicGroup) -> types.TypeChat:
    if world.membership.banned(viewer, group.id):
        return types.ChatForbidden(id=group.id, title=group.title)
    to = group.migrated_to
    return types.Chat(
        id=group.id,
        title=group.title,
        photo=types.ChatPhotoEmpty(),
        participants_count=group.size + len(world.insiders(group.id)),
        date=datetime.fromtimestamp(group.source.created, UTC),
        version=group.version,
        left=None if world.joined(viewer, group.id) else True,
        deactivated=True if to else None,
        noforwards=group.protected or None,
        migrated_to=to and types.InputChannel(to, world.access_hash(viewer, "channel", to)),
    )


def may_look(world: World, viewer: int, chat: Chat) -> bool:
    """Whether somebody may read the chat without being in it."""
    if world.membership.banned(viewer, chat.id):
        return False
    return chat.public or world.membership.peeks(viewer, chat.id, time.monotonic())


def users(caller: Caller, ids: "set[int] | dict[int, None]") -> bytes:
    """A vector of `user`."""
    viewer, source = caller.me.id, described(caller.world)
    return tl.vector([source.user(viewer, user_id) for user_id in ids])


def channels(caller: Caller, ids: "set[int] | dict[int, None]") -> bytes:
    """A vector of `channel` and `chat`."""
    viewer, source = caller.me.id, described(caller.world)
    return tl.vector([source.channel(viewer, channel_id) for channel_id in ids])


def chat_object(world: World, viewer: int, chat_id: int) -> TLObject:
    """A chat of any kind, for an answer that is an object."""
    with BinaryReader(described(world).channel(viewer, chat_id)) as reader:
        return reader.tgread_object()


def box_peer(caller: Caller, peer: TLObject) -> Peer | None:
    """Whom an input peer means, if what is said there is in the account's box: a basic group or
    somebody. Raises RpcError."""
    if isinstance(peer, types.InputPeerChat):
        group = caller.world.groups.get(peer.chat_id)
        if group is None:
            raise RpcError(400, "PEER_ID_INVALID")
        caller.call.chat_id = group.id
        there = Peer("chat", group.id)
        outside = not caller.world.joined(caller.me.id, group.id)
        if outside and not caller.world.box(caller.me.id).ids(there):
            raise RpcError(400, "PEER_ID_INVALID")
        denied = caller.door.faults.denied(caller.me.id, group.id)
        if denied:
            raise RpcError(400, denied)
        return there
    if isinstance(peer, types.InputPeerUser | types.InputPeerSelf):
        return Peer("user", user_of(caller, peer))
    return None


def chat_of(caller: Caller, peer: TLObject) -> Chat:
    """The supergroup or channel that an input peer or channel means. Raises RpcError."""
    if isinstance(peer, types.InputPeerChannel | types.InputChannel):
        return _channel(caller, peer.channel_id, peer.access_hash)
    if isinstance(peer, types.InputPeerChannelFromMessage | types.InputChannelFromMessage):
        chat = chat_of(caller, peer.peer)
        written = chat.written(peer.msg_id)
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
    world, account = caller.world, caller.me.id
    denied = caller.door.faults.denied(account, chat.id) or world.membership.banned(
        account, chat.id
    )
    if denied is None and not (world.joined(account, chat.id) or may_look(world, account, chat)):
        denied = "CHANNEL_PRIVATE"
    if denied:
        raise RpcError(400, denied)
    return chat
