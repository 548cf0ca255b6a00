"""A compressed file of exported messages, cut into parts that Telegram takes."""

import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from core.export import ExportFormat, body, head
from core.message import Message

MAX_PART_BYTES = 49_000_000
MARGIN_BYTES = 1_000_000
PIECE_BYTES = 65_536
"""Messages are handed to the compressor in pieces of about this size, so that a part ends in time
whatever a thousand messages weigh."""

HELD_BYTES = 262_144
"""More than the compressor may hold back of what it was given, and the zip file's own directory."""


class Archive:
    """Zip files in `folder`, each with one file inside, of at most `most` bytes: a new part begins
    before one grows larger. A message that alone takes more has a part of its own. Only this user
    may read them.

    `write` blocks: call it in a thread.
    """

    def __init__(
        self, folder: Path, name: str, kind: ExportFormat, *, most: int = MAX_PART_BYTES
    ) -> None:
        self._folder = folder
        self._name = name
        self._kind = kind
        self._most = most
        self._zip: zipfile.ZipFile | None = None
        self._raw: BinaryIO | None = None
        self.parts: list[Path] = []

    def write(self, messages: Sequence[Message]) -> None:
        """Append messages."""
        piece = bytearray()
        for message in messages:
            piece += body(self._kind, [message])
            if len(piece) >= PIECE_BYTES:
                self._put(bytes(piece))
                piece.clear()
        if piece:
            self._put(bytes(piece))

    def close(self) -> None:
        """Finish the last part."""
        if self._zip is not None and self._raw is not None:
            self._file.close()
            self._zip.close()
            self._raw.close()
            self._zip = self._raw = None

    def _put(self, piece: bytes) -> None:
        if not self._takes(len(piece)):
            self._next_part()
        self._file.write(piece)

    def _takes(self, size: int) -> bool:
        """Whether a piece of that size fits into the part, even if it does not shrink at all."""
        if self._zip is None or self._raw is None:
            return False
        written = self._raw.tell()
        return (
            written <= self._most - MARGIN_BYTES
            and written + HELD_BYTES + size + size // 1000 <= self._most
        )

    def _next_part(self) -> None:
        self.close()
        number = len(self.parts) + 1
        stem = self._name if number == 1 else f"{self._name}-{number}"
        path = self._folder / f"{stem}.zip"
        self._raw = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
        self._zip = zipfile.ZipFile(self._raw, "w", zipfile.ZIP_DEFLATED)
        self._file = self._zip.open(f"{stem}.{self._kind}", "w", force_zip64=True)
        self._file.write(head(self._kind))
        self.parts.append(path)
