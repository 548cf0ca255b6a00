"""One SQLite file in the data folder: auth keys, JSON documents, contents of files."""

import json
import sqlite3
from pathlib import Path
from typing import Any

from sandbox.mtproto.keys import AuthKey

NAME = "state.sqlite3"
_SCHEMA = """
create table if not exists auth_keys
    (id blob primary key, data blob, salt integer, account integer, error text, device text);
create table if not exists documents (name text primary key, body text);
create table if not exists files (id text primary key, about text, content blob);
"""


class FolderInUseError(Exception):
    """Another sandbox keeps its state in this folder."""


class Store:
    """Each write is one transaction: there or not, however the process ends."""

    def __init__(self, folder: Path) -> None:
        self._file = sqlite3.connect(
            folder / NAME, isolation_level=None, check_same_thread=False, timeout=0.0
        )
        self._written: dict[str, str] = {}
        try:
            self._file.execute("pragma locking_mode = exclusive")
            self._file.execute("pragma journal_mode = wal")
            self._file.execute("pragma synchronous = normal")
            self._file.executescript(_SCHEMA)
        except sqlite3.OperationalError as error:
            self._file.close()
            raise FolderInUseError(f"{folder}: {error}") from error

    def keys(self) -> list[AuthKey]:
        rows = self._file.execute("select data, salt, account, error, device from auth_keys")
        return [
            AuthKey(data=data, salt=salt, account=account, error=error, device=device)
            for data, salt, account, error, device in rows
        ]

    def keep(self, key: AuthKey) -> None:
        self._file.execute(
            "insert or replace into auth_keys values (?, ?, ?, ?, ?, ?)",
            (key.id, key.data, key.salt, key.account, key.error, key.device),
        )

    def drop(self, key: AuthKey) -> None:
        self._file.execute("delete from auth_keys where id = ?", (key.id,))

    def read(self, name: str) -> Any:
        """The document, or None."""
        row = self._file.execute("select body from documents where name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def write(self, name: str, document: Any) -> None:
        """Does nothing when it is what was written last."""
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        if self._written.get(name) != body:
            self._file.execute("insert or replace into documents values (?, ?)", (name, body))
            self._written[name] = body

    def read_files(self) -> list[tuple[dict[str, Any], bytes]]:
        """What is known of each, and its content; oldest first."""
        rows = self._file.execute("select about, content from files order by rowid")
        return [(json.loads(about), content) for about, content in rows]

    def file_ids(self) -> set[str]:
        return {row[0] for row in self._file.execute("select id from files")}

    def write_file(self, file_id: str, about: dict[str, Any], content: bytes) -> None:
        self._file.execute(
            "insert or ignore into files values (?, ?, ?)", (file_id, json.dumps(about), content)
        )

    def drop_file(self, file_id: str) -> None:
        self._file.execute("delete from files where id = ?", (file_id,))

    def close(self) -> None:
        self._file.close()
