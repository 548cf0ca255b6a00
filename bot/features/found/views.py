"""How the list of found groups looks."""

from bot.features.found.service import SIZE, FoundPage, Place, Purpose
from bot.features.newtask.search import place_name
from bot.formatting import shorten
from bot.i18n import Html, Texts
from bot.screen import Choice, Screen, rows_of
from bot.titles import short
from core.found import FoundGroup, Verdict
from core.links import link_to
from core.run import Run

FEWEST = (0, 100, 1_000, 10_000)
"""The steps of the filter by members; each press of its button takes the next."""

_MARKS = {
    Verdict.OPEN: "☐",
    Verdict.CHOSEN: "☑",
    Verdict.DROPPED: "–",
    Verdict.EXCLUDED: "✗",
}


def listing(texts: Texts, data: FoundPage) -> Screen:
    """A page of the list."""
    head = texts(
        f"found-title-{data.purpose}",
        number=str(data.run.number),
        found=sum(data.counts.values()),
        ticked=data.counts.get(Verdict.CHOSEN, 0),
    )
    first = data.place.page * SIZE + 1
    lines = [_line(texts, data, group, n) for n, group in enumerate(data.groups, start=first)]
    body = lines or [texts("found-none")]
    return Screen(Html("\n\n".join([head, *body])), _rows(texts, data))


def confirm(texts: Texts, run: Run, ticked: int) -> Screen:
    """Asked before anything is joined."""
    return Screen(
        texts("found-confirm", number=str(run.number), count=ticked),
        (
            (Choice(texts.plain("button-join-yes", count=ticked), f"f:go:{run.id}"),),
            (Choice(texts.plain("button-back"), f"f:list:{run.id}:0:0"),),
        ),
    )


def chosen(texts: Texts, number: int, count: int) -> Screen:
    """What is left of the list once the choice was made."""
    return Screen(texts("found-chosen", number=str(number), count=count))


def _line(texts: Texts, data: FoundPage, group: FoundGroup, number: int) -> Html:
    facts = [texts("found-members", count=group.members)] if group.members is not None else []
    if group.kind is not None:
        facts.append(texts(f"kind-{group.kind}"))
    by = texts("found-by", word=shorten(group.word, 20), place=place_name(texts, group.place))
    facts.append(by)
    if group.known:
        facts.append(texts("found-known"))
    if data.purpose is Purpose.SEEN and group.verdict is Verdict.EXCLUDED:
        facts.append(texts(f"excluded-{group.rule or 'most'}"))
    if group.verdict is Verdict.DROPPED:
        facts.append(texts("found-dropped"))
    return texts(
        "found-line",
        mark=_mark(data, group),
        number=str(number),
        title=shorten(group.title or short(group.source), 48),
        link=link_to(group.source),
        facts=Html(" · ".join(facts)),
    )


def _mark(data: FoundPage, group: FoundGroup) -> str:
    if data.purpose is Purpose.SEEN and group.verdict is Verdict.CHOSEN:
        return "✓"
    return _MARKS[group.verdict]


def _rows(texts: Texts, data: FoundPage) -> tuple[tuple[Choice, ...], ...]:
    rows: list[tuple[Choice, ...]] = []
    if data.purpose is not Purpose.SEEN:
        rows += rows_of(_ticks(data), 2)
        rows.append(_all_at_once(texts, data.place))
    rows.append(_filter(texts, data))
    if data.pages > 1:
        rows.append(_pager(data))
    rows += _onward(texts, data)
    return tuple(rows)


def _ticks(data: FoundPage) -> list[Choice]:
    first = data.place.page * SIZE + 1
    return [
        Choice(
            f"{_MARKS[group.verdict]} {number} {shorten(group.title or group.source, 20)}",
            _to("off" if group.verdict is Verdict.CHOSEN else "on", data.place) + f":{group.rank}",
        )
        for number, group in enumerate(data.groups, start=first)
    ]


def _all_at_once(texts: Texts, place: Place) -> tuple[Choice, ...]:
    return (
        Choice(texts.plain("button-tick-page"), _to("pg", place)),
        Choice(texts.plain("button-tick-all"), _to("all", place)),
        Choice(texts.plain("button-tick-none"), _to("none", place)),
    )


def _filter(texts: Texts, data: FoundPage) -> tuple[Choice, ...]:
    now = data.place.members
    following = FEWEST[(FEWEST.index(now) + 1) % len(FEWEST)] if now in FEWEST else 0
    key = "button-any-size" if now == 0 else "button-at-least"
    place = Place(run=data.place.run, page=0, members=following)
    return (
        Choice(texts.plain(key, count=now), _to("list", place)),
        Choice(texts.plain("button-refresh"), _to("list", data.place)),
    )


def _pager(data: FoundPage) -> tuple[Choice, ...]:
    place, row = data.place, []
    if place.page > 0:
        before = Place(run=place.run, page=place.page - 1, members=place.members)
        row.append(Choice("‹", _to("list", before)))
    row.append(Choice(f"{place.page + 1} / {data.pages}", _to("list", place)))
    if place.page + 1 < data.pages:
        after = Place(run=place.run, page=place.page + 1, members=place.members)
        row.append(Choice("›", _to("list", after)))
    return tuple(row)


def _onward(texts: Texts, data: FoundPage) -> list[tuple[Choice, ...]]:
    ticked = data.counts.get(Verdict.CHOSEN, 0)
    if data.purpose is Purpose.CHOOSE:
        label = texts.plain("button-join-chosen", count=ticked)
        return [(Choice(label, f"f:ask:{data.place.run}"),)]
    if data.purpose is Purpose.COLLECT:
        label = texts.plain("button-collect-chosen", count=ticked)
        return [(Choice(label, f"f:take:{data.place.run}"),)]
    return []


def _to(verb: str, place: Place) -> str:
    return f"f:{verb}:{place.run}:{place.page}:{place.members}"
