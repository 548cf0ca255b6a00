"""How the wizard looks."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.features.newtask.service import Review, SourceLine, SourceState
from bot.formatting import account_names, day, moment, shorten
from bot.i18n import Html, Texts
from bot.reasons import reason
from bot.screen import Choice, Screen, rows_of
from core.account import Account
from core.links import BadSource
from core.options import HistoryOptions
from core.task import Schedule, ScheduleKind

SHOWN_SOURCES = 12
LIMITS = (1_000, 10_000)
DAYS = (7, 30)
INTERVALS = (timedelta(minutes=30), timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))


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


def when(texts: Texts, data: Review, zone: ZoneInfo) -> Screen:
    """When it fires."""
    schedule = data.draft.schedule
    mark = "✓ " if schedule.kind is ScheduleKind.NOW else ""
    intervals = [
        Choice(every_line(texts, interval), f"every:{round(interval.total_seconds() / 60)}")
        for interval in INTERVALS
    ]
    text = texts(
        "wizard-when",
        now=when_line(texts, data, zone),
        zone=zone.key,
        clock=data.now.astimezone(zone).strftime("%H:%M"),
    )
    later = (
        Choice(texts.plain("when-in-hour"), "at:hour"),
        Choice(texts.plain("when-tomorrow", time="09:00"), "at:tomorrow"),
    )
    daily = Choice(texts.plain("when-daily", time="09:00"), "daily:0900")
    return Screen(
        text,
        (
            (Choice(mark + texts.plain(_now_key(data)), "when:now"),),
            later,
            *rows_of(intervals, 2),
            (daily,),
            _back(texts),
        ),
    )


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


def schedule_line(
    texts: Texts, schedule: Schedule, zone: ZoneInfo, now: datetime, *, once: str = "when-on-start"
) -> Html:
    """When it fires, in a few words; `once` is the text of what has no time of its own."""
    if schedule.kind is ScheduleKind.EVERY and schedule.every is not None:
        return Html(every_line(texts, schedule.every))
    if schedule.kind is ScheduleKind.DAILY and schedule.daily_at is not None:
        return texts("when-daily", time=schedule.daily_at.strftime("%H:%M"))
    if schedule.kind is ScheduleKind.AT and schedule.at is not None:
        return texts("when-once", time=moment(schedule.at, zone, now))
    return texts(once)


def when_line(texts: Texts, data: Review, zone: ZoneInfo) -> Html:
    """When it fires, with the next time of what repeats."""
    line = schedule_line(texts, data.draft.schedule, zone, data.now, once=_now_key(data))
    if data.draft.schedule.kind is ScheduleKind.DAILY and data.next_due is not None:
        return texts("when-with-next", when=line, time=moment(data.next_due, zone, data.now))
    if data.draft.schedule.kind is ScheduleKind.EVERY and not data.draft.editing:
        return texts("when-first-now", when=line)
    return line


def every_line(texts: Texts, interval: timedelta) -> str:
    """An interval in its largest whole unit."""
    minutes = round(interval.total_seconds() / 60)
    if minutes % 1440 == 0:
        return texts.plain("when-every-days", days=minutes // 1440)
    if minutes % 60 == 0:
        return texts.plain("when-every-hours", hours=minutes // 60)
    return texts.plain("when-every-minutes", minutes=minutes)


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


def _now_key(data: Review) -> str:
    return "when-on-start" if data.draft.editing else "when-now"


def _back(texts: Texts) -> tuple[Choice, ...]:
    return (Choice(texts.plain("button-back"), "to:review"),)
