"""Names near to a mistyped one: what to search for, and which of the found is meant."""

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from core.chat import Chat

MOST = 5
LEAST_QUERY = 3
NEAR = 0.6
"""How alike two names must be (0 to 1) to be worth showing."""

VERY_NEAR = 0.85
"""How alike they must be to search no further."""


def queries(username: str) -> Iterator[str]:
    """What to search for, the most telling first: the name, its beginning, its longest part."""
    name = username.removeprefix("@").lower()
    parts = sorted(re.findall(r"[a-z]+", name), key=len, reverse=True)
    candidates = (name, name[: max(4, len(name) * 2 // 3)], *parts[:2])
    seen: set[str] = set()
    for candidate in candidates:
        if len(candidate) >= LEAST_QUERY and candidate not in seen:
            seen.add(candidate)
            yield candidate


class Nearest:
    """The public chats found so far, ranked by how near their usernames are."""

    def __init__(self, username: str) -> None:
        self._name = username.removeprefix("@").lower()
        self._found: dict[int, tuple[float, Chat]] = {}

    def add(self, chats: Iterable[Chat]) -> None:
        """Consider chats; those without a username cannot be meant."""
        for chat in chats:
            if chat.username:
                alike = _alike(self._name, chat.username.lower())
                self._found[chat.id] = (alike, chat)

    def good_enough(self) -> bool:
        """Whether one is so near that it must be it."""
        return any(alike >= VERY_NEAR for alike, _ in self._found.values())

    def best(self) -> list[Chat]:
        """At most five, the nearest first."""
        near = [(alike, chat) for alike, chat in self._found.values() if alike >= NEAR]
        near.sort(key=lambda pair: (-pair[0], pair[1].username))
        return [chat for _, chat in near[:MOST]]


def _alike(one: str, other: str) -> float:
    if one in other or other in one:
        return max(NEAR, SequenceMatcher(None, one, other).ratio())
    return SequenceMatcher(None, one, other).ratio()
