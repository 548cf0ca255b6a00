"""A test session that was killed leaves its MongoDB behind; the next one ends it."""

import asyncio
from pathlib import Path

from app.embedded_mongo.folder import FileLock, Folder
from app.embedded_mongo.process import end


def end_abandoned(sessions: Path) -> list[int]:
    """End every mongod below `sessions/pytest-*/` that nobody is in; their process numbers."""
    notes = sessions.glob("pytest-*/*/mongo/server.json")
    return [pid for note in notes if (pid := _end_unless_used(Folder(note.parents[1])))]


def _end_unless_used(folder: Folder) -> int | None:
    record = folder.read()
    if not record.running or record.pid is None or record.birth is None:
        return None
    with FileLock(folder.lock) as lock, FileLock(folder.members) as members:
        if not (lock.try_exclusive() and members.try_exclusive()):
            return None
        asyncio.run(end(record.pid, record.birth, patience=10))
        return record.pid
