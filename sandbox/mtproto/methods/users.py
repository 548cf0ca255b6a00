"""Who somebody is."""

from telethon.tl import types
from telethon.tl.functions import users

from sandbox import tl
from sandbox.mtproto import peers
from sandbox.mtproto.rpc import Caller, method


@method(users.GetUsersRequest)
def get_users(caller: Caller, request: users.GetUsersRequest) -> bytes:
    return tl.vector([_one(caller, wanted) for wanted in request.id])


@method(users.GetFullUserRequest)
def get_full_user(caller: Caller, request: users.GetFullUserRequest) -> types.users.UserFull:
    user_id = peers.user_of(caller, request.id)
    user = peers.user_object(caller.world, user_id)
    user.access_hash = caller.world.access_hash(caller.me.id, "user", user_id)
    if user_id == caller.me.id:
        user = peers.me_object(caller.world, caller.me)
    full = types.UserFull(
        id=user_id,
        settings=types.PeerSettings(),
        notify_settings=types.PeerNotifySettings(),
        common_chats_count=0,
    )
    return types.users.UserFull(full_user=full, chats=[], users=[user])


def _one(caller: Caller, wanted: types.TypeInputUser) -> bytes:
    user_id = peers.user_of(caller, wanted)
    if user_id == caller.me.id:
        return bytes(peers.me_object(caller.world, caller.me))
    return peers.described(caller.world).user(caller.me.id, user_id)
