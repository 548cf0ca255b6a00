"""Messages of a channel with comments, and of the group in which these are."""

from typing import TYPE_CHECKING

from telethon.extensions import BinaryReader
from telethon.tl import types

from sandbox.content.writer import Writer
from sandbox.threads import Discussion

if TYPE_CHECKING:
    from sandbox.chat import Chat, Written


class DiscussedWriter:
    """Takes what `plain` writes, and adds what ties posts and comments together."""

    def __init__(self, chat: "Chat", plain: Writer, discussion: Discussion) -> None:
        self._chat = chat
        self._plain = plain
        self._discussion = discussion

    def prepare(self) -> None:
        self._plain.prepare()

    def is_service(self, message_id: int) -> bool:
        if self._in_group and self._discussion.post_of(message_id):
            return False
        return self._plain.is_service(message_id)

    def write(self, message_id: int) -> "Written":
        if self.is_service(message_id):
            return self._plain.write(message_id)
        if not self._in_group:
            return self._post(message_id)
        post_id = self._discussion.post_of(message_id)
        if post_id is not None:
            return self._forward(message_id, post_id)
        root_id = self._discussion.root_of(message_id)
        return (
            self._plain.write(message_id) if root_id is None else self._comment(message_id, root_id)
        )

    @property
    def _in_group(self) -> bool:
        return self._chat is self._discussion.group

    def _post(self, message_id: int) -> "Written":
        """How many comments there are, and where."""
        made = self._plain.ordinary(message_id)
        message, group = _read(made), self._discussion.group
        root_id = self._discussion.forward_of(message_id)
        comments = self._discussion.comments(root_id) if root_id else []
        message.replies = types.MessageReplies(
            replies=len(comments),
            replies_pts=group.seeded_top + 1,
            comments=True,
            channel_id=group.id,
            max_id=comments[-1] if comments else None,
        )
        return made._replace(raw=bytes(message), channels=(*made.channels, group.id))

    def _forward(self, message_id: int, post_id: int) -> "Written":
        """What the channel's post became in the group, by itself."""
        channel = self._discussion.channel
        made = self._plain.ordinary(message_id)
        message = _read(made)
        posted = channel.written(post_id)
        origin = _read(posted)
        peer = types.PeerChannel(channel.id)
        header = origin.fwd_from or types.MessageFwdHeader(
            date=origin.date, from_id=peer, channel_post=post_id
        )
        header.saved_from_peer, header.saved_from_msg_id = peer, post_id
        message.fwd_from = header
        message.from_id, message.reply_to, message.grouped_id = peer, None, None
        message.message, message.entities, message.media = (
            origin.message, origin.entities, origin.media
        )  # fmt: skip
        channels = tuple(one for one in posted.channels if one != self._chat.id)
        return made._replace(
            raw=bytes(message), users=posted.users, channels=(channel.id, *channels)
        )

    def _comment(self, message_id: int, root_id: int) -> "Written":
        made = self._plain.ordinary(message_id)
        message = _read(made)
        earlier = [one for one in self._discussion.comments(root_id) if one < message_id]
        replied = earlier[-1] if earlier and message_id % 3 == 0 else root_id
        message.reply_to = types.MessageReplyHeader(
            reply_to_msg_id=replied, reply_to_top_id=root_id if replied != root_id else None
        )
        message.grouped_id = None
        return made._replace(raw=bytes(message))


def _read(made: "Written") -> types.Message:
    with BinaryReader(made.raw) as reader:
        return reader.tgread_object()
