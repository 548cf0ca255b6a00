"""Names of messages that say which job stored them: no message is counted as another's then."""

import hashlib
import itertools
import os
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

from bson import ObjectId

from core.record import Record

_TAG, _NUMBER = 3, 5
_MOST = 256**_NUMBER


class Stamps:
    """Makes `_id`s: four bytes of the time, so that they ascend, three of their owner's name, and a
    number that begins anywhere for each process and each owner of this object.

    Two owners have the same three bytes once in 16 million times: then a message that the one had
    stored counts as the other's own. Two messages never get the same name, as little as those that
    MongoDB makes.
    """

    def __init__(self) -> None:
        self._numbers = itertools.count(int.from_bytes(os.urandom(_NUMBER), "big"))

    def put(self, records: Sequence[Record], owner: str) -> None:
        """Name records that are to be stored."""
        head = int(time.time()).to_bytes(4, "big") + _tag(owner)
        for record, number in zip(records, self._numbers, strict=False):
            named = cast("dict[str, Any]", record)
            named["_id"] = ObjectId(head + (number % _MOST).to_bytes(_NUMBER, "big"))


def is_of(name: object, owner: str) -> bool:
    """Whether the message of this `_id` was stored by `owner` first."""
    return isinstance(name, ObjectId) and name.binary[4 : 4 + _TAG] == _tag(owner)


@lru_cache(maxsize=1024)
def _tag(owner: str) -> bytes:
    return hashlib.blake2b(owner.encode(), digest_size=_TAG).digest()
