"""The step `media`: fetch the files of messages that are stored, each content once."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from functools import partial
from typing import TypeVar

import structlog

from collector.context import JobContext
from collector.jobs.claiming import claim_chat
from collector.media_folder import Busy, MediaFolder, Partial
from collector.pacer import LONGEST_WAIT
from collector.sources import open_source
from core.chat import Chat, Peer
from core.errors import (
    FileGone,
    FloodError,
    FolderError,
    Retriable,
    SourceForbidden,
    StaleReference,
)
from core.media import Attached, FilePlace, Skip, StoredFile, Wanted, file_name
from core.message import Media

log = structlog.get_logger(__name__)

T = TypeVar("T")

LOWEST_ID = 1

BUSY_PAUSE = 1.0
"""Seconds before files that somebody else was fetching are looked at again."""

TRIES = 3
"""References that may expire before a single part is there."""


async def collect_media(ctx: JobContext) -> None:
    """Keep the files that the options want of what a history has read; returns when of each it is
    settled whether it is there, or why not."""
    if ctx.folder is None:
        raise FolderError("this worker has no folder for files")
    peer = await _open(ctx)
    await claim_chat(ctx, peer.chat)
    wanted = await _wanted(ctx, peer)
    if wanted is not None:
        fetching = _Fetching(ctx, ctx.folder, peer, wanted)
        await fetching.finish()
    await ctx.reporter.write()


async def _open(ctx: JobContext) -> Peer:
    """The chat of the job as this account sees it; of what belongs to a source (its comments, the
    group that it became) the history was told the address."""
    chat = ctx.job.chat
    known = None if chat is None else await ctx.database.memberships.of_chat(ctx.account, chat)
    if known is not None and known.peer is not None:
        return known.peer
    peer, _ = await open_source(
        ctx.job.source, ctx.account, ctx.gateway, ctx.database, expects=chat
    )
    if chat not in (None, peer.chat):
        raise SourceForbidden(reason="source_forbidden", source=ctx.job.source)
    return peer


async def _wanted(ctx: JobContext, peer: Peer) -> Wanted | None:
    """What the history of the same options has read; None when that is nothing."""
    options = ctx.job.options
    box = Chat(id=peer.chat, kind=peer.kind, title="").box(ctx.account)
    lo, hi = ctx.job.part or (LOWEST_ID, ctx.job.top_id or 0)
    lo = max(lo, options.from_id or LOWEST_ID)
    if options.limit is not None:
        lowest = await ctx.database.messages.nth_newest(
            peer.chat, box, lo=lo, hi=hi, n=options.limit
        )
        lo = lo if lowest is None else lowest
    if lo > hi:
        return None
    return Wanted(
        chat=peer.chat,
        box=box,
        lo=lo,
        hi=hi,
        kinds=options.media.kinds,
        most_bytes=options.media.most_bytes,
        since=options.since,
        until=options.until,
        topic=options.topic,
    )


class _Fetching:
    """Goes through the messages downwards, a batch at a time, and one file after another."""

    def __init__(self, ctx: JobContext, folder: MediaFolder, peer: Peer, wanted: Wanted) -> None:
        self._ctx = ctx
        self._folder = folder
        self._peer = peer
        self._wanted = wanted
        self._left: dict[int, Media] = {}
        self._shown: dict[int, Attached] = {}
        self._known: dict[str, StoredFile] = {}

    async def finish(self) -> None:
        """Go through them until nothing is left that somebody else is fetching."""
        busy = await self.go_through()
        while busy:
            await asyncio.sleep(BUSY_PAUSE)
            busy = await self.go_through()

    async def go_through(self) -> bool:
        """Settle what is not settled yet; whether some of it was busy."""
        below, busy = self._wanted.hi + 1, False
        while batch := await self._ctx.database.attachments.wanted(self._wanted, below):
            busy |= await self._settle_all(batch)
            below = min(batch)
        return busy

    async def _settle_all(self, batch: Mapping[int, Media]) -> bool:
        self._left = {}
        for message, media in batch.items():
            if self._is_too_large(media.size):
                await self._skip(message, media, Skip.TOO_LARGE)
            else:
                self._left[message] = media
        if not self._left:
            return False
        await self._look()
        keys = [one.place.key for one in self._shown.values() if one.place is not None]
        self._known = await self._ctx.database.media.known(keys)
        busy = False
        for message in list(self._left):
            try:
                await self._settle(message, self._left[message])
            except Busy:
                busy = True
            del self._left[message]
        return busy

    async def _look(self) -> None:
        """Ask for what is left of the batch, with new references."""
        shown = await _patiently(partial(self._ctx.gateway.attached, self._peer, list(self._left)))
        self._shown = {one.message: one for one in shown}

    async def _settle(self, message: int, media: Media) -> None:
        shown = self._shown[message]
        if shown.skip is not None:
            await self._skip(message, media, shown.skip)
        elif shown.place is None or not _same(shown.media, media):
            log.info("media.edited", message=message)
        elif self._is_too_large(shown.place.size):
            await self._skip(message, media, Skip.TOO_LARGE)
        else:
            try:
                file = await self._file(message, shown.place, media)
            except FileGone:
                await self._skip(message, media, Skip.GONE)
                return
            await self._keep(message, media, file)

    async def _file(self, message: int, place: FilePlace, media: Media) -> StoredFile:
        known = self._known.get(place.key)
        if known is not None and await self._is_there(known):
            return known
        file = self._known[place.key] = await self._fetch(message, place, media)
        return file

    async def _is_there(self, file: StoredFile) -> bool:
        return await asyncio.to_thread(self._folder.has, file.name, file.size)

    async def _fetch(self, message: int, place: FilePlace, media: Media) -> StoredFile:
        file = await asyncio.to_thread(self._folder.open_partial, place.key, place.size)
        with closing(file):
            if file.size:
                log.info("media.resumed", file=place.key, at=file.size)
            while file.size < place.size:
                part = await self._part(message, place.key, file.size)
                if not part or len(part) > place.size - file.size:
                    raise FileGone
                await asyncio.to_thread(file.write, part)
                self._ctx.reporter.got_on()
            return await self._place(file, place, media)

    async def _part(self, message: int, key: str, offset: int) -> bytes:
        for _ in range(TRIES):
            place = self._shown[message].place
            if place is None or place.key != key:
                raise FileGone
            try:
                return await _patiently(partial(self._ctx.gateway.part, place, offset))
            except StaleReference:
                log.info("media.refreshed", file=key, at=offset)
                await self._look()
        raise Retriable(reason="server")

    async def _place(self, whole: Partial, place: FilePlace, media: Media) -> StoredFile:
        """Put a whole file where it belongs, then remember it."""
        there = await self._ctx.database.media.by_hash(whole.digest)
        name = file_name(whole.digest, media) if there is None else there.name
        await asyncio.to_thread(self._folder.place, whole, name, place.size)
        file = await self._ctx.database.media.add(
            place.key,
            StoredFile(
                id=whole.digest,
                name=name,
                size=place.size,
                kind=media.kind,
                mime=media.mime,
                created_at=self._ctx.clock.now(),
            ),
        )
        if file.name != name:
            await asyncio.to_thread(self._folder.rename, name, file.name)
        log.debug("media.stored", file=file.name, size=file.size)
        return file

    async def _keep(self, message: int, media: Media, file: StoredFile) -> None:
        attachments = self._ctx.database.attachments
        if await attachments.keep(self._wanted, message, media, file.name):
            await self._ctx.reporter.kept()

    async def _skip(self, message: int, media: Media, why: Skip) -> None:
        if await self._ctx.database.attachments.skip(self._wanted, message, media, why):
            await self._ctx.reporter.skipped(why)
        log.debug("media.skipped", message=message, skipped=why)

    def _is_too_large(self, size: int | None) -> bool:
        most = self._wanted.most_bytes
        return most is not None and size is not None and size > most


def _same(shown: Media | None, stored: Media) -> bool:
    """Whether Telegram shows what is stored, and not what an edit has made of it meanwhile."""
    return shown is not None and (shown.kind, shown.size) == (stored.kind, stored.size)


async def _patiently(call: Callable[[], Awaitable[T]]) -> T:
    """Short floods are waited out by the pacer; a long one raises FloodError."""
    while True:
        try:
            return await call()
        except FloodError as error:
            if error.seconds > LONGEST_WAIT:
                raise
