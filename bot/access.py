"""Which role may do what; asked again by the services on every press."""

from bot.errors import NotAllowed
from core.operator import Operator, Role

_RANK = {Role.VIEWER: 0, Role.OPERATOR: 1, Role.ADMIN: 2}


def require(operator: Operator, role: Role) -> None:
    """Raises NotAllowed for an operator below `role`."""
    if _RANK[operator.role] < _RANK[role]:
        raise NotAllowed
