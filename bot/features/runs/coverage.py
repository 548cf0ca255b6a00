"""How much of a run's chats is stored, as a strip and in numbers."""

from collections.abc import Sequence
from itertools import pairwise

from bot.formatting import shorten
from bot.i18n import Html, Texts
from bot.screen import Choice, Screen
from core.chat import Chat
from core.coverage import Coverage
from core.run import Run
from core.span import IntervalSet

CELLS = 24
KNOWN, HIDDEN, UNKNOWN = "█", "▒", "░"
SHOWN = 8


def screen(texts: Texts, run: Run, found: Sequence[tuple[Chat, Coverage]]) -> Screen:
    """Each chat; and the button that reads what is unknown, where something is."""
    title = texts("coverage-title", number=str(run.number))
    if not found:
        return Screen(Html(f"{title}\n{texts('coverage-none')}"))
    blocks = [_chat(texts, chat, coverage) for chat, coverage in found[:SHOWN]]
    if len(found) > SHOWN:
        blocks.append(texts("and-more", count=len(found) - SHOWN))
    unknown = sum(coverage.unknown for _, coverage in found)
    blocks.append(texts("coverage-legend"))
    if not unknown:
        return Screen(Html("\n\n".join([title, *blocks])))
    blocks.append(texts("coverage-repair", count=unknown))
    repair = Choice(texts.plain("button-repair"), f"r:repair:{run.id}")
    return Screen(Html("\n\n".join([title, *blocks])), ((repair,),))


def strip(coverage: Coverage) -> str:
    """The ids from the first to the newest in cells; one unknown id makes its cell unknown."""
    cells = min(CELLS, coverage.ids)
    bounds = [coverage.lo + place * coverage.ids // cells for place in range(cells + 1)]
    return "".join(_cell(coverage, first, following - 1) for first, following in pairwise(bounds))


def _cell(coverage: Coverage, lo: int, hi: int) -> str:
    def meets(some: IntervalSet) -> bool:
        return bool(some.within(lo, hi).ranges)

    if meets(coverage.gaps):
        return UNKNOWN
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
    if coverage.unknown:
        counts.append(texts("coverage-unknown", count=coverage.unknown))
    lines = [
        name,
        Html(f"<code>{strip(coverage)}</code>"),
        texts("coverage-range", top=coverage.hi),
        Html(" · ".join(counts)),
    ]
    if not coverage.unknown:
        lines.append(texts("coverage-complete"))
    return Html("\n".join(lines))
