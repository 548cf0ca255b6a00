"""The crew as the bot may show and change it. No Telegram in here."""

from collections.abc import Sequence

from bot.access import require
from bot.errors import BotError
from core.account import Account
from core.operator import Operator, Role
from core.standing import Unusable, unusable
from db.database import Database


class AccountService:
    """Who is there, and who is the default."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def crew(self) -> list[Account]:
        """Every account by number, with the jobs that it runs now."""
        return await self._database.accounts.all()

    async def unusable(self, crew: Sequence[Account]) -> dict[int, Unusable]:
        """Which of them no collector can use, and why."""
        workers = await self._database.workers.all()
        found = {account.id: unusable(account, workers) for account in crew}
        return {number: why for number, why in found.items() if why is not None}

    async def running(self) -> dict[int, int]:
        """How many jobs each account runs."""
        return await self._database.jobs.running_by_account()

    async def make_default(self, operator: Operator, account: str) -> Account:
        """Let tasks that name no account begin with this one."""
        require(operator, Role.OPERATOR)
        found = await self._database.accounts.get(int(account)) if account.isdigit() else None
        if found is None or not await self._database.accounts.make_default(found.id):
            raise BotError("wizard-account-gone")
        return found
