"""Files that no message refers to any more, and what was never fetched whole, go."""

import asyncio
from datetime import datetime, timedelta

import structlog

from collector.media_folder import MediaFolder
from core.errors import FolderError
from core.media import StoredFile
from core.told_once import ToldOnce
from db.database import Database

log = structlog.get_logger(__name__)

YOUNG = timedelta(minutes=10)
"""A file may be that old before its first message has to refer to it."""

FORGOTTEN = timedelta(days=7)
"""How long half a file waits for somebody to go on with it."""


STRAYS_EVERY = 12
"""Looks of which one goes through the whole folder."""


class Unused:
    """Each file is looked at twice: once found unused it is given to no message any more, and the
    next time, if it still is, it goes."""

    def __init__(self, database: Database, folder: MediaFolder | None) -> None:
        self._database = database
        self._folder = folder
        self._looks = 0
        self._trouble = ToldOnce()

    async def drop(self, now: datetime) -> int:
        """Remove what was found unused before, and find what is now; how many files went. `now` is
        proven.
        """
        if self._folder is None:
            return 0
        try:
            await asyncio.to_thread(self._folder.make_room)
            removed = await self._remove(self._folder)
            if self._looks % STRAYS_EVERY == 0:
                removed += await self._remove_strays(self._folder, now)
            await asyncio.to_thread(self._folder.remove_partials, (now - FORGOTTEN).timestamp())
        except FolderError as error:
            if self._trouble.failed(error.reason):
                log.warning("media.not_removed", reason=error.reason, error=str(error))
            return 0
        self._trouble.worked()
        await self._find(now)
        self._looks += 1
        return removed

    async def _remove(self, folder: MediaFolder) -> int:
        removed = 0
        leaving = await self._database.media.leaving()
        used = await self._database.attachments.used([file.name for file in leaving])
        await self._database.media.stay([file.id for file in leaving if file.name in used])
        for file in leaving:
            if file.name not in used and await self._database.media.forget(file.id):
                await asyncio.to_thread(folder.remove, file.name)
                removed += 1
                log.info("media.removed", file=file.name)
        return removed

    async def _remove_strays(self, folder: MediaFolder, now: datetime) -> int:
        """What a crash left behind, and what a worker on another machine found unused."""
        removed = 0
        before = (now - YOUNG).timestamp()
        for shelf in await asyncio.to_thread(folder.shelves):
            names = await asyncio.to_thread(folder.on_shelf, shelf, before)
            known = await self._database.media.existing([name.split(".")[0] for name in names])
            for name in names:
                if name.split(".")[0] not in known:
                    await asyncio.to_thread(folder.remove, name)
                    removed += 1
                    log.info("media.removed", file=name)
        return removed

    async def _find(self, now: datetime) -> None:
        before = now - YOUNG
        page: list[StoredFile] = await self._database.media.page()
        while page:
            used = await self._database.attachments.used([file.name for file in page])
            unused = [file.id for file in page if file.name not in used]
            if unused:
                await self._database.media.let_go(unused, before)
            page = await self._database.media.page(page[-1].id)
