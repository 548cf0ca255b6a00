"""However much was entered: 64 bytes of data a button, few enough buttons, 4,096 characters."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.features.found import views as found_views
from bot.features.found.service import SIZE, FoundPage, Place, Purpose
from bot.features.newtask import joining, options, presets, review, search, sources
from bot.features.newtask.draft import Draft, from_data, to_data
from bot.features.newtask.lines import SourceLine, SourceState
from bot.features.newtask.presets import STEPS, Preset
from bot.features.newtask.service import Review
from bot.i18n import LANGUAGES, Locales, Texts
from bot.screen import Screen
from core.chat import ChatKind
from core.found import FoundGroup, Verdict
from core.options import GroupRules, HistoryOptions, JoinOptions, JoinPolicy, MediaOptions
from core.options import SearchOptions as Search
from core.run import Intent, Run, RunState, Status
from core.task import Priority, TaskSpec

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
BEFORE_AN_ACTION = len("abcdef\x1dc:")
"""What the wizard's library puts before the data of a button."""
BOTS = tuple(f"@{letter * 31}" for letter in "abcd")

FULL = Draft(
    sources=tuple(f"+{number:02d}{'x' * 60}" for number in range(50)),
    search=Search(words=tuple(f"{n:02d}" + "棋" * 62 for n in range(20)), places=BOTS, pages=10),
    join=JoinOptions(
        policy=JoinPolicy.AUTO,
        rules=GroupRules(
            members=10_000_000,
            languages=joining.LANGUAGES,
            without=tuple(f"{n:02d}" + "词" * 30 for n in range(30)),
        ),
        leave=True,
    ),
    history=HistoryOptions(
        from_id=2**31 - 1,
        topic=2**31 - 1,
        comments=True,
        split=True,
        media=MediaOptions(kinds=options.EVERY_KIND[:-1], most_bytes=options.MEGABYTE * 100),
    ),
    priority=Priority.HIGH,
)


def fits(screen: Screen, *, before: int = 0) -> None:
    buttons = [choice for row in screen.rows for choice in row]
    assert buttons
    assert all(before + len(one.action.encode()) <= 64 for one in buttons)
    assert len(buttons) <= 40
    assert all(len(row) <= 5 for row in screen.rows)
    assert all(one.label for one in buttons)
    assert len(re.sub(r"<[^>]+>", "", screen.text)) <= 4096


@pytest.fixture(params=LANGUAGES)
def texts(request: pytest.FixtureRequest) -> Texts:
    return Locales().of(request.param)


@pytest.mark.parametrize("preset", Preset)
def test_the_wizards_pages(texts: Texts, preset: Preset) -> None:
    draft = from_data(to_data(FULL))
    assert draft == FULL
    draft = Draft(
        sources=draft.sources,
        steps=STEPS[preset],
        search=draft.search,
        join=draft.join,
        history=draft.history,
        priority=draft.priority,
    )
    lines = tuple(SourceLine(source=one, state=SourceState.CLOSED) for one in draft.sources)
    data = Review(draft=draft, lines=lines, account=None, ready=1, next_due=None, now=NOW)
    for screen in (
        presets.page(texts, draft),
        search.words(texts, draft),
        search.places(texts, draft, BOTS),
        joining.policy(texts, draft),
        joining.rules(texts, draft),
        options.more(texts, draft),
        options.topic(texts, draft),
        options.media(texts, draft),
        sources.sources(texts, data),
        review.review(texts, data, ZONE),
    ):
        fits(screen, before=BEFORE_AN_ACTION)


@pytest.mark.parametrize("purpose", Purpose)
def test_the_list_of_found_groups(texts: Texts, purpose: Purpose) -> None:
    run = Run(
        id="f" * 24,
        task="e" * 24,
        number=9_999,
        owner=1,
        spec=TaskSpec(sources=()),
        due=NOW,
        intent=Intent.GO,
        status=Status(state=RunState.WAITING),
        rev=1,
        planned=False,
        created_at=NOW,
    )
    groups = tuple(
        FoundGroup(
            run=run.id,
            task=run.task,
            source=f"+{'x' * 60}",
            rank=800_000 + number,
            word="棋" * 64,
            place=BOTS[0],
            found_at=NOW,
            title="标题" * 64,
            kind=ChatKind.SUPERGROUP,
            members=10_000_000,
            known=True,
            verdict=verdict,
            rule="without" if verdict is Verdict.EXCLUDED else None,
        )
        for number, verdict in enumerate([*Verdict, *Verdict][:SIZE])
    )
    page = FoundPage(
        place=Place(run=run.id, page=999, members=10_000),
        run=run,
        purpose=purpose,
        groups=groups,
        pages=1_001,
        total=8_001,
        counts=dict.fromkeys(Verdict, 2_000),
    )
    fits(found_views.listing(texts, page))
    fits(found_views.confirm(texts, run, 2_000))
