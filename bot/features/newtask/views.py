"""How much is read, and by whom: two pages of the wizard."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.features.newtask import pool
from bot.features.newtask.draft import Draft
from bot.features.newtask.service import Review
from bot.formatting import day, shorten
from bot.i18n import Html, Texts
from bot.screen import Choice, Screen, pager, rows_of
from core.account import Account
from core.options import HistoryOptions

LIMITS = (1_000, 10_000)
DAYS = (7, 30)


def what(texts: Texts, data: Review, zone: ZoneInfo) -> Screen:
    """How much of each history."""
    history = data.draft.history
    amount = (history.limit, history.since, history.until, history.from_id)
    marked = "✓ " if amount == (None, None, None, None) else ""
    choices = [Choice(marked + texts.plain("what-all"), "what:all")]
    for limit in LIMITS:
        mark = "✓ " if amount == (limit, None, None, None) else ""
        choices.append(Choice(mark + texts.plain("what-limit", count=limit), f"what:{limit}"))
    for days in DAYS:
        mark = "✓ " if history.last == timedelta(days=days) else ""
        choices.append(Choice(mark + texts.plain("what-days", days=days), f"what:{days}d"))
    text = texts("wizard-what", now=what_line(texts, history, zone))
    return Screen(text, ((choices[0],), *rows_of(choices[1:], 2), _back(texts)))


def account(texts: Texts, crew: Sequence[Account], draft: Draft, shown: int) -> Screen:
    """Who does it: those that can work first; the others with the reason. `shown`: the page."""
    here, at, pages = pool.slice_of(crew, shown)
    rows: list[tuple[Choice, ...]] = [
        (Choice(_account_label(texts, one, one.id == draft.account), f"acc:{one.id}"),)
        for one in here
        if one.can_work()
    ]
    mark = "✓ " if draft.account is None and not draft.pool else ""
    rows.append((Choice(f"{mark}{texts.plain('account-balance')}", "acc:auto"),))
    rows += [
        (Choice(_idle_label(texts, one), f"acc:{one.id}"),) for one in here if not one.can_work()
    ]
    rows += pager("turn", at, pages)
    if len(crew) > 1:
        rows.append((Choice(_several(texts, draft), "to:pool"),))
    key = "wizard-account" if any(one.can_work() for one in crew) else "wizard-account-nobody"
    return Screen(texts(key), (*rows, _back(texts)))


def what_line(texts: Texts, history: HistoryOptions, zone: ZoneInfo) -> Html:
    """How much of each history, in a few words."""
    if history.from_id is not None:
        return texts("what-from", message=str(history.from_id))
    if history.limit is not None:
        return texts("what-limit", count=history.limit)
    if history.last is not None:
        return _last_line(texts, history.last)
    if history.since is not None and history.until is not None:
        return texts("what-range", since=day(history.since, zone), until=day(history.until, zone))
    if history.since is not None:
        return texts("what-since", since=day(history.since, zone))
    if history.until is not None:
        return texts("what-until", until=day(history.until, zone))
    return texts("what-all")


def _last_line(texts: Texts, last: timedelta) -> Html:
    hours = round(last / timedelta(hours=1))
    if hours % 24:
        return texts("what-hours", hours=hours)
    return texts("what-days", days=hours // 24)


def _account_label(texts: Texts, one: Account, chosen: bool) -> str:  # noqa: FBT001
    key = "account-choice-default" if one.is_default else "account-choice"
    label = texts.plain(key, name=shorten(one.name, 24), number=str(one.id), running=one.running)
    return f"✓ {label}" if chosen else label


def _idle_label(texts: Texts, one: Account) -> str:
    state = texts.plain(f"account-state-{one.state}")
    return texts.plain(
        "account-choice-idle", name=shorten(one.name, 24), number=str(one.id), state=state
    )


def _several(texts: Texts, draft: Draft) -> str:
    if not draft.pool:
        return texts.plain("button-pool")
    return f"✓ {texts.plain('button-pool-chosen', count=len(draft.pool))}"


def _back(texts: Texts) -> tuple[Choice, ...]:
    return (Choice(texts.plain("button-back"), "to:review"),)
