"""Whether the process is well, and if not, why."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog

from core.redaction import Redaction

log = structlog.get_logger(__name__)

Check = Callable[[], Awaitable[str | None]]
"""None when all is well, else the reason in a few words, without secrets."""

CHECK_SECONDS = 2.0


class Health:
    """Named checks. A `vital` one that fails means: restart this process; others: not ready.

    What is `hidden` stands in no answer, since anybody who reaches the port may read it.
    """

    def __init__(self, hidden: Redaction | None = None) -> None:
        self._hidden = hidden or Redaction()
        self._checks: dict[str, tuple[Check, bool]] = {}
        self._notes: list[Callable[[], Sequence[str]]] = []

    def add(self, name: str, check: Check, *, vital: bool = False) -> None:
        """Ask `check` from now on; a name that is taken is replaced."""
        self._checks[name] = (check, vital)

    def add_notes(self, notes: Callable[[], Sequence[str]]) -> None:
        """Tell also what `notes` says, which does not make the process unready."""
        self._notes.append(notes)

    def notes(self) -> list[str]:
        """What is wrong with a part of the work."""
        return [self._hidden.text(note) for notes in self._notes for note in notes()]

    async def report(self, *, vital_only: bool = False) -> Mapping[str, str | None]:
        """The answer of each check; one that takes over 2 s, or raises, has failed."""
        asked = {
            name: check for name, (check, vital) in self._checks.items() if vital or not vital_only
        }
        async with asyncio.TaskGroup() as group:
            answers = {name: group.create_task(_ask(name, asked[name])) for name in asked}
        told = {name: answer.result() for name, answer in answers.items()}
        return {name: why and self._hidden.text(why) for name, why in told.items()}


async def _ask(name: str, check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:g} s"
    except Exception as error:  # noqa: BLE001 - whatever it is, the check has failed
        log.warning("health.check_failed", check=name, error=error)
        return f"failed: {type(error).__name__}"
