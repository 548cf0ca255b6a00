"""When it is told in a message of its own that a run does not hear what it listens to."""

from collections.abc import Mapping, Sequence

from bot.features.runs import deaf, steps
from bot.features.runs.data import CardData
from bot.features.runs.steps import Listening
from bot.i18n import Texts
from bot.screen import Screen
from core.clock import Clock
from core.run import Intent, Run
from db.database import Database


class Alarms:
    """At once where the cause is known, else once the silence lasts."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._since: dict[str, float] = {}

    def of(self, texts: Texts, data: CardData) -> Screen | None:
        """What is to be said of an open run now; None while there is nothing to say."""
        run, now = data.run, self._clock.elapsed()
        if not data.unheard() or run.intent is not Intent.GO:
            self._since.pop(run.id, None)
            return None
        since = self._since.setdefault(run.id, now)
        if not deaf.has_cause(run, data.unheard(), data.accounts) and now - since < deaf.PATIENCE:
            return None
        about = deaf.line(texts, run, data.unheard(), data.accounts, data.instead)
        about = about or steps.unheard(texts, data.unheard())
        return None if about is None else deaf.alarm(texts, run, about, instead=bool(data.instead))

    async def instead(
        self, runs: Sequence[Run], listening: Mapping[str, Listening]
    ) -> dict[str, tuple[int, ...]]:
        """Who could listen to what nobody hears, by run; asked only where there is such a chat."""
        silent = [run for run in runs if run.id in listening and listening[run.id].unheard]
        if not silent:
            return {}
        crew = {account.id: account for account in await self._database.accounts.all()}
        chats = {one.chat for run in silent for one in listening[run.id].unheard}
        members = await self._database.memberships.members_of(chats)
        return {
            run.id: deaf.others(run, listening[run.id].unheard, crew, members) for run in silent
        }
