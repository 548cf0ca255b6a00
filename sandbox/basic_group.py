"""A basic group: small, and without ids of its own; each member counts in its own box."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from telethon.tl import types

from sandbox.chat import Chat, Written
from sandbox.entrance import OPEN, Entrance

MOST_MEMBERS = 200


@dataclass(kw_only=True, eq=False)
class BasicGroup:
    """`source` holds what was said at first, in ids that nobody sees. `size` is how many are in it
    besides the accounts. `migrated_to`: the supergroup that it became."""

    id: int
    title: str
    about: str
    source: Chat
    size: int
    entrance: Entrance = OPEN
    migrated_to: int | None = None
    version: int = 1
    protected: bool = False
    public = False

    @property
    def creator(self) -> int:
        return next(iter(self.source.senders))

    @property
    def people(self) -> list[int]:
        """Members that are no accounts, the creator first."""
        return list(self.source.senders)[: self.size]

    def ids(self) -> list[int]:
        """Ids of the source, ascending, and one more for the end of a group that migrated."""
        known = list(self.source.ids())
        return [*known, known[-1] + 1] if self.migrated_to else known

    def date(self, source_id: int) -> int:
        return self.source.date(min(source_id, self.source.top_id))

    def written(self, source_id: int, ids: dict[int, int]) -> Written:
        """A message of the source in the box of somebody: `ids` are the source's -> the box's."""
        if self.migrated_to and source_id > self.source.top_id:
            return self.migrated(ids[source_id], self.date(source_id))
        made = self.source.written(source_id)
        message = self.source.message(source_id)
        if made is None or message is None:
            raise KeyError(source_id)
        users = {*made.users, self.creator}
        message.id, message.peer_id = ids[source_id], types.PeerChat(self.id)
        if not isinstance(message.from_id, types.PeerUser):
            message.from_id = types.PeerUser(self.creator)
        if message.reply_to is not None:
            target = ids.get(message.reply_to.reply_to_msg_id)
            message.reply_to = target and types.MessageReplyHeader(reply_to_msg_id=target)
        if isinstance(message.action, types.MessageActionChannelCreate):
            people = self.people[1:4]
            users |= set(people)
            message.action = types.MessageActionChatCreate(title=self.title, users=people)
        if self.protected:
            message.noforwards = True
        return Written(bytes(message), tuple(sorted(users)), (self.id, *made.channels))

    def migrated(self, message_id: int, date: int) -> Written:
        """The last message of a group that became a supergroup."""
        if self.migrated_to is None:
            raise ValueError("it did not migrate")
        action = types.MessageActionChatMigrateTo(channel_id=self.migrated_to)
        return self.service(message_id, date, self.creator, action)

    def service(self, message_id: int, date: int, by: int, action: object) -> Written:
        """Something that happened in it."""
        message = types.MessageService(
            id=message_id,
            peer_id=types.PeerChat(self.id),
            from_id=types.PeerUser(by),
            date=datetime.fromtimestamp(date, UTC),
            action=action,
        )
        channels = (self.id, self.migrated_to) if self.migrated_to else (self.id,)
        return Written(bytes(message), (by,), channels)

    def successor_entrance(self) -> Entrance:
        """Of the supergroup that it becomes: the same link, and nobody inside by the seed."""
        return replace(self.entrance, insiders=())
