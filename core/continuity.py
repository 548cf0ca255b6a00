"""Whether every change of a chat was seen: Telegram numbers them (`pts`)."""

from collections import OrderedDict

MOST_AHEAD = 1_000
"""Changes behind a gap that are remembered; with more of them a look at the chat is due anyway."""


class Continuity:
    """Which states of a chat, or of an account's own box, are known to be stored.

    `known`: everything up to this state is; None before the first look.
    """

    def __init__(self, known: int | None = None) -> None:
        self.known = known
        self._ahead: OrderedDict[int, int] = OrderedDict()

    def took(self, pts: int, count: int) -> None:
        """A change is stored that moved the state by `count` to `pts`; in any order, repeated."""
        if count <= 0 or (self.known is not None and pts <= self.known):
            return
        before = pts - count
        self._ahead[before] = max(pts, self._ahead.get(before, pts))
        if len(self._ahead) > MOST_AHEAD:
            self._ahead.popitem(last=False)
        self._advance()

    def looked(self, pts: int) -> None:
        """All that had happened at this state was read and is stored."""
        self.known = pts if self.known is None else max(self.known, pts)
        for before in [one for one, after in self._ahead.items() if after <= self.known]:
            del self._ahead[before]
        self._advance()

    def covers(self, pts: int) -> bool:
        """Whether nothing was missed of what had happened at this state."""
        return self.known is not None and self.known >= pts

    def _advance(self) -> None:
        while self.known is not None and (after := self._ahead.pop(self.known, None)) is not None:
            self.known = after
