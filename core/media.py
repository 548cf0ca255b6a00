"""Files of messages: which are wanted, what becomes of each, and how one is named on the disk."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath

from core.job import ENDED, Family, Job, JobState, Progress
from core.message import Media
from core.task import Step

PART = 512 * 1024
"""Bytes of a part. Parts of this size at its multiples are what Telegram allows: it divides a
mebibyte, and no part lies in two of those."""

SUFFIX = "m"
"""What the id of a job for files adds to that of the history that it follows."""


class Skip(StrEnum):
    """Why the file of a message is not kept.

    `too_large` may change with other options; `unavailable` (Telegram did not give it, though asked
    again) and `no_room` (the disk has none) are tried again by the next job. The others stay.
    """

    PROTECTED = "protected"
    EXPIRING = "expiring"
    TOO_LARGE = "too_large"
    GONE = "gone"
    REPLACED = "replaced"
    UNAVAILABLE = "unavailable"
    NO_ROOM = "no_room"


TRIED_AGAIN = (Skip.UNAVAILABLE, Skip.NO_ROOM)
"""Why a file may be there after all when it is asked for another time."""

NEAR = 1024
"""Bytes by which the size of a file may differ from what was told, and it is still that file."""


class FileKind(StrEnum):
    """The two kinds of files that Telegram numbers apart."""

    PHOTO = "photo"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlace:
    """Where one account finds a file just now. `reference` is good for a while only; `thumb` names
    the size of a photo; `dc` is the data centre that has it."""

    kind: FileKind
    id: int
    access_hash: int
    reference: bytes
    size: int
    dc: int
    thumb: str = ""

    @property
    def key(self) -> str:
        """What the same file has in every message and for every account."""
        return f"{self.kind}-{self.id}-{self.size}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """The file of a message as Telegram shows it now: its place, or why it has none."""

    message: int
    media: Media | None = None
    place: FilePlace | None = None
    skip: Skip | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file on the disk. `name` is its hash and extension, and with `folders_of` its path."""

    id: str
    name: str
    size: int
    kind: str
    created_at: datetime
    mime: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which stored messages a job for files looks at: of a chat's box, ids `lo` to `hi`."""

    chat: int
    box: str
    lo: int
    hi: int
    kinds: tuple[str, ...]
    most_bytes: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    topic: int | None = None


_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,8})$")

_BY_MIME = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/quicktime": "mov",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "application/x-tgsticker": "tgs",
    "text/plain": "txt",
}


def file_name(sha256: str, media: Media) -> str:
    """The name that a file gets: its hash, and an extension that cannot lead anywhere."""
    return f"{sha256}.{_extension(media)}"


def is_shown(shown: Media | None, stored: Media) -> bool:
    """Whether Telegram shows what is stored, and not what an edit has made of it meanwhile."""
    if shown is None or shown.kind != stored.kind:
        return False
    if None in (shown.size, stored.size):
        return True
    return abs((shown.size or 0) - (stored.size or 0)) <= NEAR


def folders_of(name: str) -> PurePosixPath:
    """The path of a stored file below the folder of all: `ab/cd/abcd....jpg`."""
    return PurePosixPath(name[:2], name[2:4], name)


def file_jobs(jobs: Iterable[Job], now: datetime) -> tuple[list[Job], bool]:
    """The jobs that fetch the files of what the histories among `jobs` have read, and whether
    there will be no more of them.

    Each follows one that went well; of one that several accounts shared, all of them.
    """
    there = {job.id: job for job in jobs}
    histories = [
        job for job in there.values() if job.step is Step.HISTORY and job.options.media.kinds
    ]
    made = [
        _of_history(job, now)
        for job in histories
        if job.part is None and _is_read(job, histories) and job.top_id is not None
    ]
    complete = all(job.state in ENDED for job in histories)
    return [job for job in made if job.id not in there], complete


def _is_read(job: Job, histories: Iterable[Job]) -> bool:
    if job.state is not JobState.DONE or job.chat is None:
        return False
    shares = [one for one in histories if one.part is not None and one.id.startswith(f"{job.id}.")]
    shared = any(one.parts for one in job.onward)
    return all(one.state in ENDED for one in shares) and bool(shares) == shared


def _of_history(job: Job, now: datetime) -> Job:
    return Job(
        id=f"{job.id}{SUFFIX}",
        run=job.run,
        task=job.task,
        step=Step.MEDIA,
        source=job.source,
        options=job.options,
        keys=_keepers(job),
        family=Family.MEDIA,
        state=JobState.QUEUED,
        created_at=now,
        chat=job.chat,
        top_id=job.top_id,
        progress=Progress(total=0),
    )


_CHANNELS_BELOW = -1_000_000_000_000


def _keepers(job: Job) -> tuple[str, ...]:
    """Who may fetch: the ids of a basic group's messages mean something to its reader alone, and
    what an invite opened others may not see; when the reader cannot go on, the job finds out."""
    own_box = job.chat is not None and job.chat > _CHANNELS_BELOW
    if job.account is not None and (own_box or not job.source.startswith("@")):
        return (f"a{job.account}",)
    return job.keys


def _extension(media: Media) -> str:
    named = _EXTENSION.search(media.name or "")
    if named is not None:
        return named[1].lower()
    if media.kind == "photo":
        return "jpg"
    return _BY_MIME.get(media.mime or "", "bin")
