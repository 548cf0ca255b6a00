"""An account's own settings."""

import os

from telethon.tl import types
from telethon.tl.functions import account

from sandbox.mtproto.rpc import Caller, RpcError, method
from sandbox.mtproto.srp import Algorithm
from sandbox.people import Person

TRUE = bytes.fromhex("b5757299")


@method(account.GetPasswordRequest, signed_out=True)
def get_password(
    caller: Caller,
    _request: account.GetPasswordRequest,
) -> types.account.Password:
    person = _whose(caller)
    fresh = Algorithm(salt1=os.urandom(8), salt2=os.urandom(16), g=3, p=bytes(256))
    password = types.account.Password(
        new_algo=fresh,
        new_secure_algo=types.SecurePasswordKdfAlgoUnknown(),
        secure_random=os.urandom(32),
    )
    if person.password is None:
        return password
    verifier, challenge = caller.door.passwords.ask(person)
    password.has_password, password.hint = True, person.password_hint or None
    password.current_algo = verifier.algorithm
    password.srp_B, password.srp_id = challenge.b, challenge.id
    return password


@method(account.UpdateStatusRequest)
def update_status(_caller: Caller, _request: account.UpdateStatusRequest) -> bytes:
    return TRUE


def _whose(caller: Caller) -> Person:
    """The signed-in account, or the one that is being signed in."""
    owner = caller.key.account or caller.key.sign_in.password_of
    person = caller.world.people.get(owner or 0)
    if person is None:
        raise RpcError(401, caller.key.error or "AUTH_KEY_UNREGISTERED")
    return person
