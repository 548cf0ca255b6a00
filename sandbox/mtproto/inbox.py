"""What a client's message holds, each of it done once: calls, and messages of the protocol."""

from typing import TYPE_CHECKING

from sandbox.mtproto import envelope
from sandbox.mtproto.keys import AuthKey, Session
from sandbox.mtproto.requests import read_request
from sandbox.mtproto.service import SERVICE, Desk

if TYPE_CHECKING:
    from sandbox.mtproto.connection import Connection
    from sandbox.mtproto.door import MtprotoDoor

_CONTAINER_REPEATED, _TOO_OLD, _EVEN_EXPECTED, _ODD_EXPECTED = 19, 20, 34, 35


class Inbox:
    """Of one connection. What cannot be is answered by `bad_msg_notification`."""

    def __init__(self, door: "MtprotoDoor", connection: "Connection") -> None:
        self._door = door
        self._connection = connection

    def take(
        self, key: AuthKey, session: Session, message: envelope.Message, *, is_new: bool
    ) -> None:
        """`is_new`: the first message of its session. Raises BrokenError."""
        fault = envelope.fault_of(message, self._door.now())
        if fault:
            self._bad(key, session, message, fault)
            return
        try:
            parts, contained = envelope.parts(message)
        except envelope.ContainerError as error:
            self._door.refused(self._connection, str(error))
            self._bad(key, session, message, envelope.INVALID_CONTAINER)
            return
        if is_new:
            first = min([part.id for part in parts], default=message.id)
            created = envelope.new_session(first, session.id, key.salt)
            self._connection.send(key, session, created, content=True)
        if contained and not self._container_fits(key, session, message):
            return
        for part in parts:
            self._part(key, session, part)

    def _container_fits(self, key: AuthKey, session: Session, message: envelope.Message) -> bool:
        journal = session.journal
        fault = journal.seq_fault(message.id, message.seq)
        if message.seq % 2:
            fault = _EVEN_EXPECTED
        if journal.has(message.id):
            fault = _CONTAINER_REPEATED
        if fault:
            self._bad(key, session, message, fault)
            return False
        journal.note(message.id, message.seq)
        return True

    def _part(self, key: AuthKey, session: Session, part: envelope.Part) -> None:
        journal = session.journal
        if journal.has(part.id):
            self._repeated(key, session, part)
            return
        fault = _TOO_OLD if journal.too_old(part.id) else _wrong_parity(part)
        fault = fault or journal.seq_fault(part.id, part.seq)
        if fault:
            self._bad(key, session, part, fault)
            return
        journal.note(part.id, part.seq)
        if part.body[:4] in SERVICE:
            Desk(self._door, self._connection, key, session, part.id).answer(part.body)
            return
        request = read_request(part.body)
        self._door.call(self._connection, key, session, part.id, request)

    def _repeated(self, key: AuthKey, session: Session, part: envelope.Part) -> None:
        """The answer once more if the client has not confirmed it; else that the message came."""
        sent = session.journal.answer_to(part.id)
        if sent is not None:
            self._connection.send_again(key, session, sent)
        elif part.seq % 2:
            here = envelope.acknowledged(part.id)
            self._connection.send(key, session, here, content=False)

    def _bad(
        self, key: AuthKey, session: Session, message: envelope.Message | envelope.Part, code: int
    ) -> None:
        self._door.refused(self._connection, f"bad_msg_notification {code}")
        self._connection.send(key, session, envelope.bad_message(message, code), content=False)


def _wrong_parity(part: envelope.Part) -> int:
    """The fault of a call whose number is even. Of the protocol's own messages it may be either:
    clients disagree even about acknowledgements, and Telegram bears it."""
    return 0 if part.seq % 2 or part.body[:4] in SERVICE else _ODD_EXPECTED
