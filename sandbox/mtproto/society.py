"""Joining, leaving, being let in or put out, and what others do in groups: with the updates that
clients get of it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from telethon.tl import TLObject, types

from sandbox.basic_group import BasicGroup
from sandbox.box import Peer
from sandbox.chat import Chat, ChatKind, Written
from sandbox.mtproto import peers
from sandbox.mtproto.later import Later

if TYPE_CHECKING:
    from sandbox.mtproto.door import MtprotoDoor

JOINED_ID = 1_900_000_000
"""Supergroups that came out of basic groups while the sandbox ran have ids from here on."""


class Society:
    """Accounts and chats are ids. Updates go to every session of the account that wants some."""

    def __init__(self, door: "MtprotoDoor", later: Later) -> None:
        self._door = door
        self._world = door.world
        self._later = later

    def join_chat(self, account: int, chat: Chat) -> types.Updates:
        """Now a member. Returns what the account itself is answered."""
        self._world.membership.enter(account, chat.id, after=chat.top_id)
        self._door.counters.joined(account)
        return self.updates(account, [types.UpdateChannel(chat.id)], chat.id)

    def join_group(self, account: int, group: BasicGroup) -> types.Updates:
        self._world.membership.enter(account, group.id)
        self._door.counters.joined(account)
        group.version += 1
        action = types.MessageActionChatJoinedByLink(inviter_id=group.creator)
        return self._in_group(group, account, action)

    def leave_chat(self, account: int, chat: Chat) -> types.Updates:
        self._world.membership.leave(account, chat.id)
        return self.updates(account, [types.UpdateChannel(chat.id)], chat.id)

    def leave_group(self, account: int, group: BasicGroup) -> types.Updates:
        """Its members see who left, and so does who left."""
        action = types.MessageActionChatDeleteUser(user_id=account)
        group.version += 1
        answer = self._in_group(group, account, action)
        self._world.membership.leave(account, group.id)
        return answer

    def ask(self, account: int, chat: Chat | BasicGroup) -> None:
        """A request to join; who decides may do so by itself after a while."""
        new = self._world.membership.ask(account, chat.id)
        wait = chat.entrance.approved_after
        if new and wait is not None:
            self._later.after(wait, lambda: self.approve(account, chat.id))

    def approve(self, account: int, chat_id: int) -> bool:
        """Lets in who asked. Returns whether somebody had."""
        if not self._world.membership.asked(account, chat_id):
            return False
        if chat_id in self._world.groups:
            self.join_group(account, self._world.groups[chat_id])
        else:
            self.join_chat(account, self._world.chats[chat_id])
            self._tell(account, chat_id)
        return True

    def decline(self, account: int, chat_id: int) -> None:
        """The request is gone; nobody is told."""
        self._world.membership.decline(account, chat_id)

    def put_out(self, account: int, chat_id: int, error: str = "CHANNEL_PRIVATE") -> None:
        """For good: `error` is what it gets there from now on."""
        self._world.membership.ban(account, chat_id, error)
        if chat_id in self._world.chats:
            self._tell(account, chat_id)

    def say(self, group: BasicGroup, text: str) -> None:
        """Somebody writes in the basic group: every account in it gets it in its own box."""
        by, now = group.people[-1], int(time.time())

        def make(message_id: int) -> Written:
            message = types.Message(
                id=message_id,
                peer_id=types.PeerChat(group.id),
                from_id=types.PeerUser(by),
                date=datetime.fromtimestamp(now, UTC),
                message=text,
            )
            return Written(bytes(message), (by,), (group.id,))

        self._to_members(group, now, make)

    def migrate(self, group: BasicGroup) -> Chat:
        """The basic group becomes a supergroup, with the same members."""
        if group.migrated_to is not None:
            return self._world.chats[group.migrated_to]
        chat = self._successor(group)
        self._world.add_chat(chat)
        for account in self._world.insiders(group.id):
            self._world.box(account)
            self._world.membership.enter(account, chat.id)
        group.migrated_to = chat.id
        now = int(time.time())
        self._to_members(group, now, lambda message_id: group.migrated(message_id, now))
        for account in self._world.insiders(chat.id):
            self._tell(account, chat.id)
        return chat

    def updates(self, account: int, happened: list[TLObject], *chats: int) -> types.Updates:
        """What answers a call that changed something."""
        shown = [peers.chat_object(self._world, account, one) for one in chats]
        now = datetime.fromtimestamp(int(time.time()), UTC)
        return types.Updates(updates=happened, users=[], chats=shown, date=now, seq=0)

    def _tell(self, account: int, chat_id: int) -> None:
        self._door.room.push(account, [types.UpdateChannel(chat_id)], channels=[chat_id])

    def _in_group(self, group: BasicGroup, by: int, action: TLObject) -> types.Updates:
        """Something an account did in a basic group: the answer holds its own message of it."""
        now = int(time.time())
        ids = self._to_members(group, now, lambda one: group.service(one, now, by, action))
        box = self._world.box(by)
        mine = types.UpdateNewMessage(message=box.message(ids[by]), pts=box.ledger.pts, pts_count=1)
        return self.updates(by, [mine], group.id)

    def _to_members(
        self, group: BasicGroup, now: int, make: Callable[[int], Written]
    ) -> dict[int, int]:
        """Returns account -> the id that it knows the message by."""
        peer = Peer("chat", group.id)
        return {
            account: self._world.box(account).post(peer, now, make)
            for account in self._world.insiders(group.id)
        }

    def _successor(self, group: BasicGroup) -> Chat:
        now = int(time.time())
        return Chat(
            id=JOINED_ID + len(self._world.chats),
            username="",
            title=group.title,
            about=group.about,
            kind=ChatKind.SUPERGROUP,
            language=group.source.language,
            topic=group.source.topic,
            seed=group.source.seed,
            size=1,
            members=group.size,
            created=now,
            newest=now,
            holes=0.0,
            migrated_from=group.id,
            entrance=group.successor_entrance(),
        )
