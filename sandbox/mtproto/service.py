"""Messages of the protocol itself: what the server says to each of them.

https://core.telegram.org/mtproto/service_messages
"""

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from telethon.tl import functions, types

from sandbox import tl
from sandbox.mtproto import envelope
from sandbox.mtproto.journal import Call, Journal
from sandbox.mtproto.keys import AuthKey, Session

if TYPE_CHECKING:
    from sandbox.mtproto.connection import Connection
    from sandbox.mtproto.door import MtprotoDoor

_LONG = struct.Struct("<q")
_INT = struct.Struct("<i")
_MOST_IDS = 8_192
_SALT_SECONDS = 86_400
_VECTOR = int.from_bytes(tl.VECTOR, "little")
RESEND_ANSWERS = b"\xeb\xba\x10\x86"
"""`msg_resend_ans_req`, which no list of Telethon's has."""

Reply = Callable[["Desk", bytes], bytes | None]


def code(kind: type) -> bytes:
    return kind.CONSTRUCTOR_ID.to_bytes(4, "little")  # type: ignore[attr-defined]


class Desk:
    """One message of one session, and what is said to it."""

    def __init__(
        self,
        door: "MtprotoDoor",
        connection: "Connection",
        key: AuthKey,
        session: Session,
        message_id: int,
    ) -> None:
        self.door = door
        self.connection = connection
        self.key = key
        self.session = session
        self.message_id = message_id

    @property
    def journal(self) -> Journal:
        return self.session.journal

    def answer(self, body: bytes) -> None:
        """Deals with a message whose constructor is one of `SERVICE`. Raises BrokenError."""
        try:
            said = _REPLIES[body[:4]](self, body)
        except struct.error as error:
            raise envelope.BrokenError("a service message is cut short") from error
        if said is not None:
            self.connection.send(self.key, self.session, said, content=True)

    def states(self, ids: list[int]) -> bytes:
        told = bytes(self.journal.state(one) for one in ids)
        return bytes(types.MsgsStateInfo(req_msg_id=self.message_id, info=told))


def _nothing(_desk: Desk, _body: bytes) -> None:
    """Told for our information."""


def _acknowledged(desk: Desk, body: bytes) -> None:
    desk.journal.confirmed(_ids(body))


def _pong(desk: Desk, body: bytes) -> bytes:
    return bytes(types.Pong(msg_id=desk.message_id, ping_id=_LONG.unpack_from(body, 4)[0]))


def _pong_and_hang_up(desk: Desk, body: bytes) -> bytes:
    desk.connection.hang_up_in(_INT.unpack_from(body, 12)[0])
    return _pong(desk, body)


def _states(desk: Desk, body: bytes) -> bytes:
    return desk.states(_ids(body))


def _resend(desk: Desk, body: bytes) -> bytes | None:
    """The messages as they were; their states if one of them is there no more."""
    ids = _ids(body)
    found = [desk.journal.find(one) for one in ids]
    if not all(found):
        return desk.states(ids)
    for one in found:
        desk.connection.send_again(desk.key, desk.session, one)  # type: ignore[arg-type]
    return None


def _resend_answers(desk: Desk, body: bytes) -> bytes | None:
    ids = _ids(body)
    found = [desk.journal.answer_to(one) for one in ids]
    if not all(found):
        return desk.states(ids)
    for one in found:
        desk.connection.send_again(desk.key, desk.session, one)  # type: ignore[arg-type]
    return None


def _future_salts(desk: Desk, body: bytes) -> bytes:
    """One salt, however many are asked for: a key has no other."""
    _INT.unpack_from(body, 4)
    now = int(desk.door.now())
    salt = tl.integer(now - 60) + tl.integer(now + _SALT_SECONDS) + tl.long(desk.key.salt)
    head = code(types.FutureSalts) + tl.long(desk.message_id)
    return head + tl.integer(now) + tl.integer(1) + salt


def _destroy_session(desk: Desk, body: bytes) -> bytes:
    number = _LONG.unpack_from(body, 4)[0]
    if number == desk.session.id or desk.key.sessions.pop(number, None) is None:
        return bytes(types.DestroySessionNone(session_id=number))
    return bytes(types.DestroySessionOk(session_id=number))


def _destroy_key(desk: Desk, _body: bytes) -> bytes:
    desk.door.keyring.forget(desk.key)
    return bytes(types.DestroyAuthKeyOk())


def _drop_answer(desk: Desk, body: bytes) -> bytes:
    request = _LONG.unpack_from(body, 4)[0]
    if desk.journal.call(request) is Call.RUNNING:
        desk.door.drop(desk.session, request)
        said: object = types.RpcAnswerDroppedRunning()
    elif (sent := desk.journal.drop_answer(request)) is not None:
        said = types.RpcAnswerDropped(msg_id=sent.id, seq_no=sent.seq, bytes=len(sent.body))
    else:
        said = types.RpcAnswerUnknown()
    return envelope.result(desk.message_id, bytes(said))  # type: ignore[call-overload]


def _ids(body: bytes) -> list[int]:
    """The vector that follows a constructor."""
    vector, count = struct.unpack_from("<Ii", body, 4)
    if vector != _VECTOR or not 0 <= count <= _MOST_IDS:
        raise envelope.BrokenError("not a vector of ids")
    return list(struct.unpack_from(f"<{count}q", body, 12))


TOLD = {
    code(kind)
    for kind in (
        types.HttpWait,
        types.MsgsStateInfo,
        types.MsgsAllInfo,
        types.MsgDetailedInfo,
        types.MsgNewDetailedInfo,
        types.BadMsgNotification,
    )
}
_REPLIES: dict[bytes, Reply] = {
    **dict.fromkeys(TOLD, _nothing),
    code(types.MsgsAck): _acknowledged,
    code(functions.PingRequest): _pong,
    code(functions.PingDelayDisconnectRequest): _pong_and_hang_up,
    code(types.MsgsStateReq): _states,
    code(types.MsgResendReq): _resend,
    RESEND_ANSWERS: _resend_answers,
    code(functions.GetFutureSaltsRequest): _future_salts,
    code(functions.DestroySessionRequest): _destroy_session,
    code(functions.DestroyAuthKeyRequest): _destroy_key,
    code(functions.RpcDropAnswerRequest): _drop_answer,
}
SERVICE = frozenset(_REPLIES)
