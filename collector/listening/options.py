"""How chats are listened to."""

from dataclasses import dataclass
from datetime import timedelta

RARER = 15
"""How many times as rarely a quiet chat is looked at as a busy one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenOptions:
    """`depth_messages`, `depth_age`: of a chat's stored messages the newest, and none older, are
    read again when something was missed.

    Seconds: a chat is looked at after `soonest` to `rarest`, by what happens in it; `grace` is what
    a late update may take; news may `linger` to be stored with others; progress is kept every
    `keep`. `queue`: news that may wait for the store.
    """

    depth_messages: int = 200
    depth_age: timedelta = timedelta(hours=48)
    soonest: float = 60.0
    rarest: float = 60.0 * RARER
    grace: float = 1.0
    linger: float = 0.02
    keep: float = 5.0
    prove: float = 900.0
    queue: int = 20_000
