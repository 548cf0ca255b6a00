"""What happens to updates on their way: lost, twice, out of turn, late, or never sent at all."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b


class Fate(StrEnum):
    DROPPED = "dropped"
    REPEATED = "repeated"
    LATE = "late"


@dataclass(slots=True, kw_only=True)
class Mishap:
    """For one account or all, one chat or all (None), and with `probability` each update."""

    fate: Fate
    account: int | None
    chat_id: int | None
    probability: float
    until: float
    seconds: float
    seed: int

    def strikes(self, account: int, chat_id: int | None, pts: int) -> bool:
        if self.account not in (None, account) or self.chat_id not in (None, chat_id):
            return False
        if self.probability >= 1:
            return True
        key = f"{self.seed}:{self.fate}:{account}:{chat_id}:{pts}".encode()
        drawn = int.from_bytes(blake2b(key, digest_size=4).digest(), "little")
        return drawn < self.probability * 2**32


class UpdateFaults:
    """Probabilities follow from the seed, the account, the chat and the update's pts alone.
    `lasting`: for so many seconds; None: until `clear`. An account's own box has no chat."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._mishaps: list[Mishap] = []
        self._too_long: dict[tuple[int | None, int | None], int] = {}
        self.push_too_long: Callable[[int | None, int | None], int] = lambda *_: 0

    def drop(
        self,
        probability: float = 1.0,
        *,
        account: int | None = None,
        chat_id: int | None = None,
        lasting: float | None = None,
        seed: int = 1,
    ) -> None:
        """Updates are never sent. With a chat and nothing else it is a silent one: it moves, and
        nobody is told."""
        self._add(Fate.DROPPED, probability, account, chat_id, lasting, 0.0, seed)

    def repeat(
        self,
        probability: float = 1.0,
        *,
        account: int | None = None,
        chat_id: int | None = None,
        lasting: float | None = None,
        after: float = 0.0,
        seed: int = 1,
    ) -> None:
        """Updates are sent once more, `after` seconds later."""
        self._add(Fate.REPEATED, probability, account, chat_id, lasting, after, seed)

    def reorder(
        self,
        probability: float = 0.5,
        *,
        account: int | None = None,
        chat_id: int | None = None,
        lasting: float | None = None,
        seconds: float = 0.1,
        seed: int = 1,
    ) -> None:
        """Updates are `seconds` late, and those behind them overtake."""
        self._add(Fate.LATE, probability, account, chat_id, lasting, seconds, seed)

    def delay(
        self,
        seconds: float,
        *,
        account: int | None = None,
        chat_id: int | None = None,
        lasting: float | None = None,
    ) -> None:
        """All are as late, in their order."""
        self._add(Fate.LATE, 1.0, account, chat_id, lasting, seconds, 1)

    def too_long(self, *, account: int | None = None, times: int = 1) -> None:
        """The next `times` differences of the account (of any) are `differenceTooLong`."""
        self._too_long[account, None] = times

    def channel_too_long(
        self, chat_id: int, *, account: int | None = None, times: int = 1, push: bool = False
    ) -> int:
        """The next `times` differences of the chat are `channelDifferenceTooLong`; with `push`
        its members are told to ask for one. Returns how many sessions were."""
        self._too_long[account, chat_id] = times
        return self.push_too_long(chat_id, account) if push else 0

    def clear(self, account: int | None = None) -> None:
        """Ends all, or those of one account."""
        self._mishaps = [one for one in self._mishaps if account not in (None, one.account)]
        keys = [key for key in self._too_long if account in (None, key[0])]
        for key in keys:
            del self._too_long[key]

    def plan(self, account: int, chat_id: int | None, pts: int) -> tuple[float, ...]:
        """In how many seconds each copy of this update is to be sent."""
        if not self._mishaps:
            return (0.0,)
        now, late, copies = self._clock(), 0.0, [0.0]
        self._mishaps = [one for one in self._mishaps if one.until > now]
        for one in self._mishaps:
            if not one.strikes(account, chat_id, pts):
                continue
            if one.fate is Fate.DROPPED:
                return ()
            if one.fate is Fate.REPEATED:
                copies.append(one.seconds)
            else:
                late += one.seconds
        return tuple(late + copy for copy in copies)

    def is_too_long(self, account: int, chat_id: int | None) -> bool:
        """Whether this difference is one of those ordered; counts it."""
        for key in ((account, chat_id), (None, chat_id)):
            if self._too_long.get(key, 0) > 0:
                self._too_long[key] -= 1
                return True
        return False

    def _add(
        self,
        fate: Fate,
        probability: float,
        account: int | None,
        chat_id: int | None,
        lasting: float | None,
        seconds: float,
        seed: int,
    ) -> None:
        until = float("inf") if lasting is None else self._clock() + lasting
        self._mishaps.append(
            Mishap(
                fate=fate,
                account=account,
                chat_id=chat_id,
                probability=probability,
                until=until,
                seconds=seconds,
                seed=seed,
            )
        )
