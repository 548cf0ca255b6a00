"""Where half-made dialogs are kept."""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from aiogram.fsm.storage.base import StateType, StorageKey
from aiogram.fsm.storage.pymongo import PyMongoStorage

from db.errors import translates_errors
from db.fsm import TOUCH, FsmClient
from db.outage import Outage

AWAY_SECONDS = 40.0
"""How long a dialog that is shown already waits for the store; less than a handler may take."""


@translates_errors
class DialogStorage(PyMongoStorage):
    """aiogram's own, whose errors are ours, and whose documents say when they were touched last:
    MongoDB removes the dialogs that nobody goes on with.

    A store that goes away is waited for: a dialog is on the operator's screen before it is kept,
    and whoever presses its buttons then must not hear that there is no such form.
    """

    def __init__(self, outage: Outage, client: FsmClient, **where: Any) -> None:
        super().__init__(client, **where)
        self._outage = outage

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        """Keep the state of a dialog."""
        await super().set_state(key, state)
        await self._touch(key)

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        """Keep the data of a dialog; none: forget it."""
        until = time.monotonic() + AWAY_SECONDS
        keep = partial(self.keep, key, data)
        await self._outage.begin("dialogs", keep, waits=lambda: time.monotonic() < until)

    async def keep(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        """Try that once; StoreError. One write, where aiogram's and the time take two: every press
        does this twice."""
        change = {"$set": {"data": data}} if data else {"$unset": {"data": ""}}
        name = self._key_builder.build(key)
        await self._collection.update_one({"_id": name}, {**change, **TOUCH}, upsert=bool(data))

    async def update_data(self, key: StorageKey, data: Mapping[str, Any]) -> dict[str, Any]:
        """Change some of a dialog's data; all of it then."""
        updated = await super().update_data(key, data)
        await self._touch(key)
        return updated

    async def _touch(self, key: StorageKey) -> None:
        await self._collection.update_one({"_id": self._key_builder.build(key)}, TOUCH)
