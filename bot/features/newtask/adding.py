"""Typed sources become those of a draft: what is taken, what is asked about, what has to wait."""

from dataclasses import replace

from bot.errors import BotError
from bot.features.newtask.draft import Draft, tag
from bot.features.newtask.lines import SourceLine
from core.links import BadSource, SourceFault, is_invite, parse_sources

MAX_SOURCES = 50
MAX_WAITING = 1_000
"""Sources that wait for a task of their own."""


def added(
    draft: Draft, text: str, origin: str | None = None
) -> tuple[Draft, tuple[BadSource, ...]]:
    """The draft with the sources of `text` waiting for room, and what is no source. What may be
    meant as one is asked about; of a forwarded text that is all but its `origin`. Raises BotError
    beyond what may wait.
    """
    named, bad = parse_sources(text)
    bare = [f"@{one.text.lower()}" for one in bad if one.fault is SourceFault.BARE_WORD]
    bad = tuple(one for one in bad if one.fault is not SourceFault.BARE_WORD)
    if origin is not None:
        named, bare, bad = (origin,), list(named), ()
    known = {*draft.sources, *draft.waiting}
    new = [source for source in named if source not in known]
    asked = tuple(dict.fromkeys(one for one in bare if one not in {*known, *named}))
    changed = replace(draft, asked=asked, waiting=(*draft.waiting, *new))
    if len(changed.waiting) > MAX_SOURCES + MAX_WAITING:
        raise BotError("wizard-too-many-sources", most=MAX_SOURCES + MAX_WAITING)
    return changed, bad


def filled(draft: Draft) -> tuple[Draft, tuple[str, ...]]:
    """The draft with as many of its waiting sources as there is room for, and which these are."""
    room = max(MAX_SOURCES - len(draft.sources), 0)
    new, waiting = draft.waiting[:room], draft.waiting[room:]
    return replace(draft, sources=(*draft.sources, *new), waiting=waiting), new


def taken(draft: Draft, pressed: str) -> Draft:
    """The draft with a source that was asked about, by its `tag`. Raises BotError."""
    meant = tuple(one for one in draft.asked if tag(one) == pressed)
    if not meant:
        raise BotError("error-stale")
    left = tuple(one for one in draft.asked if one not in meant)
    known = {*draft.sources, *draft.waiting}
    new = tuple(one for one in meant if one not in known)
    return replace(draft, asked=left, waiting=(*draft.waiting, *new))


def why_unknown(line: SourceLine) -> str:
    """The key of the text for a source that cannot be one."""
    if is_invite(line.source):
        return "wizard-dead-invite"
    return "wizard-person" if line.problem == "not_a_chat" else "wizard-unknown-source"
