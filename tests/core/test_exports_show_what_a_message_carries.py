"""Exports show texts beside the text, and to which post a comment belongs."""

import csv
import io
import json
from datetime import UTC, datetime

from core.export import ExportFormat, body, head
from core.message import Forward, Message, Reply, Wording

NOW = datetime(2026, 1, 1, tzinfo=UTC)
POLL = Message(
    chat=-1001,
    box="",
    id=5,
    date=NOW,
    texts=(Wording(kind="poll_question", text="Tea?"), Wording(kind="poll_answer", text="=是")),
    links=("https://a.example",),
)
POST = Message(
    chat=-1001,
    box="",
    id=6,
    date=NOW,
    forward=Forward(
        date=NOW, sender=-1009, message=77, saved_chat=-1002, saved_message=8, saved_date=NOW
    ),
)
COMMENT = Message(chat=-1001, box="", id=7, date=NOW, reply=Reply(message=9, topic=6))


def test_lines_of_json_have_them_whole() -> None:
    poll, post, comment = (
        json.loads(line)
        for line in body(ExportFormat.JSONL, [POLL, POST, COMMENT]).decode().splitlines()
    )
    assert poll["texts"][1] == {"kind": "poll_answer", "text": "=是"}
    assert (post["forward"]["saved_chat"], post["forward"]["saved_message"]) == (-1002, 8)
    assert post["forward"]["saved_date"] == "2026-01-01T00:00:00Z"
    assert comment["reply"] == {"message": 9, "topic": 6}


def test_tables_have_columns_for_them() -> None:
    table = head(ExportFormat.CSV) + body(ExportFormat.CSV, [POLL, POST, COMMENT])
    poll, post, comment = csv.DictReader(io.StringIO(table.decode("utf-8-sig")))
    assert (poll["other_text"], poll["links"]) == ("Tea?\n'=是", "https://a.example")
    assert (post["forwarded_chat"], post["forwarded_message"]) == ("-1002", "8")
    assert (comment["reply_to"], comment["thread"]) == ("9", "6")
