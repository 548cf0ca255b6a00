"""The clock of a process, and whose agreement it needs."""

from core.clock import SystemClock
from core.settings import Role
from core.trusted_clock import TimeSource, TrustedClock


def trusted_clock(*roles: Role) -> TrustedClock:
    """This machine's clock, and whose agreement it needs. The Bot API counts only where there is no
    account to ask: its server may run on this machine.
    """
    telegram = TimeSource.TELEGRAM if "collector" in roles else TimeSource.BOT_API
    return TrustedClock(SystemClock(), (TimeSource.MONGODB, telegram))
