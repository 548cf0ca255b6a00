"""How hard a storm blows, and what it must have done before it may end."""

from dataclasses import dataclass, replace

CREW_POINTS = {
    "lease.taken": 2,
    "lease.renewed": 4,
    "run.queued": 1,
    "schedule.fired": 1,
    "job.claimed": 3,
    "job.started": 3,
    "page.stored": 4,
    "span.extended": 4,
    "job.finished": 3,
    "run.derived": 3,
}
"""Where a collector is made to crash: events of its own log, and the latest of them that is chosen.

In their order: an account was taken; the leases were renewed; a run's jobs are in the queue and the
run does not know; a due time has its run and has not moved on; a job is ours and nobody works on
it; its first call is about to go out; a page is stored and not proven; it is proven and not
counted; a job is done and not written so; a run's state is about to be compared and set.
"""

BOT_POINTS = {
    "task.added": 1,
    "run.opened": 1,
    "card.sent": 1,
    "card.changing": 2,
    "card.edited": 2,
}
"""The bot's: the task is written and its run is not; the run is and the operator was not answered;
a card was sent and is not known; a card is about to be edited; it was edited."""

ENDING_POINTS = {"ending.claimed": 1}
"""The right to tell of an ending is taken, and nothing was told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Quotas, and seconds between two of a kind, at random between the bounds.

    `sources` are read in each round, of so many `messages`, a page every `page_seconds`;
    an ended service is started again after a `pause`, shorter or longer than its leases last, a
    `fresh` share of the times by a new interpreter and else by a fork of one with its imports done;
    `each_point` crashes at each named point; `mongod` of each of: kill, stop, freeze.
    """

    seed: int
    accounts: int
    collectors: int
    sources: int
    rounds: int
    messages: tuple[int, int]
    page_seconds: float
    lease_seconds: float
    pause: tuple[float, float]
    fresh: float
    each_point: int
    kills: int
    kills_every: tuple[float, float]
    stops: int
    stops_every: tuple[float, float]
    freezes: int
    freezes_every: tuple[float, float]
    mongod: int
    mongod_every: tuple[float, float]
    cuts: int
    cuts_every: tuple[float, float]
    floods: int
    floods_every: tuple[float, float]
    trickle_every: tuple[float, float]
    drops: int
    limit: float

    def points(self) -> dict[str, int]:
        """Every named point, and the latest occurrence that is chosen."""
        return {**CREW_POINTS, **BOT_POINTS, **ENDING_POINTS}


def scaled(plan: Plan, share: float) -> Plan:
    """The same storm with a share of its quotas."""
    quotas = ("each_point", "kills", "stops", "freezes", "mongod", "cuts", "floods")
    less = {name: max(1, round(getattr(plan, name) * share)) for name in quotas}
    return replace(plan, **less)


FULL = Plan(
    seed=20260601,
    accounts=8,
    collectors=2,
    sources=20,
    rounds=60,
    messages=(300, 1_300),
    page_seconds=1.5,
    lease_seconds=3.0,
    pause=(0.0, 5.0),
    fresh=0.1,
    each_point=2,
    kills=75,
    kills_every=(4.0, 8.0),
    stops=15,
    stops_every=(12.0, 28.0),
    freezes=12,
    freezes_every=(20.0, 40.0),
    mongod=7,
    mongod_every=(10.0, 20.0),
    cuts=110,
    cuts_every=(2.0, 5.0),
    floods=40,
    floods_every=(8.0, 20.0),
    trickle_every=(6.0, 12.0),
    drops=600,
    limit=2_400.0,
)

SMALL = Plan(
    seed=1,
    accounts=5,
    collectors=2,
    sources=8,
    rounds=20,
    messages=(150, 500),
    page_seconds=0.5,
    lease_seconds=5.0,
    pause=(0.0, 1.0),
    fresh=0.0,
    each_point=1,
    kills=4,
    kills_every=(3.0, 6.0),
    stops=1,
    stops_every=(5.0, 10.0),
    freezes=1,
    freezes_every=(5.0, 10.0),
    mongod=1,
    mongod_every=(3.0, 6.0),
    cuts=10,
    cuts_every=(1.0, 3.0),
    floods=3,
    floods_every=(3.0, 6.0),
    trickle_every=(4.0, 6.0),
    drops=150,
    limit=110.0,
)
