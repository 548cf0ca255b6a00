"""The buttons of a run's card."""

from bot.features.runs import failures, steps
from bot.features.runs.data import CardData
from bot.i18n import Texts
from bot.reasons import ACCOUNT_FAILURES
from bot.screen import Choice
from core.run import Intent, Run

Rows = tuple[tuple[Choice, ...], ...]


def of_card(texts: Texts, data: CardData) -> Rows:
    """What may be done with the run now."""
    opened = Choice(texts.plain("button-open-task"), f"t:open:{data.run.task}")
    found = steps.list_button(texts, data.run, data.found)
    all_failures = failures.list_button(texts, data.run, data.jobs)
    if not data.run.is_open():
        again = Choice(texts.plain("button-again"), f"t:start:{data.run.task}")
        after = (*_retry(texts, data), *all_failures, *_results(texts, data))
        if steps.found_nothing(data.run, data.jobs, data.found):
            words = Choice(texts.plain("button-other-words"), f"t:words:{data.run.task}")
            after = ((words,), *after)
        return (*found, *after, (again, opened))
    if data.stopping():
        return (*all_failures, (opened,))
    after = all_failures
    if data.listening is not None:
        retry = _retry(texts, data) if data.run.intent is Intent.GO else ()
        after = (*retry, *all_failures, *_results(texts, data))
    stop = Choice(texts.plain("button-stop"), f"r:stop:{data.run.id}")
    return (*found, *after, (_rest(texts, data.run),), (opened,), (stop,))


def _retry(texts: Texts, data: CardData) -> Rows:
    """For what failed: again, and with another account where that may help."""
    failed = failures.failed(data.jobs)
    other = Choice(texts.plain("button-other-account"), f"r:who:{data.run.id}")
    if not failed:
        return ((other,),) if data.unheard() and data.instead else ()
    row = [Choice(texts.plain("button-retry"), f"r:retry:{data.run.id}")]
    may_help = any(job.failure and job.failure.reason in ACCOUNT_FAILURES for job in failed)
    if may_help or (data.unheard() and data.instead):
        row.append(other)
    return (tuple(row),)


def _results(texts: Texts, data: CardData) -> Rows:
    """What may be had of the chats that were reached; what is unknown is read from Coverage."""
    run = data.run.id
    if all(job.chat is None for job in data.jobs):
        return ()
    latest = Choice(texts.plain("button-latest"), f"r:latest:{run}")
    export = Choice(texts.plain("button-export"), f"r:export:{run}")
    coverage = Choice(texts.plain("button-coverage"), f"r:cover:{run}")
    return ((latest, export, coverage),)


def _rest(texts: Texts, run: Run) -> Choice:
    if run.intent is Intent.PAUSE:
        return Choice(texts.plain("button-resume-run"), f"t:resume:{run.task}")
    return Choice(texts.plain("button-pause-run"), f"t:pause:{run.task}")
