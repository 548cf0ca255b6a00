"""How often a bot may write, and what a test has prepared for its next calls."""

import math
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TypeVar

from sandbox.bot_api.errors import ApiError, too_many_requests

T = TypeVar("T")
EDITS = "edit"
WRITES = ("send", "copy", "forward")


@dataclass(slots=True, kw_only=True)
class Limits:
    """Seconds and counts. A flooded chat is closed for `penalty` seconds at least."""

    enabled: bool = True
    chat_rate: float = 1.0
    chat_burst: int = 20
    group_rate: float = 1 / 3
    bot_rate: float = 30.0
    bot_burst: int = 60
    penalty: float = 3.0
    callback_seconds: float = 15.0
    webhook_retry: float = 1.0
    latency: float = 0.0


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float
    closed_until: float = 0.0

    def take(self, now: float, rate: float, burst: float, penalty: float) -> float:
        """Seconds to wait; 0 if the call may pass."""
        if now < self.closed_until:
            return self.closed_until - now
        self.tokens = min(burst, self.tokens + (now - self.at) * rate)
        self.at = now
        if self.tokens >= 1:
            self.tokens -= 1
            return 0.0
        wait = max(penalty, (1 - self.tokens) / rate)
        self.closed_until = now + wait
        return wait


class Gate:
    """Token buckets: one a chat for messages, one for edits, one for the bot as a whole."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def admit(self, method: str, chat_id: str) -> None:
        limits = self.limits
        rate = limits.group_rate if chat_id.startswith("-") else limits.chat_rate
        if not limits.enabled or method == "sendChatAction":
            return
        if method.startswith(EDITS):
            self._take("edits", chat_id, rate, limits.chat_burst)
        elif method.startswith(WRITES):
            self._take("messages", chat_id, rate, limits.chat_burst)
            self._take("bot", "", limits.bot_rate, limits.bot_burst)

    def _take(self, family: str, chat_id: str, rate: float, burst: int) -> None:
        now = time.monotonic()
        bucket = self._buckets.get((family, chat_id))
        if bucket is None:
            bucket = self._buckets[family, chat_id] = _Bucket(tokens=burst, at=now)
        wait = bucket.take(now, rate, burst, self.limits.penalty)
        if wait > 0:
            raise too_many_requests(math.ceil(wait))


@dataclass(slots=True)
class Scripted:
    """One-shot faults: for a method's next calls, or for any method's under `*`.

    `drop_answer` lets a call take effect and closes the connection instead of answering.
    """

    errors: dict[str, list[ApiError]] = field(default_factory=lambda: defaultdict(list))
    delays: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    drops: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def error(self, method: str) -> ApiError | None:
        return self._next(self.errors, method)

    def delay(self, method: str) -> float:
        return self._next(self.delays, method) or 0.0

    def drop_answer(self, method: str) -> bool:
        for name in (method, "*"):
            if self.drops.get(name, 0) > 0:
                self.drops[name] -= 1
                return True
        return False

    @staticmethod
    def _next(prepared: dict[str, list[T]], method: str) -> T | None:
        for name in (method, "*"):
            if prepared.get(name):
                return prepared[name].pop(0)
        return None
