"""Who calls, and which function answers which request."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from telethon.tl import TLObject

from sandbox.counters import Call
from sandbox.mtproto.keys import AuthKey
from sandbox.people import Person
from sandbox.world import World

if TYPE_CHECKING:
    from sandbox.mtproto.door import MtprotoDoor


class RpcError(Exception):
    """What Telegram answers instead of a result."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(slots=True)
class Caller:
    """One request's circumstances. A method may note in `call` which chat it was about."""

    door: "MtprotoDoor"
    key: AuthKey
    call: Call

    @property
    def world(self) -> World:
        return self.door.world

    @property
    def me(self) -> Person:
        """The signed-in account. Raises RpcError."""
        person = self.world.people.get(self.key.account or 0)
        if person is None:
            error = self.key.error or "AUTH_KEY_UNREGISTERED"
            raise RpcError(406 if error == "AUTH_KEY_DUPLICATED" else 401, error)
        return person


Answer = TLObject | bytes
Handler = Callable[[Caller, TLObject], Answer]

_HANDLERS: dict[type[TLObject], Handler] = {}
_OPEN_TO_ALL: set[type[TLObject]] = set()


def method(*requests: type[TLObject], signed_out: bool = False) -> Callable[[Handler], Handler]:
    """Registers an answer: an object, or bytes. `signed_out`: anybody may call."""

    def register(handler: Handler) -> Handler:
        for request in requests:
            _HANDLERS[request] = handler
            if signed_out:
                _OPEN_TO_ALL.add(request)
        return handler

    return register


def name_of(request: TLObject) -> str:
    """`messages.getHistory`, as Telegram's documentation calls it."""
    kind = type(request)
    room = kind.__module__.rpartition(".")[2]
    bare = kind.__name__.removesuffix("Request")
    bare = bare[0].lower() + bare[1:]
    return bare if room == "functions" else f"{room.rstrip('_')}.{bare}"


def answer(caller: Caller, request: TLObject) -> Answer:
    """Raises RpcError."""
    kind = type(request)
    handler = _HANDLERS.get(kind)
    if handler is None:
        raise RpcError(400, f"METHOD_NOT_SUPPORTED: {name_of(request)}")
    if kind not in _OPEN_TO_ALL:
        _ = caller.me
    return handler(caller, request)
