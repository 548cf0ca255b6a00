"""The review: everything at a glance, and the way to each page."""

from zoneinfo import ZoneInfo

from bot.features.newtask import sources
from bot.features.newtask.crew import can_begin
from bot.features.newtask.facts import facts
from bot.features.newtask.schedule import when_line
from bot.features.newtask.service import Review
from bot.formatting import account_names
from bot.i18n import Html, Texts
from bot.screen import Choice, Screen, rows_of
from core.links import is_invite
from core.task import Step


def review(texts: Texts, data: Review, zone: ZoneInfo) -> Screen:
    """The page between all others: every line of it can be changed by a button."""
    draft = data.draft
    title = "wizard-title-edit" if draft.editing else "wizard-title"
    parts = [
        texts(title),
        sources.source_lines(texts, data.lines),
        _facts(texts, data, zone),
        _trouble(texts, data),
    ]
    start = "button-save" if draft.editing else "button-start"
    return Screen(
        Html("\n\n".join(part for part in parts if part)),
        (
            *sources.replacements(texts, data.lines),
            *_way_in(texts, data),
            (Choice(texts.plain("button-steps"), "to:steps"),),
            *rows_of(_doors(texts, data), 2),
            (Choice(texts.plain(start), "start"),),
            (Choice(texts.plain("button-cancel"), "cancel"),),
        ),
    )


def _doors(texts: Texts, data: Review) -> list[Choice]:
    draft = data.draft
    doors = []
    if draft.does(Step.SEARCH):
        count = len(draft.search.words)
        doors.append(Choice(texts.plain("button-words", count=count), "to:words"))
        doors.append(Choice(texts.plain("button-places"), "to:places"))
    if not draft.does(Step.SEARCH) or draft.sources:
        count = len(draft.sources)
        doors.append(Choice(texts.plain("button-sources", count=count), "to:sources"))
    if draft.does(Step.JOIN):
        doors.append(Choice(texts.plain("button-joining"), "to:joining"))
    if draft.does(Step.HISTORY):
        doors.append(Choice(texts.plain("button-what"), "to:what"))
    return [
        *doors,
        Choice(texts.plain("button-account"), "to:account"),
        Choice(texts.plain("button-when"), "to:when"),
        Choice(texts.plain("button-keeping"), "to:keeping"),
        Choice(texts.plain("button-more"), "to:more"),
    ]


def _way_in(texts: Texts, data: Review) -> tuple[tuple[Choice, ...], ...]:
    """The button that lets the task join what it could not read otherwise."""
    if not any(is_invite(line.source) for line in data.closed()):
        return ()
    key = "button-join-first" if data.draft.does(Step.HISTORY) else "button-join-then-listen"
    return ((Choice(texts.plain(key), "joinfirst"),),)


def _facts(texts: Texts, data: Review, zone: ZoneInfo) -> Html:
    lines = [
        *facts(texts, data.draft.spec(), zone),
        texts("fact-account", value=_account(texts, data)),
        texts("fact-when", value=when_line(texts, data, zone)),
    ]
    return Html("\n".join(lines))


def _account(texts: Texts, data: Review) -> Html:
    if data.account is not None:
        return account_names(texts, [data.account.id], {data.account.id: data.account})
    if data.draft.pool:
        return account_names(texts, data.draft.pool, data.crew)
    return texts("account-balance" if data.draft.account is None else "account-gone")


def _trouble(texts: Texts, data: Review) -> Html | None:
    if not data.ready:
        return texts("wizard-nobody-ready")
    if data.unknown():
        return texts("wizard-fix-unknown")
    if data.closed():
        return texts("wizard-fix-closed")
    if data.draft.account is not None and (data.account is None or not data.account.can_work()):
        return texts("wizard-account-not-ready")
    if not can_begin(data.draft.policy(), data.crew):
        return texts("wizard-pool-not-ready")
    if data.draft.instead_of_default:
        return texts("wizard-instead-of-default")
    return texts("wizard-edit-counts") if data.draft.editing else None
