"""What may be typed into the wizard: here, when a task fires, with quiet hours and an end, in one
line or several. What is not understood spoils its own clause only: `Partly` carries the rest.
"""

import re
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.errors import BotError
from bot.features.newtask import chosen
from bot.features.newtask.amounts import read_what
from bot.features.newtask.spoken import CLOCK, DAY, clock_of, day_of, plain
from bot.features.newtask.times import CRON, read_time
from core.pasted import pieces, tidy
from core.task import Schedule

_TO = r"\s*(?:-|~|to|till?|until|至|到)\s*"
_QUIET_WORD = r"(?:quiet|silent|silence|静默|免打扰|不打扰|勿扰)"
_QUIET = re.compile(
    rf"{_QUIET_WORD}(?:\s*hours|时段|时间)?\s*:?\s*(?:from|between|从)?\s*({CLOCK}){_TO}({CLOCK})"
    rf"|(?:from|between|从)?\s*({CLOCK}){_TO}({CLOCK})\s*{_QUIET_WORD}",
    re.ASCII,
)
_NO_QUIET = re.compile(
    r"no quiet hours|quiet(?: hours)? off|(?:取消|不设?|无)静默(?:时段)?", re.ASCII
)
_NO_END = re.compile(r"no end|until cancelled|不限期|取消结束|不设结束", re.ASCII)
_UNTIL = re.compile(
    rf"(?:until|till|through|up to|to|end(?:s|ing)?(?:\s+on)?|\.\.|直?到|至|截[至止]到?)\s*({DAY})"
    rf"(?:\s*(?:为止|止|结束))?|({DAY})\s*(?:为止|止|结束)",
    re.ASCII,
)
_FOR_DAYS = re.compile(r"(?:\bfor|持续|共)\s*(\d{1,4})\s*(days?|weeks?|天|个?星期|周)", re.ASCII)
_BAD_CLAUSE = re.compile(rf"(?:{_QUIET_WORD}|until|till|直到|截[至止])[^,;，；]*", re.ASCII)
_ENDS = re.compile(r"^(?:[\s,;、]|and\b)+|(?:[\s,;、]|\b(?:and|with)|并且?|和)+$", re.ASCII)

__all__ = ["Partly", "names_sources", "read_what", "read_when"]

Bound = Callable[[Schedule], Schedule]


class Partly(BotError):
    """A part of a text cannot be (`why`); `good` is the schedule by all the rest."""

    def __init__(self, why: BotError, good: Schedule) -> None:
        super().__init__(why.key, **why.values)
        self.good = good


def names_sources(text: str) -> bool:
    """Whether nobody could mean anything but sources: each word is a link or has an @."""
    words = pieces(text)
    return bool(words) and all(
        word.startswith("@") or "/" in word or ".me" in word for word in words
    )


def read_when(text: str, zone: ZoneInfo, now: datetime, before: Schedule | None = None) -> Schedule:
    """The schedule of a text; quiet hours and an end change the schedule `before`, and stay when
    another time is chosen. Raises BotError that names the part without a meaning: Partly where
    other parts have one.
    """
    base = before or Schedule()
    if (match := CRON.fullmatch(tidy(text))) is not None:
        return chosen.bounded(chosen.by_cron(match[1], zone), base)
    said, bounds, faults = _clauses(plain(text), zone, now)
    changes: list[Bound] = list(bounds)
    if said or not (bounds or faults):
        changes.insert(0, lambda before: chosen.bounded(read_time(said, zone, now), before))
    schedule = base
    for change in changes:
        try:
            schedule = change(schedule)
        except BotError as error:
            faults.append(error)
    if not faults:
        return schedule
    raise faults[0] if schedule == base else Partly(faults[0], schedule)


def _clauses(said: str, zone: ZoneInfo, now: datetime) -> tuple[str, list[Bound], list[BotError]]:
    """What is left for the time, the bounds that are named, and what is wrong with others."""
    bounds: list[Bound] = []
    today = now.astimezone(zone).date()

    def use_quiet(match: re.Match[str]) -> Bound:
        start, end = (clock_of(one) for one in match.groups() if one)
        return lambda before: chosen.quiet(before, start, end, zone)

    def use_end(match: re.Match[str]) -> Bound:
        last = day_of(match[1] or match[2], today)
        return lambda before: chosen.ending(before, last, zone, now)

    def use_days(match: re.Match[str]) -> Bound:
        days = int(match[1]) * (1 if match[2][0] in "d天" else 7)
        return lambda before: chosen.ending_in(before, days, zone, now)

    readers: list[tuple[re.Pattern[str], Callable[[re.Match[str]], Bound]]] = [
        (_NO_QUIET, lambda _: lambda before: chosen.without_bound(before, "quiet")),
        (_NO_END, lambda _: lambda before: chosen.without_bound(before, "ends")),
        (_QUIET, use_quiet),
        (_UNTIL, use_end),
        (_FOR_DAYS, use_days),
    ]
    faults: list[BotError] = []
    for pattern, use in readers:
        for match in pattern.finditer(said):
            try:
                bounds.append(use(match))
            except ValueError:
                faults.append(chosen.impossible(match[0], is_day=pattern is _UNTIL))
        said = pattern.sub(" ", said)
    faults += [
        BotError("wizard-when-not-understood", part=match[0].strip())
        for match in _BAD_CLAUSE.finditer(said)
    ]
    return _trimmed(_BAD_CLAUSE.sub(" ", said)), bounds, faults


def _trimmed(said: str) -> str:
    return _ENDS.sub("", " ".join(said.split())).strip()
