"""One file, part by part, to where Telegram says that it ends, whatever its message told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass

import structlog

from collector.media_folder import MediaFolder, Partial
from core.errors import FileError, FileUnavailable, FolderError
from core.media import NEAR, PART, FilePlace

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Given:
    """A file that is whole, and not in its place yet."""

    partial: Partial


class Download:
    """`part`: gives the part at an offset."""

    def __init__(
        self, folder: MediaFolder, place: FilePlace, part: Callable[[int], Awaitable[bytes]]
    ) -> None:
        self._folder = folder
        self._place = place
        self._part = part

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Given]:
        """The file as soon as it is whole. Raises Busy; FileUnavailable when it is another one than
        was told; FolderError, and then nothing of it stays on a disk without room."""
        place = self._place
        file = await asyncio.to_thread(self._folder.open_partial, place.key, place.size)
        with closing(file):
            if file.size:
                log.info("media.resumed", file=place.key, at=file.size)
            try:
                await self._fill(file)
                yield Given(file)
            except FolderError as error:
                if error.reason == "disk_full":
                    file.drop()
                raise

    async def _fill(self, file: Partial) -> None:
        told = self._place.size
        while file.size < told or (file.size and file.size % PART == 0):
            offset = file.size
            part = await (self._part(offset) if offset < told else self._behind(offset))
            if len(part) < min(PART, told - offset):
                part = await self._last(offset, part)
            if len(part) > max(told - offset, 0) + NEAR or len(part) > PART:
                file.drop()
                raise FileUnavailable(f"longer than the {told} bytes that were told")
            if part:
                await asyncio.to_thread(file.write, part)
            if len(part) < PART:
                break
        if file.size != told:
            self._check(file)

    async def _behind(self, offset: int) -> bytes:
        """What lies where the file should have ended: nothing, if only because it is refused."""
        try:
            return await self._part(offset)
        except FileError:
            return b""

    async def _last(self, offset: int, short: bytes) -> bytes:
        """A part that ends too early: cut off on the way, or the file is smaller than told."""
        again = await self._part(offset)
        return max(short, again, key=len)

    def _check(self, file: Partial) -> None:
        told = self._place.size
        if file.size == 0 or abs(file.size - told) > NEAR:
            raise FileUnavailable(f"{file.size} bytes came of {told}")
        log.info("media.size_differs", file=self._place.key, told=told, size=file.size)
