"""All indexes of the product, in one table; ensured at every start."""

from dataclasses import dataclass, field
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from db.client import MongoDatabase
from db.expiry import end_deleting_by_mongodb

Keys = list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Index:
    """An index of a collection and the query that it serves."""

    collection: str
    keys: Keys
    serves: str
    options: dict[str, Any] = field(default_factory=dict)


MESSAGE_KEY = "chat_1_box_1_id_1"
BODILESS = "bodiless"
PLACES = "places"
"""Names of indexes that are asked for: the first is MongoDB's own."""

INDEXES: tuple[Index, ...] = (
    Index(
        "messages",
        [("chat", ASCENDING), ("box", ASCENDING), ("id", ASCENDING)],
        "a message once; ranges of a chat in order",
        {"unique": True, "name": MESSAGE_KEY},
    ),
    Index(
        "messages",
        [("chat", ASCENDING), ("box", ASCENDING), ("id", ASCENDING), ("body", ASCENDING)],
        "tombstones without a body",
        {"partialFilterExpression": {"body": {"$exists": True}}, "name": BODILESS},
    ),
    Index(
        "messages",
        [("box", ASCENDING), ("id", ASCENDING)],
        "the chat of a message that was deleted in an account's own box",
        {"partialFilterExpression": {"box": {"$gt": ""}}, "name": PLACES},
    ),
    Index(
        "messages",
        [("file", ASCENDING)],
        "whether a file is in use",
        {"partialFilterExpression": {"file": {"$exists": True}}},
    ),
    Index(
        "undecoded",
        [("chat", ASCENDING), ("box", ASCENDING), ("id", ASCENDING)],
        "a message that is not understood, once; those of a chat",
        {"unique": True},
    ),
    Index("undecoded", [("decoder", ASCENDING)], "what a newer version has not tried"),
    Index("media_ids", [("file", ASCENDING)], "a file that goes"),
    Index(
        "media",
        [("leaving", ASCENDING)],
        "files that are to go",
        {"partialFilterExpression": {"leaving": True}},
    ),
    Index(
        "versions",
        [("chat", ASCENDING), ("box", ASCENDING), ("id", ASCENDING)],
        "the former contents of a message",
        {"unique": True},
    ),
    Index(
        "jobs",
        [("family", ASCENDING), ("keys", ASCENDING), ("vt", ASCENDING)],
        "the peek of a worker",
        {"partialFilterExpression": {"ready": True}},
    ),
    Index(
        "jobs",
        [("ready", ASCENDING), ("vt", ASCENDING)],
        "what is in the queue",
        {"partialFilterExpression": {"ready": True}},
    ),
    Index("jobs", [("run", ASCENDING), ("_id", ASCENDING)], "the jobs of a run"),
    Index(
        "jobs",
        [
            ("run", ASCENDING),
            ("state", ASCENDING),
            ("wait.why", ASCENDING),
            ("step", ASCENDING),
            ("hold", ASCENDING),
        ],
        "where a run's jobs stand",
    ),
    Index("jobs", [("task", ASCENDING), ("chat", ASCENDING)], "a task's jobs and its chats"),
    Index("jobs", [("chat", ASCENDING), ("task", ASCENDING)], "the tasks of a chat"),
    Index(
        "jobs",
        [("state", ASCENDING), ("account", ASCENDING)],
        "running jobs, of an account and orphans; counts by state",
    ),
    Index(
        "jobs",
        [("wait.until", ASCENDING)],
        "queued jobs whose wait is over",
        {"partialFilterExpression": {"state": "queued"}},
    ),
    Index(
        "runs",
        [("task", ASCENDING)],
        "no overlap of one task's runs",
        {"unique": True, "partialFilterExpression": {"open": True}, "name": "one_open_run"},
    ),
    Index(
        "runs",
        [("task", ASCENDING), ("due", ASCENDING)],
        "each due time is one run; the last run of a task",
        {"unique": True},
    ),
    Index(
        "runs",
        [("open", ASCENDING), ("_id", ASCENDING)],
        "open runs, for the sweep",
        {"partialFilterExpression": {"open": True}, "name": "open_runs"},
    ),
    Index(
        "runs",
        [("shown", ASCENDING), ("_id", ASCENDING)],
        "cards that still change",
        {"partialFilterExpression": {"shown": False}},
    ),
    Index("tasks", [("number", DESCENDING)], "the list of tasks", {"unique": True}),
    Index(
        "tasks",
        [("state", ASCENDING), ("next_due", ASCENDING)],
        "tasks that are due",
    ),
    Index(
        "tasks",
        [("spec.keep_days", ASCENDING)],
        "the tasks whose messages are kept for a while only",
        {"partialFilterExpression": {"spec.keep_days": {"$gt": 0}}},
    ),
    Index(
        "tasks",
        [("spec.deletions", ASCENDING)],
        "the tasks that wish deleted messages to keep their bodies",
        {"partialFilterExpression": {"spec.deletions": "keep"}},
    ),
    Index("tasks", [("spec.sources", ASCENDING)], "the tasks that name a source"),
    Index(
        "accounts",
        [("telegram_id", ASCENDING)],
        "an account once",
        {"unique": True, "partialFilterExpression": {"telegram_id": {"$type": "number"}}},
    ),
    Index("budgets", [("account", ASCENDING)], "the rests of an account"),
    Index(
        "budgets",
        [("ends_at", ASCENDING), ("_id", ASCENDING)],
        "what was used of a day that is over goes",
    ),
    Index("chats", [("username", ASCENDING)], "a chat by its name"),
    Index(
        "chats",
        [("keep_days", ASCENDING)],
        "the chats whose messages are kept for a while only",
        {"partialFilterExpression": {"keep_days": {"$gt": 0}}},
    ),
    Index(
        "chats",
        [("deletions", ASCENDING)],
        "the chats whose deleted messages keep their bodies",
        {"partialFilterExpression": {"deletions": "keep"}},
    ),
    Index("chats", [("title", ASCENDING)], "the list of chats"),
    Index(
        "memberships",
        [("account", ASCENDING), ("username", ASCENDING)],
        "what a name resolves to for an account",
    ),
    Index("memberships", [("username", ASCENDING)], "the accounts that know a source"),
    Index(
        "memberships",
        [("invite", ASCENDING), ("account", ASCENDING)],
        "the accounts that an invite let in",
    ),
    Index("memberships", [("chat", ASCENDING), ("state", ASCENDING)], "the members of a chat"),
    Index(
        "memberships",
        [("for_task", ASCENDING)],
        "what was joined for a task",
        {"partialFilterExpression": {"for_task": {"$exists": True}}},
    ),
    Index("subscriptions", [("wants.run", ASCENDING)], "what is listened to for a run"),
    Index(
        "memberships",
        [("leaving", ASCENDING), ("account", ASCENDING)],
        "what accounts are to leave",
        {"partialFilterExpression": {"leaving": True}},
    ),
    Index("found", [("run", ASCENDING), ("rank", ASCENDING)], "what a run found, in order"),
    Index(
        "found",
        [("run", ASCENDING), ("members", DESCENDING), ("rank", ASCENDING)],
        "the list of what a run found, the largest groups first",
    ),
    Index("found", [("task", ASCENDING)], "deleting a task"),
    Index("claims", [("task", ASCENDING), ("chat", ASCENDING)], "the chats of a task"),
    Index("claims", [("chat", ASCENDING), ("task", ASCENDING)], "the tasks of a chat"),
    Index("purges", [("by", ASCENDING)], "what a task or the operator began to delete"),
    Index(
        "spans",
        [("chat", ASCENDING), ("box", ASCENDING), ("scope", ASCENDING), ("lo", ASCENDING)],
        "the coverage of a chat",
    ),
    Index(
        "lookups",
        [("state", ASCENDING), ("_id", ASCENDING)],
        "lookups that nobody answered",
    ),
    Index(
        "lookups",
        [("asked_at", ASCENDING), ("_id", ASCENDING)],
        "answered lookups go",
    ),
    Index("workers", [("started_at", DESCENDING)], "the list of workers"),
    Index(
        "workers",
        [("seen_at", ASCENDING), ("_id", ASCENDING)],
        "workers that nobody heard of for a week go",
    ),
    Index(
        "fsm",
        [("touched_at", ASCENDING), ("_id", ASCENDING)],
        "dialogs that nobody goes on with",
    ),
)


async def ensure_indexes(database: MongoDatabase) -> None:
    """Create what is missing. Idempotent, safe from several processes at once."""
    await end_deleting_by_mongodb(database)
    wanted: dict[str, list[IndexModel]] = {}
    for index in INDEXES:
        model = IndexModel(index.keys, **index.options)
        wanted.setdefault(index.collection, []).append(model)
    for collection, models in wanted.items():
        await database[collection].create_indexes(models)
