"""What happens in the world becomes updates, and goes to those whom it concerns."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from telethon.tl import types

from sandbox import tl
from sandbox.box import Box
from sandbox.chat import Chat, Written
from sandbox.ledger import Happened, Kind

if TYPE_CHECKING:
    from sandbox.mtproto.door import MtprotoDoor


def _code(kind: type) -> bytes:
    return kind.CONSTRUCTOR_ID.to_bytes(4, "little")  # type: ignore[attr-defined]


_NEW_IN_CHANNEL = _code(types.UpdateNewChannelMessage)
_EDITED_IN_CHANNEL = _code(types.UpdateEditChannelMessage)
_DELETED_IN_CHANNEL = _code(types.UpdateDeleteChannelMessages)
_NEW = _code(types.UpdateNewMessage)
_EDITED = _code(types.UpdateEditMessage)
_DELETED = _code(types.UpdateDeleteMessages)


def in_channel(chat: Chat, event: Happened, written: Written | None) -> bytes:
    """A channel's event as an update, serialized. `written`: the message as it now reads."""
    state = tl.two_integers(event.pts, len(event.ids))
    if event.kind is Kind.DELETED or written is None:
        return _DELETED_IN_CHANNEL + tl.long(chat.id) + _ids(event) + state
    kind = _NEW_IN_CHANNEL if event.kind is Kind.NEW else _EDITED_IN_CHANNEL
    return kind + written.raw + state


def in_box(event: Happened, written: Written | None) -> bytes:
    """The same for an account's box."""
    state = tl.two_integers(event.pts, len(event.ids))
    if event.kind is Kind.DELETED or written is None:
        return _DELETED + _ids(event) + state
    return (_NEW if event.kind is Kind.NEW else _EDITED) + written.raw + state


def too_long(chat: Chat) -> types.UpdateChannelTooLong:
    return types.UpdateChannelTooLong(channel_id=chat.id, pts=chat.pts)


class News:
    """Follows every chat and box of the world: nothing is pushed to who does not listen then."""

    def __init__(self, door: "MtprotoDoor") -> None:
        self._door = door
        for chat in door.world.chats.values():
            self.follow(chat)
        door.world.chat_added = self.follow
        door.world.box_made = self.follow_box
        for box in door.world.boxes.values():
            self.follow_box(box)

    def follow(self, chat: Chat) -> None:
        chat.ledger.told = lambda event: self.announce(chat, event)

    def follow_box(self, box: Box) -> None:
        box.ledger.told = lambda event: self.announce_in_box(box, event)

    def announce(self, chat: Chat, event: Happened) -> None:
        """To every listening member who can see the chat."""
        room, faults = self._door.room, self._door.faults
        written = None if event.kind is Kind.DELETED else chat.written(event.ids[0])
        update = (in_channel(chat, event, written),)
        users = written.users if written else ()
        channels = (chat.id, *written.channels) if written else (chat.id,)
        mark = (chat.id, event.ids[0]) if event.kind is Kind.NEW else None
        for account in room.accounts():
            if not self._door.world.joined(account, chat.id) or faults.denied(account, chat.id):
                continue
            for delay in faults.updates.plan(account, chat.id, event.pts):
                self._send(delay, account, update, users, channels, mark)

    def announce_in_box(self, box: Box, event: Happened) -> None:
        written = None if event.kind is Kind.DELETED else box.written(event.ids[0])
        update = (in_box(event, written),)
        users = written.users if written else ()
        channels = written.channels if written else ()
        mark = (-box.owner, event.ids[0]) if event.kind is Kind.NEW else None
        for delay in self._door.faults.updates.plan(box.owner, None, event.pts):
            self._send(delay, box.owner, update, users, channels, mark)

    def push_too_long(self, chat_id: int | None, account: int | None) -> int:
        """Pushes `updateChannelTooLong` of a chat, or `updatesTooLong`. Returns to how many."""
        room, world = self._door.room, self._door.world
        there = [one for one in room.accounts() if account in (None, one)]
        if chat_id is None:
            return sum(room.push_whole(one, types.UpdatesTooLong()) for one in there)
        update = too_long(world.chats[chat_id])
        there = [one for one in there if world.joined(one, chat_id)]
        return sum(room.push(one, [update], channels=[chat_id]) for one in there)

    def _send(
        self,
        delay: float,
        account: int,
        update: Sequence[bytes],
        users: tuple[int, ...],
        channels: tuple[int, ...],
        mark: tuple[int, int] | None,
    ) -> None:
        def push() -> None:
            self._door.room.push(account, update, users=users, channels=channels, mark=mark)

        if delay:
            asyncio.get_running_loop().call_later(delay, push)
        else:
            push()


def _ids(event: Happened) -> bytes:
    return tl.vector([tl.integer(one) for one in event.ids])
