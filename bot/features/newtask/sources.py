"""The sources of a draft: a page of the wizard, and what the review shows of them."""

from collections.abc import Sequence

from bot.errors import BotError
from bot.features.newtask.draft import tag
from bot.features.newtask.lines import SourceLine, SourceState, named
from bot.features.newtask.service import Review
from bot.formatting import shorten
from bot.i18n import Html, Texts
from bot.reasons import reason
from bot.screen import Choice, Screen, rows_of
from bot.titles import short
from core.links import BadSource, is_invite

SHOWN_SOURCES = 12
MOST_BUTTONS = 24
_URGENT = frozenset({SourceState.UNKNOWN, SourceState.CLOSED})


def sources(texts: Texts, data: Review) -> Screen:
    """The list of sources: press to remove, write to add."""
    body = source_lines(texts, data.lines) if data.lines else texts("wizard-sources-empty")
    removals = [
        Choice(texts.plain("button-remove", source=named(line)), f"rm:{tag(line.source)}")
        for line in data.lines[:MOST_BUTTONS]
    ]
    last = "to:review" if data.draft.is_begun() else "to:steps"
    rows = (*replacements(texts, data.lines), *rows_of(removals, 2))
    text = f"{texts('wizard-sources-title')}\n\n{body}\n\n{texts('wizard-sources-hint')}"
    return Screen(Html(text), (*rows, (Choice(texts.plain("button-back"), last),)))


def bad_sources(texts: Texts, bad: Sequence[BadSource], left_out: Sequence[BotError] = ()) -> Html:
    """What was not taken over of a text, a line each with the reason."""
    lines = [texts(f"wizard-bad-{one.fault}", text=shorten(one.text, 40)) for one in bad]
    lines += [texts(one.key, **one.values) for one in left_out]
    if len(lines) > SHOWN_SOURCES:
        lines[SHOWN_SOURCES:] = [texts("and-more", count=len(lines) - SHOWN_SOURCES)]
    return Html("\n".join(lines))


def source_lines(texts: Texts, lines: Sequence[SourceLine]) -> Html:
    """The first sources with what is known of them; those that need something come first."""
    urgent = sorted(lines, key=lambda line: line.state not in _URGENT and line.before is None)
    shown = [_source_line(texts, line) for line in urgent[:SHOWN_SOURCES]]
    if len(lines) > SHOWN_SOURCES:
        shown.append(texts("and-more", count=len(lines) - SHOWN_SOURCES))
    return Html("\n".join(shown))


def _source_line(texts: Texts, line: SourceLine) -> Html:
    if line.invite is not None:
        return texts(
            "source-invite",
            title=shorten(line.invite.title, 40),
            members=-1 if line.invite.members is None else line.invite.members,
            approval="yes" if line.invite.approval else "no",
        )
    if line.state is SourceState.FOUND and line.chat is not None:
        chat = line.chat
        found = texts(
            "source-entered" if line.entered else "source-found",
            title=shorten(chat.title, 40),
            source=short(line.source),
            members=-1 if chat.members is None else chat.members,
            messages=-1 if chat.messages is None else chat.messages,
        )
        if line.before is None:
            return found
        had = texts("source-moved", source=short(line.source), before=shorten(line.before, 40))
        return Html(f"{found}\n{had}")
    if line.state is SourceState.UNKNOWN and line.problem == "not_a_chat":
        return texts("source-person", source=short(line.source))
    if line.state is SourceState.UNKNOWN and is_invite(line.source):
        why = reason(texts, line.problem or "invite_invalid")
        return texts("source-dead", source=named(line), reason=why)
    if line.state is SourceState.UNCHECKED and line.problem is not None:
        return texts("source-problem", source=named(line), reason=reason(texts, line.problem))
    return texts(f"source-{line.state}", source=named(line))


def replacements(texts: Texts, lines: Sequence[SourceLine]) -> list[tuple[Choice, ...]]:
    """A button for each chat whose name is near to an unknown one."""
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
