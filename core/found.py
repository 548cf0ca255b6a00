"""Groups that a search found, and which of them are wanted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from core.chat import ChatKind
from core.options import GroupRules


class Verdict(StrEnum):
    """`open` waits for the operator; `excluded` by the rules, `dropped` by the operator."""

    OPEN = "open"
    CHOSEN = "chosen"
    DROPPED = "dropped"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundGroup:
    """A chat that a search of one run found; each once a run, at its first place.

    `source` is canonical; `place` and `word` tell where and by what it was found. `known`: some of
    it was stored before. `rank` orders the finds of a run. `rule` names what excludes
    it. What no answer told (`chat`, `members`, ...) is None.
    """

    run: str
    task: str
    source: str
    rank: int
    word: str
    place: str
    found_at: datetime
    title: str = ""
    username: str | None = None
    chat: int | None = None
    kind: ChatKind | None = None
    members: int | None = None
    known: bool = False
    verdict: Verdict = Verdict.OPEN
    rule: str | None = None


def choose(groups: Sequence[FoundGroup], rules: GroupRules) -> list[FoundGroup]:
    """Every group with the verdict of the rules, in the given order: `chosen` or `excluded`."""
    judged = [_judged(group, rules) for group in groups]
    wanted = [group for group in judged if group.verdict is Verdict.CHOSEN]
    kept = {group.source for group in _largest(wanted, rules.most)}
    return [
        replace(group, verdict=Verdict.EXCLUDED, rule="most")
        if group.verdict is Verdict.CHOSEN and group.source not in kept
        else group
        for group in judged
    ]


def _largest(groups: Iterable[FoundGroup], most: int | None) -> list[FoundGroup]:
    return sorted(groups, key=lambda group: (-(group.members or 0), group.rank))[:most]


def _judged(group: FoundGroup, rules: GroupRules) -> FoundGroup:
    rule = _against(group, rules)
    verdict = Verdict.CHOSEN if rule is None else Verdict.EXCLUDED
    return replace(group, verdict=verdict, rule=rule)


def _against(group: FoundGroup, rules: GroupRules) -> str | None:
    title = group.title.casefold()
    if any(word.casefold() in title for word in rules.without):
        return "without"
    if rules.members is not None and (group.members or 0) < rules.members:
        return "members"
    if rules.languages and language_of(group.title) not in rules.languages:
        return "language"
    return None


def language_of(title: str) -> str:
    """The language that a title's script speaks for: `zh`, `ja`, `ko`, `ru`, `ar`, else `en`.

    A title has too few words for more; any Han letter without kana counts as Chinese.
    """
    scripts = {_script(letter) for letter in title}
    for language in ("ja", "ko", "zh", "ru", "ar"):
        if language in scripts:
            return language
    return "en"


_RANGES = (
    ("ja", 0x3040, 0x30FF),
    ("ko", 0xAC00, 0xD7AF),
    ("zh", 0x3400, 0x9FFF),
    ("zh", 0x20000, 0x323AF),
    ("ru", 0x0400, 0x04FF),
    ("ar", 0x0600, 0x06FF),
)


def _script(letter: str) -> str | None:
    code = ord(letter)
    return next((name for name, first, last in _RANGES if first <= code <= last), None)
