"""Who decides what is joined, and by which rules: two pages of the wizard."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.errors import BotError
from bot.features.newtask.draft import Draft
from bot.formatting import shorten
from bot.i18n import Html, Texts
from bot.screen import Choice, Screen, rows_of
from core.answers import count_of
from core.options import GroupRules, JoinOptions, JoinPolicy
from core.pasted import lines, tidy
from core.task import Step

LANGUAGES = ("zh", "en", "ru", "ja", "ko", "ar")
MEMBERS = (None, 100, 1_000, 10_000)
MOST = (5, 20, 50, None)
MAX_MEMBERS = 10_000_000
MAX_WITHOUT = 30
LONGEST_WORD = 32
_NUMBER = re.compile(r"\d[\d,. ]*\s*[km万千]?", re.IGNORECASE)


def policy(texts: Texts, draft: Draft) -> Screen:
    """Who decides; and whether a chat is left when the task is deleted."""
    join = draft.join
    rows: list[tuple[Choice, ...]] = []
    if draft.does(Step.SEARCH):
        for one in JoinPolicy:
            mark = "✓ " if join.policy is one else ""
            rows.append((Choice(mark + texts.plain(f"join-{one}"), f"jp:{one}"),))
        if join.policy is not JoinPolicy.ASK:
            rows.append((Choice(texts.plain("button-rules"), "to:rules"),))
    turn = "off" if join.leave else "on"
    mark = "☑" if join.leave else "☐"
    rows.append((Choice(f"{mark} {texts.plain('join-leave')}", f"lv:{turn}"),))
    rows.append((Choice(texts.plain("button-back"), "to:review"),))
    key = "wizard-joining" if draft.does(Step.SEARCH) else "wizard-joining-named"
    return Screen(texts(key), tuple(rows))


def rules(texts: Texts, draft: Draft) -> Screen:
    """Which groups are chosen without asking."""
    wanted = draft.join.rules
    members = [
        Choice(_marked(_members(texts, one), one == wanted.members), f"rn:{one or 0}")
        for one in MEMBERS
    ]
    tongues = [
        Choice(_marked(texts.plain("rule-any-language"), not wanted.languages), "rl:any"),
        *(_tongue(texts, code, wanted) for code in LANGUAGES),
    ]
    most = [
        Choice(_marked(_most(texts, one), one == wanted.most), f"ro:{one or 0}") for one in MOST
    ]
    last = [Choice(texts.plain("button-back"), "to:review")]
    if wanted.without:
        last.insert(0, Choice(texts.plain("button-clear-without"), "rx:"))
    text = texts("wizard-rules", now=rules_line(texts, wanted))
    return Screen(
        text, (*rows_of(members, 4), *rows_of(tongues, 4), *rows_of(most, 4), *rows_of(last, 1))
    )


def press(draft: Draft, verb: str, value: str) -> Draft | None:
    """The draft after a press on one of these pages; None where it means nothing here."""
    join = draft.join
    match verb:
        case "jp" if value in set(JoinPolicy):
            return replace(draft, join=replace(join, policy=JoinPolicy(value)))
        case "lv":
            return replace(draft, join=replace(join, leave=value == "on"))
        case "rn" if value.isdigit():
            return _ruled(draft, replace(join.rules, members=int(value) or None))
        case "ro" if value.isdigit():
            return _ruled(draft, replace(join.rules, most=int(value) or None))
        case "rx":
            return _ruled(draft, replace(join.rules, without=()))
        case "rl":
            return _ruled(draft, replace(join.rules, languages=_languages(join.rules, value)))
    return None


def read(draft: Draft, text: str) -> Draft:
    """A number: members at least. Anything else: words that exclude. Raises BotError."""
    if _NUMBER.fullmatch(number := tidy(text)):
        members = count_of(number) or 0
        if members > MAX_MEMBERS:
            raise BotError("wizard-rule-bad-members", most=MAX_MEMBERS)
        return _ruled(draft, replace(draft.join.rules, members=members or None))
    without = tuple(dict.fromkeys((*draft.join.rules.without, *lines(text))))
    if len(without) > MAX_WITHOUT or any(len(word) > LONGEST_WORD for word in without):
        raise BotError("wizard-rule-bad-words", most=MAX_WITHOUT, longest=LONGEST_WORD)
    return _ruled(draft, replace(draft.join.rules, without=without))


def join_line(texts: Texts, join: JoinOptions, steps: Sequence[Step]) -> Html:
    """Who decides, in a few words; of a task that only joins, that it does no more."""
    if Step.SEARCH not in steps:
        line = texts("join-named" if len(steps) > 1 else "join-no-more")
    elif join.policy is JoinPolicy.ASK:
        line = texts("join-ask")
    else:
        rule = rules_line(texts, join.rules)
        line = texts("join-by-rules", who=texts(f"join-{join.policy}"), rules=rule)
    return texts("join-then-leave", who=line) if join.leave else line


def rules_line(texts: Texts, wanted: GroupRules) -> Html:
    """The rules, in a few words."""
    parts: list[Html] = []
    if wanted.members is not None:
        parts.append(texts("rule-members", count=wanted.members))
    if wanted.languages:
        parts.append(texts("rule-languages", names=_names(texts, wanted.languages)))
    if wanted.without:
        words = ", ".join(shorten(word, 16) for word in wanted.without[:5])
        more = max(len(wanted.without) - 5, 0)
        parts.append(texts("rule-without", words=texts("card-sources", sources=words, more=more)))
    parts.append(Html(_most(texts, wanted.most)))
    return Html(" · ".join(parts))


def _ruled(draft: Draft, wanted: GroupRules) -> Draft:
    return replace(draft, join=replace(draft.join, rules=wanted))


def _languages(wanted: GroupRules, value: str) -> tuple[str, ...]:
    turn, _, code = value.partition(":")
    chosen = set(wanted.languages)
    if turn == "any":
        chosen.clear()
    elif turn == "on":
        chosen.add(code)
    else:
        chosen.discard(code)
    return tuple(one for one in LANGUAGES if one in chosen)


def _tongue(texts: Texts, code: str, wanted: GroupRules) -> Choice:
    on = code in wanted.languages
    label = texts.plain(f"language-{code}")
    return Choice(_marked(label, on), f"rl:{'off' if on else 'on'}:{code}")


def _names(texts: Texts, codes: Iterable[str]) -> str:
    return ", ".join(texts.plain(f"language-{code}") for code in codes)


def _members(texts: Texts, count: int | None) -> str:
    if count is None:
        return texts.plain("rule-any-size")
    return texts.plain("rule-at-least", count=count)


def _most(texts: Texts, count: int | None) -> str:
    return texts.plain("rule-no-limit") if count is None else texts.plain("rule-most", count=count)


def _marked(label: str, on: bool) -> str:  # noqa: FBT001
    return f"✓ {label}" if on else label
