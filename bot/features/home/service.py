"""What the home page tells, and the language. No Telegram in here."""

from dataclasses import dataclass

from bot.i18n import LANGUAGES
from core.operator import Operator
from db.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeView:
    """The state of everything in four numbers."""

    open_runs: int
    tasks: int
    ready: int
    accounts: int


class HomeService:
    """Where an operator arrives."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def view(self) -> HomeView:
        """How things are."""
        crew = await self._database.accounts.all()
        _, tasks = await self._database.tasks.page(0, 1)
        return HomeView(
            open_runs=await self._database.runs.count_open(),
            tasks=tasks,
            ready=sum(account.can_work() for account in crew),
            accounts=len(crew),
        )

    async def set_language(self, operator: Operator, language: str) -> str | None:
        """Remember the language; anything unknown follows Telegram's again."""
        chosen = language if language in LANGUAGES else None
        await self._database.operators.set_language(operator.id, chosen)
        return chosen
