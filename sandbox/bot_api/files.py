"""Files that bots sent: kept in memory, the oldest forgotten when they grow too many."""

import hashlib
import re
import struct
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.bot_api.errors import bad_request
from sandbox.bot_api.params import Params, Upload

KEPT_BYTES = 512 * 1024 * 1024
DOWNLOAD_BYTES = 20 * 1024 * 1024
PHOTO_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    id: str
    unique_id: str
    path: str
    name: str
    mime: str
    content: bytes
    width: int = 0
    height: int = 0

    @property
    def is_photo(self) -> bool:
        return self.width > 0

    def as_json(self) -> dict[str, object]:
        return {
            "file_id": self.id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.content),
        }

    def as_document(self) -> dict[str, object]:
        return {"file_name": self.name, "mime_type": self.mime, **self.as_json()}

    def as_photo(self) -> list[dict[str, object]]:
        return [{**self.as_json(), "width": self.width, "height": self.height}]


class Files:
    def __init__(self, bot_id: int) -> None:
        self._bot_id = bot_id
        self._by_id: OrderedDict[str, StoredFile] = OrderedDict()
        self._by_path: dict[str, str] = {}
        self._bytes = 0
        self._count = 0

    def document(self, params: Params) -> StoredFile:
        upload = self._incoming(params, "document")
        return upload if isinstance(upload, StoredFile) else self._keep(upload, "documents")

    def photo(self, params: Params) -> StoredFile:
        upload = self._incoming(params, "photo")
        if isinstance(upload, StoredFile):
            if not upload.is_photo:
                raise bad_request("can't use file of type Document as Photo")
            return upload
        size = image_size(upload.content)
        if size is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
        if len(upload.content) > PHOTO_BYTES:
            raise bad_request("file is too big for a photo")
        if sum(size) > 10_000 or max(size) > 20 * min(size):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        return self._keep(upload, "photos", *size)

    def get(self, file_id: str) -> StoredFile:
        file = self._by_id.get(file_id)
        if file is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        return file

    def downloadable(self, file_id: str) -> dict[str, object]:
        file = self.get(file_id)
        if len(file.content) > DOWNLOAD_BYTES:
            raise bad_request("file is too big")
        return {**file.as_json(), "file_path": file.path}

    def __iter__(self) -> Iterator[StoredFile]:
        return iter(self._by_id.values())

    def owns(self, file: StoredFile) -> bool:
        """Whether it is this bot's."""
        return file.id.startswith(f"BQAC{self._bot_id:x}A")

    def restore(self, file: StoredFile) -> None:
        """A file from before; the next one's number is above its own."""
        self._count = max(self._count, int(file.id[len(f"BQAC{self._bot_id:x}A") :][:6], 16))
        self._add(file)

    def at(self, path: str) -> StoredFile | None:
        return self._by_id.get(self._by_path.get(path, ""))

    def _incoming(self, params: Params, field: str) -> Upload | StoredFile:
        upload = params.upload(field)
        if upload is not None:
            if not upload.content:
                raise bad_request("file must be non-empty")
            return upload
        value = params.text(field)
        if not value:
            raise bad_request(f"there is no {field} in the request")
        if value.startswith("attach://"):
            raise bad_request("can't parse URL: attached file is not found")
        if re.match(r"https?://", value, re.IGNORECASE):
            raise bad_request("failed to get HTTP URL content")
        if value not in self._by_id:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return self._by_id[value]

    def _keep(self, upload: Upload, folder: str, width: int = 0, height: int = 0) -> StoredFile:
        self._count += 1
        name = re.sub(r"[\\/\0-\x1f]", "_", upload.name)[-255:] or "file"
        suffix = name.rpartition(".")[2] if "." in name else "bin"
        digest = hashlib.sha256(upload.content).hexdigest()
        file = StoredFile(
            id=f"BQAC{self._bot_id:x}A{self._count:06x}{digest[:32]}",
            unique_id=f"AgAD{digest[:12]}",
            path=f"{folder}/file_{self._count}.{re.sub(r'[^A-Za-z0-9]', '', suffix) or 'bin'}",
            name=name,
            mime=upload.mime,
            content=upload.content,
            width=width,
            height=height,
        )
        self._add(file)
        return file

    def _add(self, file: StoredFile) -> None:
        self._by_id[file.id] = file
        self._by_path[file.path] = file.id
        self._bytes += len(file.content)
        self._forget_oldest()

    def _forget_oldest(self) -> None:
        while self._bytes > KEPT_BYTES and len(self._by_id) > 1:
            _, old = self._by_id.popitem(last=False)
            del self._by_path[old.path]
            self._bytes -= len(old.content)


def image_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, JPEG, GIF or WebP picture, by its header."""
    if content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) >= 24:
        return struct.unpack(">II", content[16:24])
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        return struct.unpack("<HH", content[6:10])
    if content[:4] == b"RIFF" and content[8:16] == b"WEBPVP8X" and len(content) >= 30:
        return _uint24(content[24:27]) + 1, _uint24(content[27:30]) + 1
    return _jpeg_size(content) if content[:2] == b"\xff\xd8" else None


def _uint24(three: bytes) -> int:
    return int.from_bytes(three, "little")


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    position = 2
    while position + 9 <= len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return width, height
        position += 2 + int.from_bytes(content[position + 2 : position + 4], "big")
    return None
