"""Objects of a newer layer: constructors that no client knows, wherever one may be."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from telethon.errors import TypeNotFoundError
from telethon.extensions import BinaryReader
from telethon.tl import TLObject, types
from telethon.utils import get_peer_id

UNKNOWN = 0x5EED0BAD
"""A constructor's id that no layer has; the bytes behind it say nothing of where they end."""

_MESSAGES = (types.Message, types.MessageService, types.MessageEmpty)
_CHANNELS = (types.Channel, types.ChannelForbidden)


class Newer(TLObject):  # type: ignore[misc]  # Telethon has no types
    """An object as a newer layer writes it: an unknown id, what was there before, and more."""

    CONSTRUCTOR_ID = UNKNOWN

    def __init__(self, old: Any, more: bytes) -> None:
        self._old = old
        self._more = more

    def _bytes(self) -> bytes:
        old = bytes(self._old)[4:] if isinstance(self._old, TLObject) else b""
        return UNKNOWN.to_bytes(4, "little") + old + self._more


@dataclass(slots=True, kw_only=True)
class Spoilt:
    """What is written as newer: of each object that `fits`, what is at `place` (dotted names and
    numbers; "" is the object itself), added where there is nothing. `times`: in so many answers or
    pushes, None: in all."""

    fits: Callable[[Any], bool]
    place: str
    more: bytes
    account: int | None
    method: str | None
    times: int | None


class ObjectFaults:
    """`changed` counts the objects that were written as newer ones."""

    def __init__(self) -> None:
        self._rules: list[Spoilt] = []
        self._bundled: set[int | None] = set()
        self.changed = 0

    def message(self, chat_id: int, message: int, place: str = "", **more: Any) -> None:
        """Something of one message: `place` is "" (the message), "media", "entities.0", ..."""

        def fits(found: Any) -> bool:
            peer = getattr(found, "peer_id", None)
            of_chat = peer is not None and get_peer_id(peer, add_mark=False) == chat_id
            return isinstance(found, _MESSAGES) and found.id == message and of_chat

        self.anything(fits, place, **more)

    def user(self, user: int, place: str = "", **more: Any) -> None:
        """A person, wherever described."""
        self.anything(lambda one: isinstance(one, types.User) and one.id == user, place, **more)

    def chat(self, chat_id: int, place: str = "", **more: Any) -> None:
        """A channel or supergroup, wherever described."""
        self.anything(lambda one: isinstance(one, _CHANNELS) and one.id == chat_id, place, **more)

    def kind(self, cls: Any, place: str = "", **more: Any) -> None:
        """Every object of a constructor."""
        self.anything(lambda one: type(one) is cls, place, **more)

    def anything(
        self,
        fits: Callable[[Any], bool],
        place: str = "",
        *,
        more: bytes = b"newer, 16 bytes.",
        account: int | None = None,
        method: str | None = None,
        times: int | None = None,
    ) -> None:
        """Whatever `fits`. `method`: only in answers to it; "push": only in what is pushed."""
        if len(more) % 4:
            raise ValueError("more: a multiple of four bytes")
        self._rules.append(
            Spoilt(fits=fits, place=place, more=more, account=account, method=method, times=times)
        )

    def bundle(self, account: int | None = None) -> None:
        """What is pushed waits for the account's next answer, and shares a container with it."""
        self._bundled.add(account)

    def bundles(self, account: int | None) -> bool:
        return bool(self._bundled) and (account in self._bundled or None in self._bundled)

    def clear(self, account: int | None = None) -> None:
        """Ends all, or those of one account."""
        self._rules = [one for one in self._rules if account not in (None, one.account)]
        self._bundled = set() if account is None else self._bundled - {account}

    def written(self, account: int | None, method: str, body: bytes) -> bytes:
        """An answer, or what is pushed (`method` is "push"), as the newer layer writes it."""
        rules = [one for one in self._rules if _is_for(one, account, method)]
        if not rules:
            return body
        try:
            with BinaryReader(body) as reader:
                root = reader.tgread_object()
        except TypeNotFoundError:
            return body
        holder = [root]
        for rule in rules:
            struck = _spoil(holder, rule)
            self.changed += struck
            if struck and rule.times is not None:
                rule.times -= 1
        return _bytes_of(holder[0])


def _spoil(holder: list[Any], rule: Spoilt) -> int:
    struck = 0
    for owner, key, found in list(_everything(holder)):
        if not rule.fits(found):
            continue
        if not rule.place:
            _put(owner, key, Newer(found, rule.more))
            struck += 1
            continue
        *path, last = rule.place.split(".")
        inner = found
        for name in path:
            inner = _get(inner, name) or _filled(inner, name)
        _put(inner, last, Newer(_get(inner, last), rule.more))
        struck += 1
    return struck


def _filled(owner: Any, name: str) -> list[Any]:
    """A list where there was none."""
    made: list[Any] = []
    _put(owner, name, made)
    return made


def _is_for(rule: Spoilt, account: int | None, method: str) -> bool:
    spent = rule.times is not None and rule.times <= 0
    return not spent and rule.account in (None, account) and rule.method in (None, method)


def _everything(holder: list[Any]) -> Iterator[tuple[Any, Any, Any]]:
    """Every object inside, with what holds it."""
    for place, one in enumerate(holder):
        if isinstance(one, list):
            yield from _everything(one)
        elif isinstance(one, TLObject) and not isinstance(one, Newer):
            yield holder, place, one
            yield from _inside(one)


def _inside(owner: Any) -> Iterator[tuple[Any, Any, Any]]:
    for name, value in list(vars(owner).items()):
        if isinstance(value, list):
            yield from _everything(value)
        elif isinstance(value, TLObject) and not isinstance(value, Newer):
            yield owner, name, value
            yield from _inside(value)


def _get(owner: Any, name: str) -> Any:
    if isinstance(owner, list):
        return owner[int(name)] if int(name) < len(owner) else None
    return getattr(owner, name, None)


def _put(owner: Any, name: Any, value: Any) -> None:
    if isinstance(owner, list):
        owner[int(name) : int(name) + 1] = [value]
    else:
        setattr(owner, name, value)


def _bytes_of(root: Any) -> bytes:
    if isinstance(root, list):
        items = b"".join(_bytes_of(one) for one in root)
        return b"\x15\xc4\xb5\x1c" + len(root).to_bytes(4, "little") + items
    return bytes(root) if isinstance(root, TLObject) else _boolean(root)


def _boolean(root: bool) -> bytes:  # noqa: FBT001
    return (0x997275B5 if root else 0xBC799737).to_bytes(4, "little")
