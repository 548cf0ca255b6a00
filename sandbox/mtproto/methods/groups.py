"""Basic groups as a whole."""

from datetime import UTC, datetime

from telethon.tl import types
from telethon.tl.functions import messages

from sandbox.basic_group import BasicGroup
from sandbox.mtproto import peers
from sandbox.mtproto.rpc import Caller, RpcError, method

_FULL = types.messages.ChatFull.CONSTRUCTOR_ID.to_bytes(4, "little")
_CHATS = types.messages.Chats.CONSTRUCTOR_ID.to_bytes(4, "little")


@method(messages.GetFullChatRequest)
def get_full_chat(caller: Caller, request: messages.GetFullChatRequest) -> bytes:
    group = group_of(caller, request.chat_id)
    inside = caller.world.joined(caller.me.id, group.id)
    full = types.ChatFull(
        id=group.id,
        about=group.about,
        participants=_participants(caller, group) if inside else _hidden(group),
        notify_settings=types.PeerNotifySettings(),
        chat_photo=types.PhotoEmpty(id=0),
        exported_invite=None,
        bot_info=[],
    )
    people = dict.fromkeys(_people(caller, group) if inside else ())
    described = peers.channels(caller, {group.id}) + peers.users(caller, people)
    return _FULL + bytes(full) + described


@method(messages.GetChatsRequest)
def get_chats(caller: Caller, request: messages.GetChatsRequest) -> bytes:
    wanted = dict.fromkeys(group_of(caller, one).id for one in request.id)
    return _CHATS + peers.channels(caller, wanted)


@method(messages.DeleteChatUserRequest)
def delete_chat_user(caller: Caller, request: messages.DeleteChatUserRequest) -> types.Updates:
    """Leaving; nobody else can be put out."""
    group = group_of(caller, request.chat_id)
    if peers.user_of(caller, request.user_id) != caller.me.id:
        raise RpcError(400, "CHAT_ADMIN_REQUIRED")
    if not caller.world.joined(caller.me.id, group.id):
        raise RpcError(400, "USER_NOT_PARTICIPANT")
    return caller.door.society.leave_group(caller.me.id, group)


def group_of(caller: Caller, chat_id: int) -> BasicGroup:
    """One that the account is or was in. Raises RpcError."""
    peer = None
    if chat_id in caller.world.groups:
        peer = peers.box_peer(caller, types.InputPeerChat(chat_id))
    if peer is None:
        raise RpcError(400, "CHAT_ID_INVALID")
    return caller.world.groups[chat_id]


def _people(caller: Caller, group: BasicGroup) -> list[int]:
    return group.people + caller.world.insiders(group.id)


def _participants(caller: Caller, group: BasicGroup) -> types.ChatParticipants:
    since = datetime.fromtimestamp(group.source.created, UTC)
    creator, *others = _people(caller, group)
    plain = [types.ChatParticipant(user_id=user, inviter_id=creator, date=since) for user in others]
    first = types.ChatParticipantCreator(user_id=creator)
    return types.ChatParticipants(
        chat_id=group.id, participants=[first, *plain], version=group.version
    )


def _hidden(group: BasicGroup) -> types.ChatParticipantsForbidden:
    return types.ChatParticipantsForbidden(chat_id=group.id)
