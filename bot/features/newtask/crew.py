"""Which accounts a draft begins with, asks, and may have."""

from collections.abc import Mapping, Sequence

from bot.access import cannot_work
from bot.errors import BotError
from bot.features.newtask.draft import Draft
from core.account import DEAD_STATES, Account
from core.task import AccountPolicy


def preselect(crew: Sequence[Account]) -> tuple[int | None, bool]:
    """The account that a new task begins with, and whether it stands in for the default one."""
    default = next((account for account in crew if account.is_default), None)
    if default is not None and default.can_work():
        return default.id, False
    ready = next((account for account in crew if account.can_work()), None)
    if ready is not None:
        return ready.id, default is not None
    return (None if default is None else default.id), False


def asker(draft: Draft) -> int | None:
    """The account by which a draft's sources are looked up; None: any."""
    return next(iter(draft.policy().accounts), None)


def check(policy: AccountPolicy, crew: Mapping[int, Account]) -> None:
    """Raises BotError where no account that is named could ever work."""
    named = [crew[number] for number in policy.accounts if number in crew]
    if policy.accounts and not named:
        raise BotError("wizard-account-gone")
    if named and all(one.state in DEAD_STATES for one in named):
        raise cannot_work(named[0])


def can_begin(policy: AccountPolicy, crew: Mapping[int, Account]) -> bool:
    """Whether an account that is named can work now; True where none is named."""
    named = [crew.get(number) for number in policy.accounts]
    return not named or any(one is not None and one.can_work() for one in named)
