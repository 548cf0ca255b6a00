"""Every stored field that is changed has one owner: the table at the head of the data model."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from every_call import call, calls
from motor.motor_asyncio import AsyncIOMotorClient
from plenty import NOW
from pymongo.monitoring import CommandListener

from core.errors import StoreError
from db.client import MongoDatabase, database_of
from db.database import Database

DATA_MODEL = Path(__file__).parents[2] / "docs" / "data-model.md"
RULES = {"holder", "compared", "operator", "any, alike", "any, growing", "creator"}
"""How a field is kept from being written back and forth; the data model says what each means."""

ROW = re.compile(r"^\| `(\w+)` \| (`[^|]+`) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
"""Collection, fields, rule, owner."""


class Changes(CommandListener):
    """The fields that updates change, by collection; what an insertion sets is not among them."""

    def __init__(self) -> None:
        self.fields: dict[str, set[str]] = {}

    def started(self, event: Any) -> None:
        command = event.command
        if "update" in command:
            for one in command.get("updates", ()):
                self._saw(command["update"], one["u"])
        if "findAndModify" in command and "update" in command:
            self._saw(command["findAndModify"], command["update"])

    def _saw(self, collection: Any, update: Any) -> None:
        self.fields.setdefault(str(collection), set()).update(changed(update))

    def succeeded(self, event: Any) -> None:
        pass

    def failed(self, event: Any) -> None:
        pass


def changed(update: Any) -> Iterator[str]:
    """The fields at the top that an update changes."""
    for stage in update if isinstance(update, list) else [update]:
        for operator, fields in stage.items():
            if operator != "$setOnInsert" and isinstance(fields, dict):
                yield from (name.split(".")[0] for name in fields if name != "_id")
            elif operator == "$unset":
                yield from [fields] if isinstance(fields, str) else fields


def owned() -> dict[str, dict[str, tuple[str, str]]]:
    """The table: by collection and field the rule and the owner."""
    table: dict[str, dict[str, tuple[str, str]]] = {}
    head = DATA_MODEL.read_text(encoding="utf-8").split("\n## ", 1)[0]
    for collection, fields, rule, owner in ROW.findall(head):
        for name in re.findall(r"`(\w+)`", fields):
            known = table.setdefault(collection, {})
            assert name not in known, f"{collection}.{name} has two owners"
            known[name] = (rule.strip(), owner.strip())
    return table


async def test_every_field_that_is_changed_has_one_owner(
    mongo_uri: str, mongo_database: MongoDatabase, database: Database
) -> None:
    seen = Changes()
    client = AsyncIOMotorClient(mongo_uri, tz_aware=True, event_listeners=[seen])
    tapped = Database(database_of(client, mongo_database.name))
    for _, method, given in calls(tapped):
        try:
            await call(method, given)
        except (StoreError, ValueError):
            continue
    await tapped.build_claims(NOW)
    client.close()
    told = {collection: set(fields) for collection, fields in owned().items()}
    changed_fields = {name: fields for name, fields in seen.fields.items() if fields}
    assert changed_fields.keys() == told.keys()
    assert {name: fields - told[name] for name, fields in changed_fields.items()} == {
        name: set() for name in told
    }


def test_every_field_of_the_table_is_stored() -> None:
    text = DATA_MODEL.read_text(encoding="utf-8")
    for collection, fields in owned().items():
        told = text.split(f"\n## `{collection}`\n", 1)[1].split("\n## ", 1)[0]
        cells = "".join(line.split("|")[1] for line in told.splitlines() if line.startswith("|"))
        assert fields.keys() <= {*re.findall(r"`(\w+)`", cells)}, collection


def test_every_rule_is_explained() -> None:
    head = DATA_MODEL.read_text(encoding="utf-8").split("\n## ", 1)[0]
    used = {rule for fields in owned().values() for rule, _ in fields.values()}
    assert used <= RULES
    for rule in used:
        assert f"*{rule}*" in head
