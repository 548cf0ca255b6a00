"""What goes wrong with files: references grow old, and lines break in the middle of one."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.files import reference


@dataclass(slots=True)
class FileAnswer:
    """What calls get instead of a part. None: of any file, account or data centre."""

    message: str
    code: int
    file: int | None
    account: int | None
    dc: int | None
    offset: int
    times: int | None

    def fits(self, file: int, account: int, dc: int, offset: int) -> bool:
        wanted = (self.file, self.account, self.dc)
        said = (file, account, dc)
        fits = all(one in (None, other) for one, other in zip(wanted, said, strict=True))
        return fits and offset >= self.offset and self.times != 0


class FileFaults:
    """References are stamped with an epoch; those of an earlier one than the last are expired,
    and after `expire` those of the last too."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._orders = 0
        self._seconds = 0.0
        self._since = 0.0
        self._base = 0
        self._cuts: list[list[int | None]] = []
        self._answers: list[FileAnswer] = []
        self._moved: dict[int, int] = {}
        self._sizes: dict[int, int] = {}
        self.broken = 0
        """How many lines broke in the middle of a file."""

    @property
    def epoch(self) -> int:
        elapsed = int((self._clock() - self._since) / self._seconds) if self._seconds else 0
        return self._base + elapsed

    def expire(self) -> int:
        """Every reference given so far is expired now. Returns how often that was ordered."""
        self._restart(self._seconds, skip=2)
        self._orders += 1
        return self._orders

    def expire_after(self, seconds: float) -> None:
        """References live for `seconds` at least, and twice as long at most; 0: for ever."""
        self._restart(seconds, skip=0)

    def cut_at(self, offset: int, *, account: int | None = None, times: int = 1) -> None:
        """The next `times` calls that would read a file at `offset` bytes or later break the
        line instead."""
        self._cuts.append([account, offset, times])

    def answer(
        self,
        message: str,
        *,
        code: int = 400,
        file: int | None = None,
        account: int | None = None,
        dc: int | None = None,
        offset: int = 0,
        times: int | None = 1,
    ) -> None:
        """The next `times` calls (all when None) for a part at `offset` or later get this error, or
        with the message `CDN_REDIRECT` a redirect. `file`: of that id alone; `dc`: asked there."""
        self._answers.append(FileAnswer(message, code, file, account, dc, offset, times))

    def move(self, file: int, dc: int) -> None:
        """The file is at that data centre: any other one names it."""
        self._moved[file] = dc

    def deliver(self, file: int, size: int) -> None:
        """The parts of the file make `size` bytes, whatever its messages tell."""
        self._sizes[file] = size

    def size_of(self, file: int) -> int | None:
        return self._sizes.get(file)

    def place_of(self, file: int) -> int | None:
        return self._moved.get(file)

    def said(self, file: int, account: int, dc: int, offset: int) -> FileAnswer | None:
        """What this call gets instead of its part; counts it."""
        for one in self._answers:
            if one.fits(file, account, dc, offset):
                one.times = None if one.times is None else one.times - 1
                return one
        return None

    def clear(self, account: int | None = None) -> None:
        self._cuts = [one for one in self._cuts if account not in (None, one[0])]
        self._answers = [one for one in self._answers if account not in (None, one.account)]
        if account is None:
            self._moved.clear()
            self._sizes.clear()
            self._restart(0.0, skip=0)

    def fresh(self, shown_epoch: int) -> bool:
        return self.epoch - 1 <= shown_epoch <= self.epoch

    def breaks(self, account: int, offset: int) -> bool:
        """Whether this call breaks its line; counts it."""
        for one in self._cuts:
            whose, begin, times = one
            if whose in (None, account) and offset >= (begin or 0) and times:
                one[2] = times - 1
                self.broken += 1
                return True
        return False

    def stamp(self, body: bytes) -> bytes:
        """An answer with the references of now."""
        epoch = self.epoch
        return body.replace(reference(0), reference(epoch)) if epoch else body

    def _restart(self, seconds: float, *, skip: int) -> None:
        self._base = self.epoch + skip
        self._seconds, self._since = seconds, self._clock()
