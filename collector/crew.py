"""What all runners of a worker share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from collector.gateway import Gateway, Pace
from collector.listening.options import ListenOptions
from collector.media_folder import MediaFolder
from collector.meter import Meter
from collector.run_keeper import RunKeeper
from collector.sink import Sink
from core.account import Account
from core.clock import Clock
from core.job import Family
from core.pacing import Budget
from core.trusted_clock import TimeJudge
from db.database import Database

GatewayFactory = Callable[[Account, bytes, Pace, Callable[[], bool]], Gateway]
"""Makes the gateway of an account from its encrypted session, its pace and its lease's check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """The store, the sink and the rules of one worker. `folder`: where it keeps files.

    `trusted` is asked by what is done by the clock, and by what cannot be undone.
    """

    database: Database
    sink: Sink
    keeper: RunKeeper
    clock: Clock
    trusted: TimeJudge
    meter: Meter
    budgets: Mapping[Family, Budget]
    make_gateway: GatewayFactory
    jobs_per_account: int
    folder: MediaFolder | None = None
    listening: ListenOptions = field(default_factory=ListenOptions)
