"""Faults of connections and pages, for whoever serves them to ask about."""

from typing import TypeVar

from sandbox.rules import Blackhole, Blanks, EmptyPage, Rule, Slowness

_R = TypeVar("_R", bound=Rule)


class Scenery:
    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def add(self, rule: Rule) -> None:
        self._rules.append(rule)

    def clear(self, account: int | None) -> None:
        """Ends all (None), or those of one account."""
        self._rules = [
            rule for rule in self._rules if account is not None and rule.account != account
        ]

    def swallows(self, account: int | None, *, known: bool) -> bool:
        """Whether a connection is a black hole: just accepted, or at last `known` whose it is."""
        for rule in self._of(Blackhole, account):
            if (rule.account is not None) is known:
                rule.spend()
                return True
        return False

    def rate(self, account: int | None) -> float | None:
        """Bytes a second of answers; None: as fast as can be."""
        if not self._rules:
            return None
        return min((rule.bytes_per_second for rule in self._of(Slowness, account)), default=None)

    def page_is_empty(self, account: int, chat_id: int) -> bool:
        for rule in self._of(EmptyPage, account):
            if rule.chat_id in (None, chat_id):
                rule.spend()
                return True
        return False

    def blanks(self, account: int, chat_id: int) -> list[Blanks]:
        """What reads as `MessageEmpty` to this account; who shows it spends it."""
        return [rule for rule in self._of(Blanks, account) if rule.chat_id == chat_id]

    def _of(self, kind: type[_R], account: int | None) -> list[_R]:
        return [
            rule
            for rule in self._rules
            if isinstance(rule, kind) and not rule.spent and rule.account in (None, account)
        ]
