"""What is known of the workers. No Telegram in here."""

from dataclasses import dataclass
from datetime import datetime

from core.account import Account
from core.clock import Clock
from core.worker import WorkerSign
from db.database import Database

SIZE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerPage:
    """A page of the list, from 0."""

    workers: tuple[WorkerSign, ...]
    accounts: dict[int, Account]
    page: int
    pages: int
    now: datetime


class WorkerService:
    """Looks; nothing can be changed here."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def page(self, page: int) -> WorkerPage:
        """One page; a number beyond the last gives the last."""
        workers, total = await self._database.workers.page(page, SIZE)
        pages = max((total + SIZE - 1) // SIZE, 1)
        if page >= pages:
            page = pages - 1
            workers, total = await self._database.workers.page(page, SIZE)
        return WorkerPage(
            workers=tuple(workers),
            accounts={account.id: account for account in await self._database.accounts.all()},
            page=page,
            pages=pages,
            now=self._clock.now(),
        )
