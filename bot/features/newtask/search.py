"""What is searched for, and where: two pages of the wizard."""

from collections.abc import Sequence
from dataclasses import replace

from bot.errors import BotError
from bot.features.newtask.draft import Draft, tag
from bot.formatting import shorten
from bot.i18n import Html, Texts
from bot.screen import Choice, Screen, rows_of
from core.options import TELEGRAM_SEARCH, SearchOptions
from core.pasted import lines

MAX_WORDS = 20
LONGEST_WORDS = 64
PAGES = (1, 3, 5, 10)
SHOWN_WORDS = 5


def words(texts: Texts, draft: Draft) -> Screen:
    """The words: press to remove, write to add."""
    named = draft.search.words
    body = "\n".join(texts("search-word", word=word) for word in named)
    removals = [
        Choice(texts.plain("button-remove", source=shorten(word, 24)), f"rw:{tag(word)}")
        for word in named
    ]
    back = Choice(texts.plain("button-back"), "to:review" if draft.is_begun() else "to:steps")
    parts = [texts("wizard-words-title"), Html(body), texts("wizard-words-hint")]
    text = Html("\n\n".join(part for part in parts if part))
    return Screen(text, (*rows_of(removals, 2), (back,)))


def places(texts: Texts, draft: Draft, bots: Sequence[str]) -> Screen:
    """Where it is searched, and how far."""
    toggles = []
    for place in _every_place(draft, bots):
        on = place in draft.search.places
        label = f"{'☑' if on else '☐'} {place_name(texts, place)}"
        toggles.append((Choice(label, f"pl:{'off' if on else 'on'}:{place}"),))
    pages = tuple(
        Choice(("✓ " if draft.search.pages == count else "") + str(count), f"pg:{count}")
        for count in PAGES
    )
    text = texts("wizard-places" if bots else "wizard-places-no-bots")
    return Screen(text, (*toggles, pages, (Choice(texts.plain("button-back"), "to:review"),)))


def press(draft: Draft, verb: str, value: str, bots: Sequence[str]) -> Draft | None:
    """The draft after a press on one of these pages; None where it means nothing here."""
    search = draft.search
    match verb:
        case "rw":
            kept = tuple(word for word in search.words if tag(word) != value)
            return replace(draft, search=replace(search, words=kept))
        case "pl":
            return replace(draft, search=_with_place(draft, value, bots))
        case "pg" if value in map(str, PAGES):
            return replace(draft, search=replace(search, pages=int(value)))
    return None


def read(draft: Draft, text: str) -> tuple[Draft, tuple[BotError, ...]]:
    """The draft with the words of each line, and why each of the others was left out. Commas and
    semicolons of any script part lines. Raises BotError where nothing is left.
    """
    good: dict[str, None] = dict.fromkeys(draft.search.words)
    left_out: list[BotError] = []
    for line in dict.fromkeys(lines(text)):
        if line.startswith("/"):
            left_out.append(BotError("wizard-word-is-command", word=shorten(line, 32)))
        elif len(line) > LONGEST_WORDS:
            left_out.append(
                BotError("wizard-word-too-long", word=shorten(line, 32), most=LONGEST_WORDS)
            )
        elif len(good) >= MAX_WORDS and line not in good:
            left_out.append(
                BotError("wizard-too-many-words", word=shorten(line, 32), most=MAX_WORDS)
            )
        else:
            good[line] = None
    if not good:
        raise left_out[0] if left_out else BotError("wizard-no-words")
    return replace(draft, search=replace(draft.search, words=tuple(good))), tuple(left_out)


def default_places(bots: Sequence[str]) -> tuple[str, ...]:
    """Where a new search looks: everywhere that there is."""
    return (TELEGRAM_SEARCH, *bots)


def words_line(texts: Texts, search: SearchOptions) -> Html:
    """What is searched for, in a line."""
    shown = ", ".join(shorten(word, 24) for word in search.words[:SHOWN_WORDS])
    return texts("card-sources", sources=shown, more=max(len(search.words) - SHOWN_WORDS, 0))


def places_line(texts: Texts, search: SearchOptions) -> Html:
    """Where it is searched, in a line."""
    named = ", ".join(place_name(texts, place) for place in search.places)
    return texts("search-places", places=named, pages=search.pages)


def place_name(texts: Texts, place: str) -> str:
    """A place as people call it."""
    return texts.plain("place-telegram") if place == TELEGRAM_SEARCH else place


def _every_place(draft: Draft, bots: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((TELEGRAM_SEARCH, *bots, *draft.search.places)))


def _with_place(draft: Draft, value: str, bots: Sequence[str]) -> SearchOptions:
    turn, _, place = value.partition(":")
    wanted = {*draft.search.places, place}
    if turn == "off":
        wanted.discard(place)
    kept = tuple(one for one in _every_place(draft, bots) if one in wanted)
    if not kept:
        raise BotError("wizard-one-place")
    return replace(draft.search, places=kept)
