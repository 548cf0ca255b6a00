"""Several accounts for one task: the page where they are ticked."""

from collections.abc import Sequence
from dataclasses import replace

from bot.errors import BotError
from bot.features.newtask.draft import Draft
from bot.formatting import shorten
from bot.i18n import Texts
from bot.screen import Choice, Screen, pager
from core.account import Account

SIZE = 10
MOST = 100


def page(texts: Texts, draft: Draft, crew: Sequence[Account], shown: int) -> Screen:
    """The accounts to tick; `shown` is the page of them, from 0."""
    here, at, pages = slice_of(crew, shown)
    rows: list[tuple[Choice, ...]] = [(_toggle(texts, one, draft),) for one in here]
    rows += pager("turn", at, pages)
    if draft.ticked:
        label = texts.plain("button-use-ticked", count=len(draft.ticked))
        rows.append((Choice(label, "pool:use"),))
    return Screen(
        texts("wizard-pool"), (*rows, (Choice(texts.plain("button-back"), "to:account"),))
    )


def slice_of(crew: Sequence[Account], shown: int) -> tuple[Sequence[Account], int, int]:
    """The accounts of a page, its number (that of the last where it is too large), how many."""
    pages = max((len(crew) + SIZE - 1) // SIZE, 1)
    at = min(shown, pages - 1)
    return crew[at * SIZE : (at + 1) * SIZE], at, pages


def ticked(draft: Draft, account: int, *, on: bool) -> Draft:
    """The draft with an account ticked or not. Raises BotError beyond `MOST`."""
    chosen = {*draft.ticked, account} if on else set(draft.ticked) - {account}
    if len(chosen) > MOST:
        raise BotError("wizard-pool-too-many", most=MOST)
    return replace(draft, ticked=tuple(sorted(chosen)))


def used(draft: Draft) -> Draft:
    """The draft that the ticked accounts do; one alone is chosen as such. Raises BotError."""
    if not draft.ticked:
        raise BotError("wizard-pool-nobody")
    alone = draft.ticked[0] if len(draft.ticked) == 1 else None
    pool = () if alone is not None else draft.ticked
    return replace(draft, account=alone, pool=pool, instead_of_default=False)


def kept(draft: Draft) -> Draft:
    """The draft as the page is left without its button: what is ticked counts, if anything is."""
    named = draft.pool or (() if draft.account is None else (draft.account,))
    if not draft.ticked:
        return replace(draft, ticked=draft.pool)
    return draft if draft.ticked == named else used(draft)


def _toggle(texts: Texts, one: Account, draft: Draft) -> Choice:
    on = one.id in draft.ticked
    key = "account-choice" if one.can_work() else "account-choice-idle"
    state = texts.plain(f"account-state-{one.state}")
    label = texts.plain(key, name=shorten(one.name, 24), number=str(one.id), state=state)
    return Choice(f"{'☑' if on else '☐'} {label}", f"tk:{'off' if on else 'on'}:{one.id}")
