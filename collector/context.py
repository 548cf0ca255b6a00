"""All that a job may use."""

import asyncio
from dataclasses import dataclass, field

from collector.gateway import Gateway
from collector.media_folder import MediaFolder
from collector.progress import Reporter
from collector.sink import Sink
from core.clock import Clock
from core.job import Job
from core.trusted_clock import TimeJudge
from db.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class JobContext:
    """One job on one connected account. `entering`: held by the one job of the account that enters
    a chat, so that what it counts its chats by does not change meanwhile."""

    job: Job
    account: int
    gateway: Gateway
    sink: Sink
    reporter: Reporter
    database: Database
    clock: Clock
    trusted: TimeJudge
    folder: MediaFolder | None = None
    entering: asyncio.Lock = field(default_factory=asyncio.Lock)
