"""How the crew is shown."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.formatting import moment, shorten
from bot.i18n import Html, Texts
from bot.reasons import advice, reason
from bot.screen import Choice, Screen, rows_of
from core.account import Account, AccountState
from core.standing import Unusable

SHOWN = 20


def crew(
    texts: Texts,
    accounts: Sequence[Account],
    running: Mapping[int, int],
    unusable: Mapping[int, Unusable],
    zone: ZoneInfo,
    now: datetime,
) -> Screen:
    """Every account: signed in or not, why one cannot work and what to do."""
    if not accounts:
        return Screen(texts("accounts-none"))
    ready = sum(account.can_work() and account.id not in unusable for account in accounts)
    blocks = [texts("accounts-title", ready=ready, total=len(accounts))]
    blocks += [
        _block(texts, one, running.get(one.id, 0), unusable.get(one.id), zone, now)
        for one in accounts[:SHOWN]
    ]
    if len(accounts) > SHOWN:
        blocks.append(texts("and-more", count=len(accounts) - SHOWN))
    buttons = [
        Choice(
            texts.plain("button-make-default", name=shorten(one.name, 20)), f"a:default:{one.id}"
        )
        for one in accounts[:SHOWN]
        if not one.is_default and one.state is not AccountState.SIGNED_OUT
    ]
    refresh = (Choice(texts.plain("button-refresh"), "a:list"),)
    return Screen(Html("\n\n".join(blocks)), (*rows_of(buttons, 1), refresh))


def _block(
    texts: Texts,
    one: Account,
    running: int,
    unused: Unusable | None,
    zone: ZoneInfo,
    now: datetime,
) -> Html:
    mark = "🟢" if one.can_work() else "⏳" if one.state is AccountState.RESTING else "⚪"
    mark = "⚠️" if unused is not None else mark
    name = texts(
        "account-line",
        name=one.name,
        number=str(one.id),
        username="·" if one.username is None else f"@{one.username.removeprefix('@')} ·",
        phone=one.phone,
    )
    lines = [f"{mark} <b>{name}</b>"]
    if one.is_default:
        lines.append(texts("account-is-default"))
    state = texts(f"account-state-{one.state}")
    lines.append(texts("account-status", state=state, running=running))
    if not one.can_work():
        lines.append(_why(texts, one, zone, now))
    if unused is not None:
        lines.append(_nobody_can(texts, one, unused))
    return Html("\n".join(lines))


def _nobody_can(texts: Texts, one: Account, unused: Unusable) -> Html:
    why = unused.setback.why
    named = {"account": one.name}
    key = "held" if unused.held else "reach" if unused.opens else "open"
    told = texts(
        f"account-nobody-{key}",
        hosts=", ".join(unused.hosts[:3]),
        reason=reason(texts, why, named),
    )
    if unused.setback.doubted:
        return texts("card-why", reason=told, advice=advice(texts, why, named))
    todo = texts(f"account-nobody-todo-{'reach' if unused.opens else 'open'}")
    return texts("card-why", reason=told, advice=todo)


def _why(texts: Texts, one: Account, zone: ZoneInfo, now: datetime) -> Html:
    why = [] if one.reason is None else [reason(texts, one.reason, {"account": one.name})]
    if one.until is not None:
        why.append(texts("account-until", time=moment(one.until, zone, now)))
    todo = texts(f"account-todo-{one.state}")
    return texts("card-why", reason=Html(" ".join(why)), advice=todo)
