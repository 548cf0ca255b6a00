"""Who sees the card of a run, and what becomes of the cards of an operator who is removed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import structlog

from bot.groups import is_group
from bot.i18n import Locales, Texts
from core.operator import Operator
from core.run import Run
from core.task import Task
from db.database import Database

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Runs that somebody is to see, and the language of each owner."""

    runs: list[Run]
    texts: Mapping[int, Texts]


class Readers:
    """Asks the store who is an operator. `drop` is called with each run that nobody sees."""

    def __init__(self, database: Database, locales: Locales, drop: Callable[[str], None]) -> None:
        self._database = database
        self._locales = locales
        self._drop = drop
        self._removed: set[int] = set()

    async def of(self, runs: Iterable[Run]) -> Shown:
        """Those of the runs that somebody is to see."""
        every = list(runs)
        operators = {one.id: one for one in await self._database.operators.all()} if every else {}
        seen = [run for one in every if (run := await self._for_somebody(one, operators))]
        owners = {run.owner for run in seen}
        return Shown(runs=seen, texts={one: self._words(operators.get(one)) for one in owners})

    async def _for_somebody(self, run: Run, operators: Mapping[int, Operator]) -> Run | None:
        """The run, without the card of a removed operator; None where he is its owner, too."""
        reader = reader_of(run)
        if reader not in operators and run.owner in operators:
            self._say_once(reader)
            return replace(run, card=None)
        if reader in operators:
            self._removed.discard(reader)
            return run
        self._say_once(reader)
        self._drop(run.id)
        if not run.is_open():
            await self._database.runs.shown(run)
        return None

    def _say_once(self, operator: int) -> None:
        if operator not in self._removed:
            self._removed.add(operator)
            log.info("cards.ended", operator=operator, reason="no operator any more")

    def _words(self, operator: Operator | None) -> Texts:
        chosen = None if operator is None else operator.language
        app = None if operator is None else operator.telegram_language
        return self._locales.of(chosen, app)


def reader_of(run: Run) -> int:
    """Who sees the card of a run: whose chat it is in, and in a group the owner of the run."""
    if run.card is None or is_group(run.card.chat):
        return run.owner
    return run.card.chat


def place_of(run: Run, task: Task | None) -> int:
    """The chat of the card, or the one where a run gets its card: that is never a group."""
    if run.card is not None:
        return run.card.chat
    return run.owner if task is None or is_group(task.chat) else task.chat
