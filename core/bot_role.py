"""The role of the bot: one process at a time serves the chats of a store."""

from dataclasses import dataclass
from datetime import datetime

from core.account import Lease
from core.errors import CrewError
from core.lease_watch import HeldLease


@dataclass(frozen=True, slots=True, kw_only=True)
class BotHolder:
    """Who has the role: the lease as it was found, of which host, and since when by MongoDB."""

    held: HeldLease
    host: str
    since: datetime

    @property
    def lease(self) -> Lease:
        """What changes whenever its holder shows that it lives."""
        return self.held.lease


class BotElsewhere(CrewError):
    """Another process serves the chats, and lives."""

    def __init__(self, holder: BotHolder) -> None:
        super().__init__(
            f"Another bot serves the chats of this database: {holder.lease.worker} on "
            f"{holder.host}, since {holder.since:%Y-%m-%d %H:%M} UTC. It lives, so this one ends. "
            "To move the bot here, stop that one first; for more hands start `telecrew collector`."
        )


class RoleLost(CrewError):
    """The role may belong to another process by now: nothing is sent in its name any more."""

    def __init__(self) -> None:
        super().__init__("The lease of the bot was not renewed in time.")
