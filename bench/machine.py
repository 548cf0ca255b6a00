"""How much of the machine is in use, by whomever."""

from pathlib import Path

STAT = Path("/proc/stat")
IDLE = (3, 4)
"""Places of `idle` and `iowait` among the times of the first line."""

GUESTS = slice(8)
"""Times of guests are counted in the others already."""


class Busy:
    """From its making on."""

    def __init__(self) -> None:
        self._idle, self._all = _times()

    def share(self) -> float:
        """Of the time of all cores, what was used."""
        idle, every = _times()
        return 1 - (idle - self._idle) / max(every - self._all, 1)


def _times() -> tuple[int, int]:
    """Idle and all, in ticks of all cores."""
    times = [int(word) for word in STAT.read_text().split("\n", 1)[0].split()[1:]][GUESTS]
    return sum(times[place] for place in IDLE), sum(times)
