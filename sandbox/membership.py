"""Who is in which chat, who asked to be, and who may not come back."""

from collections import Counter
from collections.abc import Callable
from typing import Any

CHANNELS_LIMIT, PREMIUM_LIMIT = 500, 1000
PEEK_SECONDS = 300.0


class Membership:
    """What the accounts did; where nothing is known of one, `by_seed` says whether it is inside.
    Keys are (account, chat)."""

    def __init__(
        self,
        by_seed: Callable[[int, int], bool],
        *,
        channels_limit: int = CHANNELS_LIMIT,
        premium_limit: int = PREMIUM_LIMIT,
    ) -> None:
        self._by_seed = by_seed
        self._inside: dict[tuple[int, int], bool] = {}
        self._since: dict[tuple[int, int], int] = {}
        self._asked: set[tuple[int, int]] = set()
        self._banned: dict[tuple[int, int], str] = {}
        self._peeks: dict[tuple[int, int], float] = {}
        self.channels_limit = channels_limit
        self.premium_limit = premium_limit
        self.joins: Counter[int] = Counter()
        self.changed: Callable[[], None] = lambda: None

    def inside(self, account: int, chat_id: int) -> bool:
        known = self._inside.get((account, chat_id))
        return self._by_seed(account, chat_id) if known is None else known

    def enter(self, account: int, chat_id: int, *, after: int = 0) -> None:
        """`after`: the newest message of that moment, which one with hidden history starts at."""
        self._inside[account, chat_id] = True
        self._since[account, chat_id] = after
        self._asked.discard((account, chat_id))
        self.joins[account] += 1
        self.changed()

    def leave(self, account: int, chat_id: int) -> None:
        self._inside[account, chat_id] = False
        self._since.pop((account, chat_id), None)
        self.changed()

    def since(self, account: int, chat_id: int) -> int | None:
        """The newest message when the account came; None: it was inside from the start."""
        return self._since.get((account, chat_id))

    def ask(self, account: int, chat_id: int) -> bool:
        """A request to join. Returns whether it is a new one."""
        new = (account, chat_id) not in self._asked
        self._asked.add((account, chat_id))
        self.changed()
        return new

    def asked(self, account: int, chat_id: int) -> bool:
        return (account, chat_id) in self._asked

    def requests(self) -> list[tuple[int, int]]:
        return sorted(self._asked)

    def decline(self, account: int, chat_id: int) -> None:
        self._asked.discard((account, chat_id))
        self.changed()

    def ban(self, account: int, chat_id: int, error: str) -> None:
        """Out, and whatever it does there gets `error`."""
        self._banned[account, chat_id] = error
        self._asked.discard((account, chat_id))
        self.leave(account, chat_id)

    def pardon(self, account: int, chat_id: int) -> None:
        """It may join again; it is not inside."""
        self._banned.pop((account, chat_id), None)
        self.changed()

    def banned(self, account: int, chat_id: int) -> str | None:
        """The error, or None."""
        return self._banned.get((account, chat_id))

    def peek(self, account: int, chat_id: int, now: float) -> float:
        """The account may look in. Returns until when."""
        self._peeks[account, chat_id] = now + PEEK_SECONDS
        return now + PEEK_SECONDS

    def peeks(self, account: int, chat_id: int, now: float) -> bool:
        return self._peeks.get((account, chat_id), 0.0) > now

    def state(self) -> dict[str, Any]:
        """All that a restart must not lose, as JSON."""
        return {
            "inside": [[*key, value] for key, value in self._inside.items()],
            "since": [[*key, value] for key, value in self._since.items()],
            "asked": sorted(self._asked),
            "banned": [[*key, value] for key, value in self._banned.items()],
            "joins": list(self.joins.items()),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Starts from what `state` gave."""
        self._inside = {(account, chat): value for account, chat, value in state["inside"]}
        self._since = {(account, chat): value for account, chat, value in state["since"]}
        self._asked = {(account, chat) for account, chat in state["asked"]}
        self._banned = {(account, chat): value for account, chat, value in state["banned"]}
        self.joins = Counter(dict(state["joins"]))
