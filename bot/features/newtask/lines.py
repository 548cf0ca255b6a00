"""What is known of each source of a draft."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.features.newtask.draft import Draft
from bot.formatting import shorten
from bot.titles import short
from core.chat import Chat
from core.links import is_invite
from core.lookup import Found
from core.membership import Invite
from core.task import SeenChat, SourceTitle

UNKNOWN = frozenset({"source_unknown", "not_a_chat", "invite_expired", "invite_invalid"})
"""Problems of a source that no account and no later try can cure."""


class SourceState(StrEnum):
    """How far the looking up of a source has come; `closed`: no account is in it yet."""

    ASKED = "asked"
    FOUND = "found"
    CLOSED = "closed"
    UNKNOWN = "unknown"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """A source of a draft and what is known of it; `problem` is a reason key.

    `invite`: what is behind a link by which nobody entered yet. `entered`: an account is in it.
    `before`: the title of another chat that had the name when it was seen last. `title`: of the
    chat, as far as it is known or was.
    """

    source: str
    state: SourceState
    chat: Chat | None = None
    problem: str | None = None
    suggestions: tuple[Chat, ...] = ()
    invite: Invite | None = None
    entered: bool = False
    before: str | None = None
    title: str | None = None


def as_seen(draft: Draft, lines: Sequence[SourceLine]) -> Draft:
    """The draft with the chats that the lines show: the same chat named twice is one source, by its
    public name if it has one, and by its invite before its id."""
    best: dict[int, str] = {}
    for line in lines:
        if line.chat is not None:
            known = best.get(line.chat.id, line.source)
            best[line.chat.id] = min(known, line.source, key=lambda one: "@+-".index(one[0]))
    now = {line.source: line.chat for line in lines if line.chat is not None}
    sources = dict.fromkeys(
        best[now[source].id] if source in now else source for source in draft.sources
    )
    seen = {one.source: one for one in draft.seen} | {
        source: SeenChat(source=source, chat=chat.id, title=chat.title)
        for source, chat in now.items()
    }
    kept = tuple(seen[source] for source in sources if source in seen)
    titles = {one.source: one for one in draft.titles} | {
        line.source: SourceTitle(source=line.source, title=line.title)
        for line in lines
        if line.title is not None and not line.source.startswith("@")
    }
    called = tuple(titles[source] for source in sources if source in titles)
    return replace(draft, sources=tuple(sources), seen=kept, titles=called)


def named(line: SourceLine) -> str:
    """What people know a source by: a public name, else the title, else the source."""
    if line.source.startswith("@") or not (line.title or "").strip():
        return short(line.source)
    return shorten(line.title or "", 32)


def with_title(line: SourceLine, draft: Draft) -> SourceLine:
    """The line with the title that is known: as seen now, or when the draft's task was made."""
    before = {one.source: one.title for one in draft.seen}
    before |= {one.source: one.title for one in draft.titles}
    title = before.get(line.source)
    if line.chat is not None:
        title = line.chat.title
    elif line.invite is not None:
        title = line.invite.title
    return replace(line, title=title)


def line_of(source: str, found: Found | None, asked: set[str]) -> SourceLine:
    """A source with the answer to its question, if there is one."""
    if found is None:
        state = SourceState.ASKED if source in asked else SourceState.UNCHECKED
        return SourceLine(source=source, state=state)
    if found.chat is not None:
        entered = is_invite(source)
        return SourceLine(source=source, state=SourceState.FOUND, chat=found.chat, entered=entered)
    if found.invite is not None or found.problem == "not_joined":
        return SourceLine(source=source, state=SourceState.CLOSED, invite=found.invite)
    state = SourceState.UNKNOWN if found.problem in UNKNOWN else SourceState.UNCHECKED
    return SourceLine(
        source=source, state=state, problem=found.problem, suggestions=found.suggestions
    )
