"""What became of the questions about a draft's sources, and which chats had their names before."""

from collections.abc import Sequence
from dataclasses import replace

from bot.features.newtask.draft import Draft
from bot.features.newtask.lines import SourceLine, line_of, with_title
from core.lookup import Found, LookupState
from db.database import Database

LOOKUP_PATIENCE = 5.0
"""How long an unanswered question counts as being asked."""


async def lines_of(database: Database, draft: Draft) -> tuple[SourceLine, ...]:
    """What is known of each source of the draft."""
    found: dict[str, Found] = {}
    asked: set[str] = set()
    for number in draft.lookups:
        lookup = await database.lookups.get(number)
        if lookup is None:
            continue
        if lookup.state is LookupState.ANSWERED:
            found.update({one.source: one for one in lookup.found})
        elif lookup.age < LOOKUP_PATIENCE:
            asked.update(lookup.sources)
    lines = [line_of(source, found.get(source), asked) for source in draft.sources]
    had = await _had_before(database, draft, lines)
    named = (with_title(line, draft) for line in lines)
    return tuple(replace(line, before=had.get(line.source)) for line in named)


async def _had_before(
    database: Database, draft: Draft, lines: Sequence[SourceLine]
) -> dict[str, str]:
    """Names that lead to another chat now than when somebody last looked: the title of that one,
    by what this task saw before all, then any other task, then the crew."""
    now = {
        line.source: line.chat.id
        for line in lines
        if line.chat is not None and line.source.startswith("@")
    }
    if not now:
        return {}
    known = {
        f"@{chat.username}": chat.title
        for chat in await database.chats.with_names(list(now))
        if chat.id != now[f"@{chat.username}"]
    }
    tasks = await database.tasks.naming(list(now))
    seen = [one for task in sorted(tasks, key=lambda one: one.number) for one in task.spec.seen]
    for one in (*seen, *draft.seen):
        if one.source in now and one.chat != now[one.source]:
            known[one.source] = one.title
    return known
