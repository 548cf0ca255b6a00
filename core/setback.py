"""Why a worker does not connect accounts, and how far the cause reaches. Pure."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

DOUBTED = frozenset({"key_unknown", "key_refused"})
"""Reasons of whoever answered: it does not take the account's key, which proves nothing of it."""


class Scope(StrEnum):
    """What a worker cannot use. OWN: it lacks something itself, a key or a right setting."""

    OWN = "own"
    ACCOUNT = "account"
    DATA_CENTRE = "data_centre"
    TELEGRAM = "telegram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setback:
    """Accounts that a worker cannot connect, and why (a reason key of the locale files)."""

    scope: Scope
    why: str
    accounts: tuple[int, ...]
    data_centre: int | None = None

    @property
    def doubted(self) -> bool:
        """Whether something answers, and does not take the accounts' keys."""
        return self.why in DOUBTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """Why one account is not connected; `own` as in Scope, `data_centre` where it is known."""

    why: str
    own: bool
    data_centre: int | None


def told_apart(
    failing: Mapping[int, Failing], connected: Mapping[int, int | None]
) -> tuple[Setback, ...]:
    """The causes behind all that fails, from the data centres of what is `connected`.

    Where nothing is connected it is Telegram, where nothing of a data centre is it is that one;
    beside others of the same data centre it is the account.
    """
    groups: dict[tuple[Scope, int | None, str], list[int]] = defaultdict(list)
    reached = set(connected.values())
    for account, one in sorted(failing.items()):
        if one.own:
            groups[Scope.OWN, None, one.why].append(account)
        elif not connected:
            groups[Scope.TELEGRAM, None, ""].append(account)
        elif one.data_centre is not None and one.data_centre not in reached:
            groups[Scope.DATA_CENTRE, one.data_centre, ""].append(account)
        else:
            groups[Scope.ACCOUNT, one.data_centre, str(account)].append(account)
    return tuple(
        Setback(
            scope=scope,
            why=failing[accounts[0]].why,
            accounts=tuple(accounts),
            data_centre=centre,
        )
        for (scope, centre, _), accounts in groups.items()
    )


def in_words(setback: Setback) -> str:
    """For a log or a health check, without names."""
    named = ", ".join(f"#{account}" for account in setback.accounts[:10])
    more = len(setback.accounts) - 10
    who = f"{named} and {more} more" if more > 0 else named
    if setback.doubted:
        what = "what answers as Telegram does not take the keys; check TELEGRAM_DC and the network"
        return f"{what} ({setback.why}): {who}"
    match setback.scope:
        case Scope.OWN:
            what = "this collector cannot open or connect accounts"
        case Scope.TELEGRAM:
            what = "cannot reach Telegram"
        case Scope.DATA_CENTRE:
            what = f"cannot reach Telegram's data centre {setback.data_centre}"
        case Scope.ACCOUNT:
            what = "cannot connect an account, though others of its data centre are connected"
    return f"{what} ({setback.why}): {who}"
