"""Cheap, repeatable chance: a few dozen draws from one hash of a key."""

import struct
from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")
_DRAWS = struct.Struct("<16I")
_HAND = struct.Struct("<32H").unpack
_NUMBER = struct.Struct("<q").pack


class Dice:
    """Draws follow from the key alone, so anything made with it can be made again at any time."""

    __slots__ = ("_draws", "_key", "_next", "_round")

    def __init__(self, key: str) -> None:
        self._key = key.encode()
        self._round = 0
        self._next = 16
        self._draws: tuple[int, ...] = ()

    def draw(self) -> int:
        """A number from 0 to 2**32 - 1."""
        if self._next == 16:
            self._draws = _DRAWS.unpack(blake2b(self._key + bytes((self._round & 255,))).digest())
            self._round += 1
            self._next = 0
        value = self._draws[self._next]
        self._next += 1
        return value

    def below(self, limit: int) -> int:
        return (self.draw() * limit) >> 32

    def between(self, low: int, high: int) -> int:
        """Both ends included."""
        return low + self.below(high - low + 1)

    def chance(self, probability: float) -> bool:
        return self.draw() < probability * 4294967296

    def pick(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]

    def long(self) -> int:
        """A signed 64-bit number, never 0."""
        value = (self.draw() << 32 | self.draw()) - (1 << 63)
        return value or 1


class Hand:
    """Many hands of 32 draws from 0 to 65535 under one key: quicker than a `Dice` for each."""

    __slots__ = ("_begun",)

    def __init__(self, key: str) -> None:
        self._begun = blake2b(key.encode())

    def deal(self, number: int) -> tuple[int, ...]:
        """The hand of that number: always the same."""
        begun = self._begun.copy()
        begun.update(_NUMBER(number))
        return _HAND(begun.digest())
