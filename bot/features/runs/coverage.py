"""How much of a run's chats is stored, as a strip and in numbers."""

from itertools import pairwise

from bot.features.runs.service import CoveragePage
from bot.formatting import shorten
from bot.i18n import Html, Texts
from bot.screen import Choice, Screen, pager
from core.chat import Chat
from core.coverage import Coverage
from core.span import IntervalSet

CELLS = 24
KNOWN, UNCONFIRMED, HIDDEN, UNKNOWN = "█", "▓", "▒", "░"


def screen(texts: Texts, data: CoveragePage) -> Screen:
    """The chats of a page; and the button that reads what is unknown, where something is."""
    title = texts("coverage-title", number=str(data.run.number))
    if not data.found:
        return Screen(Html(f"{title}\n{texts('coverage-none')}"))
    blocks = [_chat(texts, chat, coverage) for chat, coverage in data.found]
    unknown = sum(coverage.unknown for _, coverage in data.found)
    unconfirmed = sum(coverage.unconfirmed for _, coverage in data.found)
    blocks.append(texts("coverage-legend"))
    rows = pager(f"r:covers:{data.run.id}", data.page, data.pages)
    if unconfirmed and not unknown:
        rows.append((Choice(texts.plain("button-confirm"), f"r:repair:{data.run.id}"),))
    if unknown:
        key = "coverage-repair" if data.pages == 1 else "coverage-repair-pages"
        blocks.append(texts(key, count=unknown))
        rows.append((Choice(texts.plain("button-repair"), f"r:repair:{data.run.id}"),))
    return Screen(Html("\n\n".join([title, *blocks])), tuple(rows))


def strip(coverage: Coverage) -> str:
    """The ids from the first to the newest in cells; one unknown id makes its cell unknown."""
    cells = min(CELLS, coverage.ids)
    bounds = [coverage.lo + place * coverage.ids // cells for place in range(cells + 1)]
    return "".join(_cell(coverage, first, following - 1) for first, following in pairwise(bounds))


def _cell(coverage: Coverage, lo: int, hi: int) -> str:
    def meets(some: IntervalSet) -> bool:
        return bool(some.within(lo, hi).ranges)

    if meets(coverage.gaps.without(coverage.stored_gaps)):
        return UNKNOWN
    if meets(coverage.stored_gaps):
        return UNCONFIRMED
    return HIDDEN if meets(coverage.hidden) else KNOWN


def _chat(texts: Texts, chat: Chat, coverage: Coverage) -> Html:
    name = texts("coverage-chat", title=shorten(chat.title, 40))
    if not coverage.ids:
        return Html(f"{name}\n{texts('coverage-empty')}")
    counts = [texts("coverage-stored", count=coverage.stored)]
    if coverage.absent:
        counts.append(texts("coverage-absent", count=coverage.absent))
    if coverage.unreadable:
        counts.append(texts("coverage-unreadable", count=coverage.unreadable))
    if coverage.undecoded:
        counts.append(texts("coverage-undecoded", count=coverage.undecoded))
    if coverage.unknown:
        counts.append(texts("coverage-unknown", count=coverage.unknown))
    lines = [
        name,
        Html(f"<code>{strip(coverage)}</code>"),
        texts("coverage-range", top=coverage.hi),
        Html(" · ".join(counts)),
    ]
    if coverage.unconfirmed:
        lines.append(texts("card-unconfirmed", count=coverage.unconfirmed))
    elif not coverage.unknown:
        lines.append(texts("coverage-complete"))
    return Html("\n".join(lines))
