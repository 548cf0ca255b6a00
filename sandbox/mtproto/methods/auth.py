"""Signing in and out."""

import secrets

from telethon.tl import TLObject, types
from telethon.tl.functions import auth

from sandbox.mtproto.keys import HOME, SignIn
from sandbox.mtproto.methods.help_ import DATA_CENTRES
from sandbox.mtproto.peers import me_object
from sandbox.mtproto.rpc import Caller, RpcError, method
from sandbox.people import Person


@method(auth.SendCodeRequest, signed_out=True)
def send_code(caller: Caller, request: auth.SendCodeRequest) -> types.auth.SentCode:
    if (request.api_id, request.api_hash) != (caller.door.api_id, caller.door.api_hash):
        raise RpcError(400, "API_ID_INVALID")
    person = _account(caller, request.phone_number)
    caller.key.sign_in = SignIn(phone=person.phone or "", code_hash=secrets.token_hex(9))
    in_app = types.auth.SentCodeTypeApp(length=len(person.login_code))
    return _sent(caller, in_app, types.auth.CodeTypeSms())


@method(auth.ResendCodeRequest, signed_out=True)
def resend_code(caller: Caller, request: auth.ResendCodeRequest) -> types.auth.SentCode:
    person = _account(caller, request.phone_number)
    _check_hash(caller, person, request.phone_code_hash)
    return _sent(caller, types.auth.SentCodeTypeSms(length=len(person.login_code)), None)


@method(auth.CancelCodeRequest, signed_out=True)
def cancel_code(caller: Caller, request: auth.CancelCodeRequest) -> bytes:
    person = _account(caller, request.phone_number)
    _check_hash(caller, person, request.phone_code_hash)
    caller.key.sign_in = SignIn()
    return bytes.fromhex("b5757299")


@method(auth.SignInRequest, signed_out=True)
def sign_in(caller: Caller, request: auth.SignInRequest) -> types.auth.Authorization:
    person = _account(caller, request.phone_number)
    if not request.phone_code:
        raise RpcError(400, "PHONE_CODE_EMPTY")
    _check_hash(caller, person, request.phone_code_hash)
    if request.phone_code != person.login_code:
        raise RpcError(400, "PHONE_CODE_INVALID")
    if person.password is not None:
        caller.key.sign_in = SignIn(password_of=person.id)
        raise RpcError(401, "SESSION_PASSWORD_NEEDED")
    return _signed_in(caller, person)


@method(auth.CheckPasswordRequest, signed_out=True)
def check_password(caller: Caller, request: auth.CheckPasswordRequest) -> types.auth.Authorization:
    person = caller.world.people.get(caller.key.sign_in.password_of or 0)
    if person is None:
        raise RpcError(401, "AUTH_KEY_UNREGISTERED")
    answer = request.password
    if not isinstance(answer, types.InputCheckPasswordSRP):
        raise RpcError(400, "PASSWORD_HASH_INVALID")
    if not caller.door.passwords.accepts(person, answer):
        raise RpcError(400, "PASSWORD_HASH_INVALID")
    return _signed_in(caller, person)


@method(auth.LogOutRequest)
def log_out(caller: Caller, _request: auth.LogOutRequest) -> types.auth.LoggedOut:
    caller.door.keyring.belongs(caller.key, None)
    return types.auth.LoggedOut()


@method(auth.BindTempAuthKeyRequest, signed_out=True)
def bind_temporary(_caller: Caller, _request: object) -> bytes:
    raise RpcError(400, "ENCRYPTED_MESSAGE_INVALID")


@method(auth.ExportAuthorizationRequest)
def export_authorization(
    caller: Caller, request: auth.ExportAuthorizationRequest
) -> types.auth.ExportedAuthorization:
    if request.dc_id not in DATA_CENTRES or request.dc_id == caller.key.dc:
        raise RpcError(400, "DC_ID_INVALID")
    token = secrets.token_bytes(32)
    caller.door.exports[token] = (caller.me.id, request.dc_id)
    return types.auth.ExportedAuthorization(id=caller.me.id, bytes=token)


@method(auth.ImportAuthorizationRequest, signed_out=True)
def import_authorization(
    caller: Caller, request: auth.ImportAuthorizationRequest
) -> types.auth.Authorization:
    account, dc = caller.door.exports.pop(request.bytes, (None, HOME))
    if account is None:
        raise RpcError(400, "AUTH_BYTES_INVALID")
    if account != request.id:
        raise RpcError(400, "USER_ID_INVALID")
    caller.key.dc = dc
    return _signed_in(caller, caller.world.people[account])


def _account(caller: Caller, phone: str) -> Person:
    person = caller.world.account_by_phone(phone)
    if person is None:
        raise RpcError(400, "PHONE_NUMBER_INVALID")
    if person.id in caller.door.faults.banned:
        raise RpcError(400, "PHONE_NUMBER_BANNED")
    return person


def _check_hash(caller: Caller, person: Person, code_hash: str) -> None:
    begun = caller.key.sign_in
    if not code_hash or (begun.phone, begun.code_hash) != (person.phone, code_hash):
        raise RpcError(400, "PHONE_CODE_EXPIRED")


def _sent(caller: Caller, how: TLObject, then: TLObject | None) -> types.auth.SentCode:
    return types.auth.SentCode(
        type=how, phone_code_hash=caller.key.sign_in.code_hash, next_type=then, timeout=60
    )


def _signed_in(caller: Caller, person: Person) -> types.auth.Authorization:
    caller.key.sign_in = SignIn()
    caller.door.keyring.belongs(caller.key, person.id)
    return types.auth.Authorization(user=me_object(caller.world, person))
