"""One chat as its live reader sees it."""

from dataclasses import dataclass, field
from datetime import datetime

from core.chat import Chat, Peer
from core.continuity import Continuity
from core.subscription import Subscription


@dataclass(slots=True, kw_only=True)
class Watch:
    """What an ear knows of a chat. Times are seconds of the clock's `elapsed`.

    `due`: when to look at it next; `pause`: how long until the look after that. `missed`: since
    the last look began something was lost. `moves` counts what was told, `seen` those before
    the last look. `unproven`: something came that no history proved yet, the last time at
    `proved`. `told`: the fields of the subscription are new. `moved`: the group became another.
    """

    one: Subscription
    chat: Chat
    peer: Peer
    continuity: Continuity
    due: float
    pause: float
    missed: bool = False
    moves: int = 0
    seen: int = 0
    unproven: bool = False
    proved: float = field(default=float("-inf"))
    top: int | None = None
    checked_at: datetime | None = None
    moved_at: datetime | None = None
    polled: bool = False
    told: bool = False
    moved: bool = False

    def rose(self, top: int) -> None:
        """A message with this id is stored."""
        self.top = top if self.top is None else max(self.top, top)
