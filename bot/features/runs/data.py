"""All that the card of a run shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.features.runs.proof import Proof
from bot.features.runs.steps import Listening, Unheard
from bot.pulse import Beat
from core.account import Account
from core.found import Verdict
from core.job import ENDED, Job
from core.run import Intent, Run, RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class CardData:
    """`next_due`: the next time of a task that repeats; `found`: how many groups of each verdict;
    `listening`: only of an open run that listens; `proof`: only of an ended run that read all.
    `instead`: accounts that could listen to what nobody hears, but may not for this task. `heard`:
    of an ended run, what came while it listened.
    """

    run: Run
    jobs: Sequence[Job]
    beat: Beat
    accounts: dict[int, Account]
    zone: ZoneInfo
    now: datetime
    no_worker: bool = False
    next_due: datetime | None = None
    found: Mapping[Verdict, int] = field(default_factory=dict)
    listening: Listening | None = None
    proof: Proof | None = None
    instead: tuple[int, ...] = ()
    heard: int = 0

    def listens(self) -> bool:
        """Whether nothing is left to do but to listen."""
        over = all(job.state in ENDED for job in self.jobs)
        return self.beat.state is RunState.RUNNING and over and self.listening is not None

    def unheard(self) -> tuple[Unheard, ...]:
        """What is to be listened to and nobody can read."""
        return () if self.listening is None else self.listening.unheard

    def deaf(self) -> bool:
        """Whether it listens and hears nothing at all."""
        told = self.listening
        return self.listens() and told is not None and 0 < told.all == len(told.unheard)

    def stopping(self) -> bool:
        """Whether Stop was pressed and has not ended everything yet."""
        return self.run.is_open() and self.run.intent is Intent.CANCEL
