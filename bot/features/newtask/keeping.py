"""How long messages stay, and what becomes of deleted ones: a page of the wizard."""

from collections.abc import Sequence
from dataclasses import replace

from bot.errors import BotError
from bot.features.newtask.amounts import days_of
from bot.features.newtask.chosen import MAX_DAYS
from bot.features.newtask.draft import Draft
from bot.features.newtask.spoken import plain
from bot.i18n import Html, Texts
from bot.screen import Choice, Screen, rows_of
from core.message import DeletionPolicy
from core.task import Task

DAYS = (7, 30, 90, 365)
SHOWN_TASKS = 5
_FOR_EVER = frozenset(
    {"for ever", "forever", "always", "永久", "永远", "一直", "一直保留", "永久保留"}
)
_BUTTONS = {
    DeletionPolicy.MIRROR: "button-mirror-deletions",
    DeletionPolicy.KEEP: "button-keep-deletions",
}


def page(texts: Texts, draft: Draft, others: Sequence[Task]) -> Screen:
    """The choices; `others` are the other tasks on its chats."""
    days = [
        Choice(_marked(days_line(texts, one), one == draft.keep_days), f"kd:{one}") for one in DAYS
    ]
    ever = Choice(_marked(days_line(texts, None), draft.keep_days is None), "kd:0")
    fates = tuple(
        (Choice(_marked(texts.plain(key), draft.deletions is one), f"dl:{one}"),)
        for one, key in _BUTTONS.items()
    )
    now = f"{days_line(texts, draft.keep_days)} · {_fate(texts, draft.deletions)}"
    parts = [texts("wizard-keeping", now=Html(now)), _stricter(texts, draft, others)]
    back = (Choice(texts.plain("button-back"), "to:review"),)
    text = Html("\n\n".join(part for part in parts if part))
    return Screen(text, (*rows_of(days, 2), (ever,), *fates, back))


def press(draft: Draft, verb: str, value: str) -> Draft | None:
    """The draft after a press on this page; None where it means nothing here."""
    match verb:
        case "kd" if value.isdigit():
            return _kept_for(draft, int(value) or None)
        case "dl" if value in set(DeletionPolicy):
            return replace(draft, deletions=DeletionPolicy(value))
    return None


def read(draft: Draft, text: str) -> Draft:
    """A typed number of days, or for ever. Raises BotError."""
    words = plain(text)
    if words in _FOR_EVER:
        return _kept_for(draft, None)
    days = days_of(words.removeprefix("for ").removeprefix("保留"))
    if days is None:
        raise BotError("wizard-keeping-not-understood")
    return _kept_for(draft, days)


def keep_line(texts: Texts, days: int | None, deletions: DeletionPolicy) -> Html:
    """What differs from the defaults, in a few words; empty where nothing does."""
    parts = [] if days is None else [days_line(texts, days)]
    if deletions is not DeletionPolicy.MIRROR:
        parts.append(_fate(texts, deletions))
    return Html(" · ".join(parts))


def days_line(texts: Texts, days: int | None) -> str:
    """For how long, in a few words."""
    if days is None:
        return texts.plain("keep-for-ever")
    return texts.plain("keep-days", days=days)


def stricter(draft: Draft, others: Sequence[Task]) -> list[Task]:
    """Those of the others whose wishes count more than the draft's."""
    return [task for task in others if _is_shorter(draft, task) or _mirrors(draft, task)]


def _is_shorter(draft: Draft, task: Task) -> bool:
    days = task.spec.keep_days
    return days is not None and (draft.keep_days is None or days < draft.keep_days)


def _mirrors(draft: Draft, task: Task) -> bool:
    keeps = draft.deletions is DeletionPolicy.KEEP
    return keeps and task.spec.deletions is DeletionPolicy.MIRROR


def _stricter(texts: Texts, draft: Draft, others: Sequence[Task]) -> Html:
    found = stricter(draft, others)
    if not found:
        return Html()
    lines = [texts("keeping-stricter"), *(_line(texts, draft, one) for one in found[:SHOWN_TASKS])]
    if len(found) > SHOWN_TASKS:
        lines.append(texts("and-more", count=len(found) - SHOWN_TASKS))
    return Html("\n".join(lines))


def _line(texts: Texts, draft: Draft, task: Task) -> Html:
    wishes: list[str] = []
    if _is_shorter(draft, task):
        wishes.append(days_line(texts, task.spec.keep_days))
    if _mirrors(draft, task):
        wishes.append(_fate(texts, task.spec.deletions))
    value = Html(" · ".join(wishes))
    return texts("keeping-stricter-task", number=str(task.number), value=value)


def _fate(texts: Texts, deletions: DeletionPolicy) -> str:
    keeps = deletions is DeletionPolicy.KEEP
    return texts.plain("keep-deleted") if keeps else texts.plain("keep-mirrored")


def _kept_for(draft: Draft, days: int | None) -> Draft:
    if days is not None and not 1 <= days <= MAX_DAYS:
        raise BotError("wizard-what-bad-days", most=MAX_DAYS)
    return replace(draft, keep_days=days)


def _marked(label: str, on: bool) -> str:  # noqa: FBT001
    return f"✓ {label}" if on else label
