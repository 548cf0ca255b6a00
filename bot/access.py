"""Who may do what; asked again by the services on every press."""

from bot.errors import BotError, NotAllowed
from core.account import Account
from core.operator import Operator, Role

_RANK = {Role.VIEWER: 0, Role.OPERATOR: 1, Role.ADMIN: 2}


def require(operator: Operator, role: Role) -> None:
    """Raises NotAllowed for an operator below `role`."""
    if _RANK[operator.role] < _RANK[role]:
        raise NotAllowed


def cannot_work(account: Account) -> BotError:
    """Why an account is not to be chosen, and what to do."""
    return BotError(f"account-cannot-{account.state}", account=account.name, number=str(account.id))
