"""How the wizard looks."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.features.newtask.schedule import when_line
from bot.features.newtask.service import Review, SourceLine, SourceState
from bot.formatting import account_names, day, shorten
from bot.i18n import Html, Texts
from bot.reasons import reason
from bot.screen import Choice, Screen, rows_of
from core.account import Account
from core.links import BadSource
from core.options import HistoryOptions

SHOWN_SOURCES = 12
LIMITS = (1_000, 10_000)
DAYS = (7, 30)


def review(texts: Texts, data: Review, zone: ZoneInfo) -> Screen:
    """The first page: everything at a glance, each row a button."""
    draft = data.draft
    title = "wizard-title-edit" if draft.editing else "wizard-title"
    parts = [texts(title), _source_lines(texts, data.lines), _facts(texts, data, zone)]
    if trouble := _trouble(texts, data):
        parts.append(trouble)
    start = "button-save" if draft.editing else "button-start"
    count = len(draft.sources)
    return Screen(
        Html("\n\n".join(part for part in parts if part)),
        (
            *_replacements(texts, data.lines),
            (
                Choice(texts.plain("button-sources", count=count), "to:sources"),
                Choice(texts.plain("button-what"), "to:what"),
            ),
            (
                Choice(texts.plain("button-account"), "to:account"),
                Choice(texts.plain("button-when"), "to:when"),
            ),
            (Choice(texts.plain(start), "start"),),
            (Choice(texts.plain("button-cancel"), "cancel"),),
        ),
    )


def sources(texts: Texts, data: Review) -> Screen:
    """The list of sources: press to remove, write to add."""
    body = _source_lines(texts, data.lines) if data.lines else texts("wizard-sources-empty")
    removals = [
        Choice(texts.plain("button-remove", source=source), f"rm:{source}")
        for source in data.draft.sources
    ]
    last = Choice(texts.plain("button-back"), "to:review")
    if not data.draft.sources:
        last = Choice(texts.plain("button-cancel"), "cancel")
    text = f"{texts('wizard-sources-title')}\n\n{body}\n\n{texts('wizard-sources-hint')}"
    return Screen(Html(text), (*_replacements(texts, data.lines), *rows_of(removals, 2), (last,)))


def what(texts: Texts, data: Review, zone: ZoneInfo) -> Screen:
    """How much of each history."""
    history = data.draft.history
    marked = "✓ " if history == HistoryOptions() else ""
    choices = [Choice(marked + texts.plain("what-all"), "what:all")]
    for limit in LIMITS:
        mark = "✓ " if history == HistoryOptions(limit=limit) else ""
        choices.append(Choice(mark + texts.plain("what-limit", count=limit), f"what:{limit}"))
    choices += [Choice(texts.plain("what-days", days=days), f"what:{days}d") for days in DAYS]
    text = texts("wizard-what", now=what_line(texts, history, zone))
    return Screen(text, ((choices[0],), *rows_of(choices[1:], 2), _back(texts)))


def account(texts: Texts, crew: Sequence[Account], chosen: int | None) -> Screen:
    """Who does it: those that can work first; the others with the reason."""
    rows = [
        (Choice(_account_label(texts, one, one.id == chosen), f"acc:{one.id}"),)
        for one in crew
        if one.can_work()
    ]
    mark = "✓ " if chosen is None else ""
    rows.append((Choice(f"{mark}{texts.plain('account-balance')}", "acc:auto"),))
    rows += [
        (Choice(_idle_label(texts, one), f"acc:{one.id}"),) for one in crew if not one.can_work()
    ]
    key = "wizard-account" if any(one.can_work() for one in crew) else "wizard-account-nobody"
    return Screen(texts(key), (*rows, _back(texts)))


def closed(texts: Texts) -> Screen:
    """What is left of a wizard that was cancelled."""
    return Screen(texts("wizard-closed"))


def what_line(texts: Texts, history: HistoryOptions, zone: ZoneInfo) -> Html:
    """How much of each history, in a few words."""
    if history.limit is not None:
        return texts("what-limit", count=history.limit)
    if history.since is not None and history.until is not None:
        return texts("what-range", since=day(history.since, zone), until=day(history.until, zone))
    if history.since is not None:
        return texts("what-since", since=day(history.since, zone))
    if history.until is not None:
        return texts("what-until", until=day(history.until, zone))
    return texts("what-all")


def bad_sources(texts: Texts, bad: Sequence[BadSource]) -> Html:
    """What could not be read as a source, and why."""
    lines = [
        texts(f"wizard-bad-{one.fault}", text=shorten(one.text, 40)) for one in bad[:SHOWN_SOURCES]
    ]
    if len(bad) > SHOWN_SOURCES:
        lines.append(texts("and-more", count=len(bad) - SHOWN_SOURCES))
    return Html("\n".join(lines))


def _source_lines(texts: Texts, lines: Sequence[SourceLine]) -> Html:
    urgent = sorted(lines, key=lambda line: line.state is not SourceState.UNKNOWN)
    shown = [_source_line(texts, line) for line in urgent[:SHOWN_SOURCES]]
    if len(lines) > SHOWN_SOURCES:
        shown.append(texts("and-more", count=len(lines) - SHOWN_SOURCES))
    return Html("\n".join(shown))


def _source_line(texts: Texts, line: SourceLine) -> Html:
    if line.state is SourceState.FOUND and line.chat is not None:
        chat = line.chat
        return texts(
            "source-found",
            title=shorten(chat.title, 40),
            source=line.source,
            members=-1 if chat.members is None else chat.members,
            messages=-1 if chat.messages is None else chat.messages,
        )
    if line.state is SourceState.UNCHECKED and line.problem is not None:
        return texts("source-problem", source=line.source, reason=reason(texts, line.problem))
    return texts(f"source-{line.state}", source=line.source)


def _facts(texts: Texts, data: Review, zone: ZoneInfo) -> Html:
    draft = data.draft
    facts = [
        texts("fact-what", value=what_line(texts, draft.history, zone)),
        texts("fact-account", value=_account(texts, data)),
        texts("fact-when", value=when_line(texts, data, zone)),
    ]
    return Html("\n".join(facts))


def _account(texts: Texts, data: Review) -> Html:
    if data.account is not None:
        return account_names(texts, [data.account.id], {data.account.id: data.account})
    return texts("account-balance" if data.draft.account is None else "account-gone")


def _trouble(texts: Texts, data: Review) -> Html | None:
    if not data.ready:
        return texts("wizard-nobody-ready")
    if data.unknown():
        return texts("wizard-fix-unknown")
    if data.draft.account is not None and (data.account is None or not data.account.can_work()):
        return texts("wizard-account-not-ready")
    if data.draft.instead_of_default:
        return texts("wizard-instead-of-default")
    return None


def _replacements(texts: Texts, lines: Sequence[SourceLine]) -> list[tuple[Choice, ...]]:
    names = [
        f"@{chat.username.removeprefix('@').lower()}"
        for line in lines
        if line.state is SourceState.UNKNOWN
        for chat in line.suggestions[:3]
        if chat.username
    ]
    return [
        (Choice(texts.plain("button-use-instead", source=name), f"use:{name}"),)
        for name in dict.fromkeys(names)
    ]


def _account_label(texts: Texts, one: Account, chosen: bool) -> str:  # noqa: FBT001
    key = "account-choice-default" if one.is_default else "account-choice"
    label = texts.plain(key, name=shorten(one.name, 24), number=str(one.id), running=one.running)
    return f"✓ {label}" if chosen else label


def _idle_label(texts: Texts, one: Account) -> str:
    state = texts.plain(f"account-state-{one.state}")
    return texts.plain(
        "account-choice-idle", name=shorten(one.name, 24), number=str(one.id), state=state
    )


def _back(texts: Texts) -> tuple[Choice, ...]:
    return (Choice(texts.plain("button-back"), "to:review"),)
