"""What is to be listened to and nobody hears: why, who could listen instead, and when to say so."""

from collections.abc import Collection, Mapping, Sequence

from bot.features.runs.steps import NO_READER, Unheard, some
from bot.formatting import account_names, shorten
from bot.i18n import Html, Texts
from bot.screen import Choice, Screen
from bot.titles import short
from core.account import READING_STATES, Account
from core.run import Run

PATIENCE = 60.0
"""Seconds of silence without a known cause before it is told: readers change over meanwhile."""


def others(
    run: Run,
    unheard: Sequence[Unheard],
    accounts: Mapping[int, Account],
    members: Mapping[int, Collection[int]],
) -> tuple[int, ...]:
    """Who could listen to any of these chats, but may not for this task: members of a private chat,
    anybody that works where the name is public."""
    free = [one.id for one in accounts.values() if one.can_work()]
    free = [number for number in free if not run.spec.policy.allows(number)]
    return tuple(
        number
        for number in sorted(free)
        if any(one.source.startswith("@") or number in members.get(one.chat, ()) for one in unheard)
    )


def has_cause(run: Run, unheard: Sequence[Unheard], accounts: Mapping[int, Account]) -> bool:
    """Whether it is known why nobody listens, so that it will not begin again by itself soon."""
    if any(one.why != NO_READER for one in unheard):
        return True
    allowed = [one for one in accounts.values() if run.spec.policy.allows(one.id)]
    return all(one.state not in READING_STATES for one in allowed)


def line(
    texts: Texts,
    run: Run,
    unheard: Sequence[Unheard],
    accounts: Mapping[int, Account],
    instead: Sequence[int],
) -> Html | None:
    """Which chats are not heard since nobody may read them, why, and what to do."""
    sources = [short(one.source) for one in unheard if one.why == NO_READER]
    if not sources:
        return None
    if run.spec.policy.accounts:
        named = ", ".join(
            _with_state(texts, accounts.get(one), one) for one in run.spec.policy.accounts[:3]
        )
        head = texts("deaf-named", sources=some(sources), accounts=named)
    else:
        head = texts("deaf-nobody", sources=some(sources))
    if instead:
        then = texts("deaf-others", accounts=account_names(texts, instead, accounts))
    else:
        then = texts("deaf-advice")
    return Html(f"🔇 {head} {then}")


def alarm(texts: Texts, run: Run, about: Html, *, instead: bool) -> Screen:
    """The new message that says it, since an edit of an old card is seen by nobody."""
    opened = (Choice(texts.plain("button-open-task"), f"t:open:{run.task}"),)
    other = (Choice(texts.plain("button-other-account"), f"r:who:{run.id}"),)
    title = texts("deaf-title", number=str(run.number))
    return Screen(Html(f"{title}\n\n{about}"), (other, opened) if instead else (opened,))


def _with_state(texts: Texts, one: Account | None, number: int) -> str:
    if one is None:
        return f"#{number}: {texts.plain('account-gone')}"
    name = texts.plain("account-name", name=shorten(one.name, 24), number=str(one.id))
    return f"{name}: {texts.plain(f'account-state-{one.state}')}"
