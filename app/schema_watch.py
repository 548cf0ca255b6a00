"""A running process: whether it may still work on this store, beside whoever works there too."""

import asyncio

from core.schema import Holder, SchemaMismatch, too_old_beside, too_old_sentence
from db.outage import Outage
from db.schema import Schemas

EVERY = 5.0


class SchemaWatch:
    """Looks every five seconds. `beside`: also at collectors that are too old to work beside us."""

    def __init__(
        self, schemas: Schemas, outage: Outage, *, beside: bool, every: float = EVERY
    ) -> None:
        self._schemas = schemas
        self._outage = outage
        self._beside = beside
        self._every = every
        self._holders: tuple[Holder, ...] = ()

    async def run(self) -> None:
        """Until cancelled, or until this process must end: SchemaMismatch, which says why."""
        while True:
            await asyncio.sleep(self._every)
            await self._outage.insist("schema", self._schemas.check)
            if self._beside:
                await self._look_beside()

    async def _look_beside(self) -> None:
        holders = await self._outage.insist("schema", self._schemas.holders)
        told = await self._outage.insist("schema", self._schemas.told)
        code = self._schemas.code
        old = too_old_beside(self._holders, holders, told, code.oldest_beside)
        if old:
            await self._outage.insist("schema", self._schemas.distrust_counts)
            raise SchemaMismatch(too_old_sentence(code, old))
        self._holders = holders
