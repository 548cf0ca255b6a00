"""Posts of a channel and their comments in its discussion group."""

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property

from sandbox.chat import Chat

BLOCK = 9
"""An automatic forward of a post, and then up to eight comments on it."""


class Discussion:
    """The group's history in blocks: the message after its first one stands for a post of the
    channel, what follows it are comments, and so on. The newest posts have the newest blocks."""

    def __init__(self, channel: Chat, group: Chat) -> None:
        self.channel = channel
        self.group = group

    @cached_property
    def _ids(self) -> Sequence[int]:
        return self.group.seeded_ids()[1:]

    @cached_property
    def _posts(self) -> list[int]:
        """Of the channel, ascending, one for each block."""
        wanted = (len(self._ids) + BLOCK - 1) // BLOCK
        found: list[int] = []
        for message_id in reversed(self.channel.seeded_ids()):
            if len(found) == wanted:
                break
            if not self.channel.is_service(message_id) and not self.channel.album_of(message_id):
                found.append(message_id)
        return found[::-1]

    def post_of(self, message_id: int) -> int | None:
        """The post that this message of the group is the forward of."""
        rank = self._rank(message_id)
        if rank is None or rank % BLOCK or rank // BLOCK >= len(self._posts):
            return None
        return self._posts[rank // BLOCK]

    def root_of(self, message_id: int) -> int | None:
        """The forward under which this message of the group is a comment."""
        rank = self._rank(message_id)
        if rank is None or not rank % BLOCK or rank // BLOCK >= len(self._posts):
            return None
        return self._ids[rank - rank % BLOCK]

    def forward_of(self, post_id: int) -> int | None:
        """The group's message that stands for a post of the channel."""
        at = bisect_left(self._posts, post_id)
        if at == len(self._posts) or self._posts[at] != post_id:
            return None
        return self._ids[at * BLOCK]

    def comments(self, root_id: int) -> list[int]:
        """Ids under a forward, ascending."""
        rank = self._rank(root_id)
        if rank is None or rank % BLOCK:
            return []
        inside = self._ids[rank + 1 : rank + BLOCK]
        return [one for one in inside if one in self.group and not self.group.is_service(one)]

    def _rank(self, message_id: int) -> int | None:
        at = bisect_left(self._ids, message_id)
        return at if at < len(self._ids) and self._ids[at] == message_id else None


def topic(chat: Chat, topic_id: int) -> list[int]:
    """Ids of the forum's messages in that topic, ascending; the message that made it too."""
    state, known = chat.by_topic
    if state != chat.pts:
        known = {}
        for message_id in chat.ids():
            known.setdefault(chat.topic_id_of(message_id), []).append(message_id)
        chat.by_topic = chat.pts, known
    return known.get(topic_id, [])
