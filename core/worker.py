"""Workers: what each tells of itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.setback import Setback
from core.trusted_clock import ClockSign, Verdict

SILENT = timedelta(seconds=20)
"""A worker that was not heard of for longer is taken for gone: it beats every five seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a worker does: the accounts that it holds, its running jobs, how late its loop is.

    `clock`: whether its clock is believed; `room`: how many accounts more it would hold; None of a
    version that does not tell.
    """

    accounts: tuple[int, ...] = ()
    jobs: int = 0
    lag: float = 0.0
    clock: ClockSign | None = None
    room: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSign:
    """The last sign of life of a worker. Times are MongoDB's; `silent`: seconds since `seen_at`.

    `draining`: it hands its accounts over; `left_at`: it did, and ended. `setbacks`: the accounts
    that it could not open or reach, whether it holds them or gave them back.
    """

    id: str
    host: str
    version: str
    started_at: datetime
    seen_at: datetime
    silent: float
    load: Load
    draining: bool = False
    left_at: datetime | None = None
    setbacks: tuple[Setback, ...] = ()

    def is_gone(self) -> bool:
        """Whether it was not heard of for so long that it must be gone."""
        return self.left_at is not None or self.silent > SILENT.total_seconds()


def why_all_wait(workers: Iterable[WorkerSign]) -> ClockSign | None:
    """Why nothing that goes by the clock is done; None where some worker does it, or none lives."""
    signs = [worker.load.clock for worker in workers if not worker.is_gone()]
    told = [sign for sign in signs if sign is not None and sign.verdict is not Verdict.AGREED]
    return told[0] if told and len(told) == len(signs) else None
