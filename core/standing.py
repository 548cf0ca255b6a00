"""Whether the crew can use an account, as its collectors tell. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.account import DEAD_STATES, READING_STATES, Account
from core.job import Job, Wait
from core.setback import Scope, Setback
from core.worker import WorkerSign


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """Why no collector uses an account. `hosts`: of the collectors that say so, without doubles;
    `held`: one of them keeps it and tries on.
    """

    setback: Setback
    hosts: tuple[str, ...]
    held: bool

    @property
    def opens(self) -> bool:
        """Whether its session can be opened, but nothing can be reached with it."""
        return self.setback.scope is not Scope.OWN


def unusable(account: Account, workers: Iterable[WorkerSign]) -> Unusable | None:
    """Why an account that could work does not; None where it does, or soon may.

    Each collector tells of itself alone: the one that holds the account is believed, and where
    nobody does all that live and have room have to agree.
    """
    alive = [one for one in workers if not one.is_gone() and not one.draining]
    if account.state in DEAD_STATES or not alive:
        return None
    holders = [one for one in alive if account.id in one.load.accounts]
    found = [(one, _setback(account, one)) for one in holders or alive]
    found = [(one, setback) for one, setback in found if setback or one.load.room != 0 or holders]
    setbacks = [setback for _, setback in found if setback is not None]
    if not setbacks or len(setbacks) < len(found):
        return None
    hosts = tuple(dict.fromkeys(one.host for one, _ in found))
    return Unusable(setback=setbacks[0], hosts=hosts, held=bool(holders))


def nobody_can(
    job: Job, accounts: Iterable[Account], unused: Mapping[int, Unusable]
) -> Wait | None:
    """What a job waits for that only such accounts may take as no collector uses: the same,
    whoever asks.
    """
    able = [
        one.id for one in accounts if one.state in READING_STATES and job.may_be_taken_by(one.id)
    ]
    if not able or any(one not in unused for one in able):
        return None
    return Wait(why=unused[min(able)].setback.why)


def in_brief(one: Unusable) -> str:
    """For a terminal."""
    hosts = ", ".join(one.hosts[:3])
    if one.held:
        return f"its collector ({hosts}) cannot connect it: {one.setback.why}"
    if one.setback.doubted:
        return f"Telegram does not take its key ({hosts}): {one.setback.why}"
    if one.opens:
        return f"no collector can reach Telegram with it ({hosts}): {one.setback.why}"
    return f"no collector can open this session ({hosts}): {one.setback.why}"


def advice_for(one: Unusable) -> str:
    """What to do, for a terminal."""
    if one.setback.doubted:
        return (
            "check TELEGRAM_DC and the network (a proxy) there; if the other accounts work, "
            "sign this one in again: telecrew login"
        )
    if one.opens:
        return "it is tried again; if it lasts, check the network there"
    return (
        "give that collector the SESSION_KEYS, API_ID and TELEGRAM_DC of the others and restart "
        "it, or sign in again: telecrew login"
    )


def _setback(account: Account, worker: WorkerSign) -> Setback | None:
    return next((one for one in worker.setbacks if account.id in one.accounts), None)
