"""Settling the files of a chat's messages, one after another, until of each it is told whether it
is there, or why not."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

import structlog

from collector.context import JobContext
from collector.jobs.download import Download, Given
from collector.jobs.file_troubles import Troubles
from collector.jobs.second_look import patiently
from collector.media_folder import Busy, MediaFolder
from core.chat import Peer
from core.errors import (
    FileGone,
    FileUnavailable,
    FolderError,
    Retriable,
    StaleReference,
    Unexpected,
)
from core.media import Attached, FilePlace, Skip, StoredFile, Wanted, file_name, is_shown
from core.message import Media
from core.record import number_edits

log = structlog.get_logger(__name__)

BUSY_PAUSE = 1.0
"""Seconds before what was not settled is looked at again."""

MOST_ODD = 100
"""Answers that cannot be understood before no message is looked for behind them any more."""

MOST_CHANGES = 20
"""Times that a message may be edited between a look and its end."""


class Fetching:
    """Goes through the messages downwards, a batch at a time. A file in trouble waits until the
    others are done; `Troubles` says when it is given up."""

    def __init__(self, ctx: JobContext, folder: MediaFolder, peer: Peer, wanted: Wanted) -> None:
        self._ctx = ctx
        self._folder = folder
        self._peer = peer
        self._wanted = wanted
        self._left: dict[int, Media] = {}
        self._shown: dict[int, Attached] = {}
        self._known: dict[str, StoredFile] = {}
        self._troubles = Troubles(attempts=ctx.job.attempts)
        self._given_up: set[int] = set()
        self._read: set[int] = set()
        self._full: FolderError | None = None
        self._odd = 0
        self._changes: Counter[int] = Counter()

    async def finish(self) -> None:
        """Go through them until nothing is left; raises FolderError at the end when the disk had no
        room for some, Retriable when Telegram gives nothing at all."""
        left = await self._go_through()
        while left:
            await asyncio.sleep(BUSY_PAUSE)
            left = await self._go_through()
        if self._full is not None:
            raise self._full

    async def _go_through(self) -> bool:
        """Settle what is not settled yet; whether something is left."""
        below, left = self._wanted.hi + 1, False
        while batch := await self._ctx.database.attachments.wanted(self._wanted, below):
            fresh = {one: media for one, media in batch.items() if one not in self._given_up}
            left |= await self._settle_all(fresh)
            below = min(batch)
        return left

    async def _settle_all(self, batch: Mapping[int, Media]) -> bool:
        self._left, left = {}, False
        for message, media in batch.items():
            if self._is_too_large(media.size):
                left |= not await self._skip(message, media, Skip.TOO_LARGE)
            else:
                self._left[message] = media
        if not self._left:
            return left
        await self._look()
        keys = [one.place.key for one in self._shown.values() if one.place is not None]
        self._known = await self._ctx.database.media.known(keys)
        for message in list(self._left):
            left |= not await self._try(message, self._left[message])
            del self._left[message]
        return left

    async def _look(self) -> None:
        """Ask for what is left of the batch, with new references."""
        self._shown = {one.message: one for one in await self._attached(list(self._left))}

    async def _attached(self, ids: Sequence[int]) -> list[Attached]:
        """A message that cannot be understood costs no other its file."""
        try:
            return await patiently(partial(self._ctx.gateway.attached, self._peer, ids))
        except Unexpected as error:
            self._odd += 1
            if len(ids) == 1 or self._odd > MOST_ODD:
                log.warning("media.not_understood", messages=list(ids), error=str(error))
                return [Attached(message=one, skip=Skip.UNAVAILABLE) for one in ids]
        half = len(ids) // 2
        return [*await self._attached(ids[:half]), *await self._attached(ids[half:])]

    async def _try(self, message: int, media: Media) -> bool:
        """Settle a message; False when it has to be looked at again."""
        try:
            return await self._settle(message, media)
        except Busy:
            return False
        except FileGone:
            return await self._skip(message, media, Skip.GONE)
        except FolderError as error:
            if error.reason != "disk_full":
                raise
            self._full = error
            return await self._give_up(message, media, Skip.NO_ROOM)
        except (FileUnavailable, StaleReference, Retriable) as error:
            log.info("media.not_given", message=message, why=error.reason, error=str(error))
            if not self._troubles.ends(self._key(message), error):
                return False
            return await self._give_up(message, media, Skip.UNAVAILABLE)

    async def _settle(self, message: int, media: Media) -> bool:
        shown = self._shown[message]
        if shown.skip is Skip.UNAVAILABLE:
            return await self._give_up(message, media, shown.skip)
        if shown.skip is not None:
            return await self._skip(message, media, shown.skip)
        if shown.place is None or not is_shown(shown.media, media):
            if await self._read_anew(message):
                return False
            return await self._skip(message, media, Skip.REPLACED)
        if self._is_too_large(shown.place.size):
            return await self._skip(message, media, Skip.TOO_LARGE)
        if self._troubles.is_given_up(shown.place.key):
            return await self._give_up(message, media, Skip.UNAVAILABLE)
        file = await self._file(message, shown.place, media)
        return await self._keep(message, media, file)

    async def _read_anew(self, message: int) -> bool:
        """Store a message as an edit has made it, once: what it shows now may be wanted, too."""
        if message in self._read:
            return False
        self._read.add(message)
        try:
            page = await patiently(partial(self._ctx.gateway.exist, self._peer, [message]))
        except Unexpected as error:
            log.warning("media.not_understood", messages=[message], error=str(error))
            return False
        if page.pts is not None:
            number_edits(page.messages, page.pts)
        await self._ctx.database.messages.add_records(page.messages)
        return bool(page.messages)

    def _key(self, message: int) -> str:
        shown = self._shown.get(message)
        return str(message) if shown is None or shown.place is None else shown.place.key

    async def _file(self, message: int, place: FilePlace, media: Media) -> StoredFile:
        known = self._known.get(place.key)
        if known is not None and await self._is_there(known):
            return known
        download = Download(self._folder, place, partial(self._part, message, place.key))
        async with download.open() as given:
            file = self._known[place.key] = await self._place(given, place, media)
        return file

    async def _is_there(self, file: StoredFile) -> bool:
        return await asyncio.to_thread(self._folder.has, file.name, file.size)

    async def _part(self, message: int, key: str, offset: int) -> bytes:
        """A part, with a new reference if need be. FileUnavailable when the message shows another
        file now: it is looked at again."""
        place = self._shown[message].place
        if place is None or place.key != key:
            raise FileUnavailable("the message shows another file now")
        try:
            part = await patiently(partial(self._ctx.gateway.part, place, offset))
        except StaleReference:
            if self._troubles.is_broken(key, offset):
                raise
            log.info("media.refreshed", file=key, at=offset)
            await self._look()
            return await self._part(message, key, offset)
        self._troubles.came()
        self._ctx.reporter.got_on()
        return part

    async def _place(self, given: Given, place: FilePlace, media: Media) -> StoredFile:
        """Put a whole file where it belongs, then remember it."""
        whole = given.partial
        there = await self._ctx.database.media.by_hash(whole.digest)
        name = file_name(whole.digest, media) if there is None else there.name
        await asyncio.to_thread(self._folder.place, whole, name, whole.size)
        file = await self._ctx.database.media.add(
            place.key,
            StoredFile(
                id=whole.digest,
                name=name,
                size=whole.size,
                kind=media.kind,
                mime=media.mime,
                created_at=self._ctx.clock.now(),
            ),
        )
        if file.name != name:
            await asyncio.to_thread(self._folder.rename, name, file.name)
        log.debug("media.stored", file=file.name, size=file.size)
        return file

    async def _keep(self, message: int, media: Media, file: StoredFile) -> bool:
        attachments = self._ctx.database.attachments
        if await attachments.keep(self._wanted, message, media, file.name):
            await self._ctx.reporter.kept()
            return True
        return self._changed(message)

    async def _give_up(self, message: int, media: Media, why: Skip) -> bool:
        """Skip what another job tries again, but this one does not."""
        self._given_up.add(message)
        await self._skip(message, media, why)
        return True

    async def _skip(self, message: int, media: Media, why: Skip) -> bool:
        """Whether the message is as it was: what an edit changed meanwhile is looked at again."""
        log.debug("media.skipped", message=message, skipped=why)
        if await self._ctx.database.attachments.skip(self._wanted, message, media, why):
            await self._ctx.reporter.skipped(why)
            return True
        return self._changed(message)

    def _changed(self, message: int) -> bool:
        """The stored message is another one now: False, so that it is looked at again, though not
        for ever."""
        self._changes[message] += 1
        if self._changes[message] < MOST_CHANGES:
            return False
        log.warning("media.changes_on", message=message)
        self._given_up.add(message)
        return True

    def _is_too_large(self, size: int | None) -> bool:
        most = self._wanted.most_bytes
        return most is not None and size is not None and size > most
