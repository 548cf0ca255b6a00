"""Getting into chats, and out."""

import re
import time
from datetime import UTC, datetime

from telethon.tl import types
from telethon.tl.functions import channels, messages

from sandbox.basic_group import MOST_MEMBERS, BasicGroup
from sandbox.chat import Chat, ChatKind
from sandbox.mtproto import peers
from sandbox.mtproto.rpc import Caller, RpcError, method

_HASH = re.compile(r"[A-Za-z0-9_-]{8,32}", re.ASCII)
Entered = types.messages.ChatInviteJoinResultOk | types.messages.ChatInviteJoinResultWebView


@method(channels.JoinChannelRequest)
def join_channel(caller: Caller, request: channels.JoinChannelRequest) -> Entered:
    return _enter(caller, peers.chat_of(caller, request.channel))


@method(messages.ImportChatInviteRequest)
def import_chat_invite(caller: Caller, request: messages.ImportChatInviteRequest) -> Entered:
    return _enter(caller, _invited(caller, request.hash))


@method(messages.CheckChatInviteRequest)
def check_chat_invite(
    caller: Caller, request: messages.CheckChatInviteRequest
) -> types.TypeChatInvite:
    """Already inside: `chatInviteAlready`; one may look in: `chatInvitePeek`; else what a preview
    shows, with neither id nor access hash."""
    chat = _invited(caller, request.hash)
    if caller.world.joined(caller.me.id, chat.id):
        return types.ChatInviteAlready(chat=peers.chat_object(caller.world, caller.me.id, chat.id))
    if chat.entrance.peek:
        monotonic = time.monotonic()
        until = caller.world.membership.peek(caller.me.id, chat.id, monotonic)
        expires = datetime.fromtimestamp(int(caller.door.now() + until - monotonic), UTC)
        return types.ChatInvitePeek(
            chat=peers.chat_object(caller.world, caller.me.id, chat.id), expires=expires
        )
    return _preview(caller, chat)


@method(channels.LeaveChannelRequest)
def leave_channel(caller: Caller, request: channels.LeaveChannelRequest) -> types.Updates:
    chat = peers.chat_of(caller, request.channel)
    if not caller.world.joined(caller.me.id, chat.id):
        raise RpcError(400, "USER_NOT_PARTICIPANT")
    return caller.door.society.leave_chat(caller.me.id, chat)


def _enter(caller: Caller, chat: Chat | BasicGroup) -> Entered:
    """Raises RpcError."""
    world, account, society = caller.world, caller.me.id, caller.door.society
    if banned := world.membership.banned(account, chat.id):
        raise RpcError(400, banned)
    if world.joined(account, chat.id):
        raise RpcError(400, "USER_ALREADY_PARTICIPANT")
    _check_room(caller, chat)
    if chat.entrance.by_app:
        bot = world.control_bot.id
        users = [peers.user_object(world, bot)]
        return types.messages.ChatInviteJoinResultWebView(bot, query_id=chat.id, users=users)
    if chat.entrance.approval:
        society.ask(account, chat)
        raise RpcError(400, "INVITE_REQUEST_SENT")
    join = society.join_group if isinstance(chat, BasicGroup) else society.join_chat
    return types.messages.ChatInviteJoinResultOk(updates=join(account, chat))


def _check_room(caller: Caller, chat: Chat | BasicGroup) -> None:
    """In the chat, and among those of the account. Raises RpcError."""
    world, me = caller.world, caller.me
    if chat.entrance.full:
        raise RpcError(400, "USERS_TOO_MUCH")
    if isinstance(chat, BasicGroup):
        if chat.size + len(world.insiders(chat.id)) >= MOST_MEMBERS:
            raise RpcError(400, "USERS_TOO_MUCH")
        return
    known = world.membership
    limit = known.premium_limit if me.premium else known.channels_limit
    if len(world.chats_of(me.id)) >= limit:
        raise RpcError(400, "CHANNELS_TOO_MUCH")


def _invited(caller: Caller, invite: str) -> Chat | BasicGroup:
    """Where the link leads. Raises RpcError."""
    if not invite:
        raise RpcError(400, "INVITE_HASH_EMPTY")
    if not _HASH.fullmatch(invite):
        raise RpcError(400, "INVITE_HASH_INVALID")
    chat = caller.world.invited_by(invite)
    if chat is None:
        dead = invite in caller.world.dead_invites
        raise RpcError(400, "INVITE_HASH_EXPIRED" if dead else "INVITE_HASH_INVALID")
    if isinstance(chat, BasicGroup) and chat.migrated_to is not None:
        chat = caller.world.chats[chat.migrated_to]
    caller.call.chat_id = chat.id
    if banned := caller.world.membership.banned(caller.me.id, chat.id):
        raise RpcError(400, banned)
    return chat


def _preview(caller: Caller, chat: Chat | BasicGroup) -> types.ChatInvite:
    small = isinstance(chat, BasicGroup)
    broadcast = not small and chat.kind is ChatKind.CHANNEL
    inside = len(caller.world.insiders(chat.id))
    return types.ChatInvite(
        title=chat.title,
        photo=types.PhotoEmpty(id=0),
        participants_count=chat.size + inside if small else chat.members,
        color=chat.id % 7,
        channel=None if small else True,
        broadcast=broadcast or None,
        public=chat.public or None,
        megagroup=not (small or broadcast) or None,
        request_needed=chat.entrance.approval or None,
        about=chat.about or None,
    )
