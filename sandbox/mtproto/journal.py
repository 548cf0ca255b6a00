"""What lately came and went in one session: ids of messages, and answers until they are confirmed.

States are Telegram's: https://core.telegram.org/mtproto/service_messages_about_messages
"""

from bisect import bisect_left, insort
from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

KEPT_IDS = 1_024
_DROPPED_AT_ONCE = 128
KEPT_ANSWERS = 64
KEPT_BYTES = 1024 * 1024
FORGOTTEN, NOT_RECEIVED, NOT_YET, RECEIVED = 1, 2, 3, 4
_ACKNOWLEDGED, _NEEDS_NO_ACK, _QUERY, _ANSWERED = 8, 16, 32, 64
SEQ_TOO_LOW, SEQ_TOO_HIGH = 32, 33


class Call(Enum):
    """How far a call has come."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Sent(NamedTuple):
    """A message of ours that the client has not confirmed. `request`: whose answer it is."""

    id: int
    seq: int
    body: bytes
    request: int | None


class Journal:
    """Bounded: the newest ids and, up to a mebibyte, the newest answers."""

    def __init__(self) -> None:
        self._came: list[tuple[int, int]] = []
        self._floor = 0
        self._calls: dict[int, Call] = {}
        self._sent: dict[int, Sent] = {}
        self._answers: dict[int, int] = {}
        self._bytes = 0

    def is_newest(self, message_id: int) -> bool:
        """Whether no message came with this id or a higher one."""
        return not self._came or message_id > self._came[-1][0]

    def has(self, message_id: int) -> bool:
        if self.is_newest(message_id):
            return False
        at = bisect_left(self._came, (message_id,))
        return at < len(self._came) and self._came[at][0] == message_id

    def too_old(self, message_id: int) -> bool:
        """Whether it can no longer be told if the message came before."""
        return message_id <= self._floor

    def seq_fault(self, message_id: int, seq: int) -> int:
        """32 or 33 when another message says that the number cannot be; 0 when it can."""
        if self.is_newest(message_id):
            return SEQ_TOO_LOW if self._came and _after(self._came[-1][1], seq) else 0
        at = bisect_left(self._came, (message_id,))
        if at and _after(self._came[at - 1][1], seq):
            return SEQ_TOO_LOW
        if at < len(self._came) and _after(seq, self._came[at][1]):
            return SEQ_TOO_HIGH
        return 0

    def note(self, message_id: int, seq: int) -> None:
        """A message came."""
        insort(self._came, (message_id, seq))
        if len(self._came) > KEPT_IDS:
            gone, self._came = self._came[:_DROPPED_AT_ONCE], self._came[_DROPPED_AT_ONCE:]
            self._floor = gone[-1][0]
            for one, _ in gone:
                self._calls.pop(one, None)

    def state(self, message_id: int) -> int:
        """The byte of `msgs_state_info`."""
        at = bisect_left(self._came, (message_id,))
        if at < len(self._came) and self._came[at][0] == message_id:
            return self._received(message_id, self._came[at][1])
        if message_id % 4 or not self._came or message_id < self._came[0][0]:
            return FORGOTTEN
        return NOT_RECEIVED if at < len(self._came) else NOT_YET

    def call(self, message_id: int) -> Call | None:
        return self._calls.get(message_id)

    def began(self, message_id: int) -> None:
        self._calls[message_id] = Call.RUNNING

    def ended(self, message_id: int, *, failed: bool) -> None:
        if message_id in self._calls:
            self._calls[message_id] = Call.FAILED if failed else Call.DONE

    def sent(self, message: Sent) -> None:
        """An answer was written. The newest is kept however long it is."""
        self._sent[message.id] = message
        self._bytes += len(message.body)
        if message.request is not None:
            self._answers[message.request] = message.id
        while len(self._sent) > KEPT_ANSWERS or (self._bytes > KEPT_BYTES and len(self._sent) > 1):
            self._forget(next(iter(self._sent)))

    def confirmed(self, ids: Iterable[int]) -> None:
        """The client has these messages of ours."""
        for one in ids:
            self._forget(one)

    def forget_answers(self) -> None:
        """Nobody will ask for them any more."""
        self.confirmed(tuple(self._sent))

    def find(self, message_id: int) -> Sent | None:
        """A message of ours by its own id."""
        return self._sent.get(message_id)

    def answer_to(self, request: int) -> Sent | None:
        """A message of ours by the id of the request."""
        return self._sent.get(self._answers.get(request, 0))

    def drop_answer(self, request: int) -> Sent | None:
        """Forgets an answer that is not confirmed, and tells it."""
        found = self.answer_to(request)
        if found is not None:
            self._forget(found.id)
        return found

    def _forget(self, message_id: int) -> None:
        gone = self._sent.pop(message_id, None)
        if gone is None:
            return
        self._bytes -= len(gone.body)
        if gone.request is not None:
            self._answers.pop(gone.request, None)

    def _received(self, message_id: int, seq: int) -> int:
        state, call = RECEIVED, self._calls.get(message_id)
        if not seq % 2:
            state += _NEEDS_NO_ACK
        if call is not None:
            state += _QUERY
            state += _ANSWERED + _ACKNOWLEDGED if call is not Call.RUNNING else 0
        return state


def _after(older: int, newer: int) -> bool:
    """Whether the number of an older message says that it is the newer one."""
    return older > newer or (older == newer and older % 2 == 1)
