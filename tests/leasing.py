"""Leases by hand, through the repository, as a worker that is only a name takes them."""

from core.account import Account
from db.database import Database


async def lease(database: Database, worker: str, seconds: float = 30) -> Account | None:
    """The first account that nobody holds, now held by `worker`; None when there is none."""
    leases = database.accounts.leases
    return await leases.take((await leases.look()).free, worker, seconds=seconds)
