"""What the wizard asks about typed sources: which are meant, and what waits for a next task."""

from collections.abc import Sequence

from bot.features.newtask.adding import MAX_SOURCES
from bot.features.newtask.draft import Draft, tag
from bot.i18n import Html, Texts
from bot.screen import Choice, Screen, rows_of
from bot.titles import short

PAGES = frozenset({"steps", "sources", "review"})
SHOWN_ASKED = 6
SHOWN_WAITING = 8


def with_questions(texts: Texts, draft: Draft, screen: Screen) -> Screen:
    """The page with what is asked below its text and before its buttons."""
    parts: list[Html] = [screen.text]
    rows: list[tuple[Choice, ...]] = []
    if draft.asked:
        parts.append(texts("wizard-asked", names=_named(texts, draft.asked, SHOWN_ASKED)))
        rows += rows_of(
            [
                Choice(texts.plain("button-add-source", source=short(one)), f"ask:{tag(one)}")
                for one in draft.asked[:SHOWN_ASKED]
            ],
            2,
        )
        rows.append((Choice(texts.plain("button-drop-asked"), "drop:asked"),))
    if draft.waiting:
        named = _named(texts, draft.waiting, SHOWN_WAITING)
        count = len(draft.waiting)
        parts.append(texts("wizard-waiting", count=count, most=MAX_SOURCES, names=named))
        rows.append((Choice(texts.plain("button-drop-waiting", count=count), "drop:waiting"),))
    return Screen(Html("\n\n".join(parts)), (*rows, *screen.rows)) if rows else screen


def _named(texts: Texts, sources: Sequence[str], most: int) -> Html:
    named = ", ".join(short(one) for one in sources[:most])
    return texts("card-sources", sources=named, more=max(len(sources) - most, 0))
