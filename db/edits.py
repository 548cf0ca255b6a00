"""Edits of messages: the newest wins, in whatever order and how often they come."""

from collections.abc import Sequence
from typing import Any

from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from core.edit_order import Age
from core.message import Message
from db.client import Document, MongoDatabase
from db.errors import refused_as_known, translates_errors
from db.identity import Identity, any_of, identity_of, which
from db.names import with_names
from db.versions import CONTENT, Versions, differs

AWAITED = "awaited"
"""The `body` of a tombstone that takes its message when it comes; see `db.tombstones`."""

CLEARED = "cleared"
"""The `body` of a tombstone that takes none."""

_KEY = ("_id", "chat", "box", "id")
_DATED = ("edit_date", "hidden_edit_date")
_GUARDED = (*_DATED, "pts", "body")
_REPLACED = (*(set(Message.__slots__) - {*_KEY, "deleted_at"}), "pts", "body")
_OF_ITS_FILE = {"file": "", "skipped": ""}


@translates_errors
class Edits:
    """Guarded writes into `messages`. Each is made only if the document is still the one that it
    was judged by, else judged anew; so two writers of one message end where one would."""

    def __init__(self, database: MongoDatabase, versions: Versions) -> None:
        self._messages = database["messages"]
        self._versions = versions

    async def meet(self, documents: Sequence[Document]) -> None:
        """Documents of messages that are stored already: the edited ones are applied, and a
        tombstone that waits for its body takes it."""
        plain = [identity_of(one) for one in documents if not _is_edited(one)]
        awaited = await self._with_body(AWAITED, plain)
        await self.apply(
            [one for one in documents if _is_edited(one) or identity_of(one) in awaited]
        )

    async def apply(self, documents: Sequence[Document]) -> None:
        """Store the documents that are newer by (edit_date, pts) than what is stored; what was
        changed by it, or came too late, goes to the versions. Unknown ones are inserted."""
        pending, kept = list(documents), set[Identity]()
        while pending:
            judged = _Round(pending, await self._stored(pending))
            await self._versions.keep(judged.past)
            kept |= {identity_of(one) for one in judged.past}
            pending = judged.later + (await self._write(judged))
        await self._versions.forget(await self._with_body(CLEARED, kept))

    async def _stored(self, documents: Sequence[Document]) -> dict[Identity, Document]:
        wanted = any_of(identity_of(one) for one in documents)
        fields = dict.fromkeys((*_KEY[1:], "date", "sender", "forward", *_GUARDED, *CONTENT), 1)
        cursor = self._messages.find(wanted, {"_id": 0, **fields})
        return {identity_of(one): one async for one in cursor}

    async def _write(self, judged: "_Round") -> list[Document]:
        """What has to be judged again, because somebody else wrote meanwhile."""
        if not judged.writes:
            return []
        try:
            result = await self._messages.bulk_write(judged.writes, ordered=False)
        except BulkWriteError as error:
            refused_as_known(error)
            return judged.winners
        done = result.inserted_count + result.matched_count
        return [] if done == len(judged.writes) else judged.winners

    async def _with_body(
        self, body: str, messages: "Sequence[Identity] | set[Identity]"
    ) -> set[Identity]:
        if not messages:
            return set()
        cursor = self._messages.find(
            any_of(messages, body=body), {"_id": 0, "chat": 1, "box": 1, "id": 1}
        )
        return {identity_of(one) async for one in cursor}


class _Round:
    """Documents, each judged by what is stored: `winners` and their `writes`, what of it all is
    `past`, and what has to wait for a write to the same message and be judged `later`."""

    def __init__(self, documents: Sequence[Document], stored: dict[Identity, Document]) -> None:
        self.writes: list[Any] = []
        self.winners: list[Document] = []
        self.past: list[Document] = []
        self.later: list[Document] = []
        written = set[Identity]()
        for document in documents:
            if (identity := identity_of(document)) in written:
                self.later.append(document)
            elif self._judge(document, stored.get(identity)):
                self.winners.append(document)
                written.add(identity)

    def _judge(self, document: Document, stored: Document | None) -> bool:
        fields = {name: value for name, value in document.items() if name not in _KEY}
        if stored is None:
            self.writes.append(InsertOne(which(identity_of(document)) | fields))
            return True
        if stored.get("body") == CLEARED:
            return False
        has_body = stored.get("body") != AWAITED
        mine, known = _age(document), _age(stored)
        newer = not has_body or mine.newer_than(known)
        if has_body and (newer or known.newer_than(mine)) and differs(stored, document):
            self.past.append(stored if newer else document)
        if newer:
            self.writes.append(_replacement(fields, stored))
        return newer


def _replacement(fields: Document, stored: Document) -> UpdateOne:
    """All but the deletion's time is as in the new document, and names that it lacks. A number
    stays where nothing else would tell that an older update is older."""
    fields = with_names(fields, stored)
    if "pts" not in fields and not _age(fields).comparable(_age(stored)):
        fields |= {"pts": stored["pts"]} if "pts" in stored else {}
    unchanged = {name: stored.get(name) for name in _GUARDED}
    absent = {name: "" for name in _REPLACED if name not in fields}
    if fields.get("media") != stored.get("media"):
        absent |= _OF_ITS_FILE
    return UpdateOne(which(identity_of(stored)) | unchanged, {"$set": fields, "$unset": absent})


def _is_edited(document: Document) -> bool:
    return any(name in document for name in _DATED)


def _age(document: Document) -> Age:
    date = document.get("edit_date") or document.get("hidden_edit_date")
    return Age(date, document.get("pts"))
