"""A compressed file of exported messages, cut into parts that Telegram takes."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

from core.export import ExportFormat, body, head
from core.message import Message

MAX_PART_BYTES = 49_000_000
MARGIN_BYTES = 1_000_000


class Archive:
    """Zip files in `folder`, each with one file inside; a new part before one grows too large.

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
        self.parts: list[Path] = []

    def write(self, messages: Sequence[Message]) -> None:
        """Append messages."""
        if not messages:
            return
        if self._zip is None or self._size() > self._most - MARGIN_BYTES:
            self._next_part()
        with_head = not self._entries
        content = (head(self._kind) if with_head else b"") + body(self._kind, messages)
        self._entries += 1
        self._file.write(content)

    def close(self) -> None:
        """Finish the last part."""
        if self._zip is not None:
            self._file.close()
            self._zip.close()
            self._zip = None

    def _next_part(self) -> None:
        self.close()
        number = len(self.parts) + 1
        stem = self._name if number == 1 else f"{self._name}-{number}"
        path = self._folder / f"{stem}.zip"
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self._file = self._zip.open(f"{stem}.{self._kind}", "w", force_zip64=True)
        self._entries = 0
        self.parts.append(path)

    def _size(self) -> int:
        return self.parts[-1].stat().st_size
