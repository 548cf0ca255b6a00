"""All that a job may use."""

from dataclasses import dataclass

from collector.gateway import Gateway
from collector.media_folder import MediaFolder
from collector.progress import Reporter
from collector.sink import Sink
from core.clock import Clock
from core.job import Job
from db.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class JobContext:
    """One job on one connected account."""

    job: Job
    account: int
    gateway: Gateway
    sink: Sink
    reporter: Reporter
    database: Database
    clock: Clock
    folder: MediaFolder | None = None
