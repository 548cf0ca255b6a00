"""A chat as it reads while some of its ids are `MessageEmpty`."""

from sandbox.chat import Chat, Written
from sandbox.mtproto.pages import EMPTY, empty_in
from sandbox.rules import Blanks


class BlankedChat:
    """Like a `Chat`, with every id of the blank ranges on its pages."""

    def __init__(self, chat: Chat, blanks: list[Blanks]) -> None:
        self._chat = chat
        self._blanks = blanks
        self._ranges = _merged([(rule.oldest, min(rule.newest, chat.top_id)) for rule in blanks])
        self.count = self.rank(chat.top_id + 1)

    def rank(self, message_id: int) -> int:
        """How many ids below `message_id` are on pages."""
        below = self._chat.rank(message_id)
        for oldest, newest in self._ranges:
            end = min(newest + 1, message_id)
            if end > oldest:
                below += end - oldest - (self._chat.rank(end) - self._chat.rank(oldest))
        return below

    def first_id_since(self, date: int) -> int:
        return self._chat.first_id_since(date)

    def page(self, oldest: int, newest: int) -> list[Written]:
        """The messages of ranks `oldest` to `newest` (excluded), newest first."""
        if newest <= oldest:
            return []
        found, message_id = [], self._at(newest - 1)
        while len(found) < newest - oldest:
            if self._shown(message_id):
                found.append(self.written(message_id))
            message_id -= 1
        self._spend(found)
        return found

    def written(self, message_id: int) -> Written:
        """The message, or what stands for it."""
        if any(rule.hides(message_id) for rule in self._blanks):
            return empty_in(self._chat, message_id)
        return self._chat.written(message_id) or empty_in(self._chat, message_id)

    def _at(self, rank: int) -> int:
        """The id of that rank."""
        low, high = 1, self._chat.top_id
        while low < high:
            middle = (low + high) // 2
            if self.rank(middle + 1) > rank:
                high = middle
            else:
                low = middle + 1
        return low

    def _shown(self, message_id: int) -> bool:
        blank = any(oldest <= message_id <= newest for oldest, newest in self._ranges)
        return blank or message_id in self._chat

    def _spend(self, found: list[Written]) -> None:
        if any(one.raw[:4] == EMPTY for one in found):
            for rule in self._blanks:
                rule.spend()


def _merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for oldest, newest in sorted(ranges):
        if newest < oldest:
            continue
        if merged and oldest <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(merged[-1][1], newest)
        else:
            merged.append((oldest, newest))
    return merged
