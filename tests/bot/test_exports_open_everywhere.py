import csv
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot_rig import Rig, known
from hypothesis import given
from hypothesis import strategies as st
from waiting import wait_until

from bot.features.runs.archive import Archive
from core.export import COLUMNS, ExportFormat, body, csv_row, head, safe_cell
from core.message import DeletionPolicy, Forward, Media, Message, Reaction, Reply, Sender
from core.undecoded import Undecoded

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
DELETED = datetime(2026, 1, 2, tzinfo=UTC)


def _message(number: int, text: str = "你好，世界") -> Message:
    return Message(
        chat=-1001,
        box="",
        id=number,
        date=BEGUN + timedelta(minutes=number),
        text=text,
        sender=Sender(id=number, name="=cmd|' /C calc'!A0"),
        reply=Reply(message=1),
        forward=Forward(date=BEGUN, name="+1"),
        reactions=(Reaction(emoji="👍", count=3),),
        media=Media(kind="photo", name="-x.jpg"),
        links=("https://t.me/x",),
    )


@given(st.text(max_size=60))
def test_no_text_cell_is_a_formula(text: str) -> None:
    for cell in csv_row(_message(5, text)):
        bare = cell.strip()
        is_number = bare.lstrip("-").isdigit()
        assert is_number or not bare.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    rows = list(csv.reader(io.StringIO(body(ExportFormat.CSV, [_message(5, text)]).decode())))
    assert len(rows) == 1
    assert len(rows[0]) == len(COLUMNS)


def test_formulas_are_defused_whatever_stands_before_them() -> None:
    assert safe_cell("=1+1") == "'=1+1"
    assert safe_cell("\t=1") == "'\t=1"
    assert safe_cell("  @x") == "'  @x"
    assert safe_cell("plain") == "plain"
    assert safe_cell("a\x00b") == "ab"


def test_excel_sees_utf8_by_the_mark() -> None:
    assert head(ExportFormat.CSV).startswith(b"\xef\xbb\xbfchat,id,date")
    assert "你好，世界" in body(ExportFormat.CSV, [_message(1)]).decode()


def test_json_lines_hold_every_field() -> None:
    line = json.loads(body(ExportFormat.JSONL, [_message(7)]))
    assert line["id"] == 7
    assert line["text"] == "你好，世界"
    assert line["date"] == "2026-01-01T00:07:00Z"
    assert line["reactions"] == [{"emoji": "👍", "count": 3}]
    assert "views" not in line


def test_an_archive_is_cut_into_parts_that_telegram_takes(tmp_path: Path) -> None:
    archive = Archive(tmp_path, "task-1", ExportFormat.CSV, most=1_000_000 + 20_000)
    count = 0
    for start in range(0, 12_000, 500):
        chunk = [_message(start + n, f"{start * 7919 + n * 104729:x}" * 3) for n in range(500)]
        archive.write(chunk)
        count += len(chunk)
    archive.close()
    assert len(archive.parts) > 1
    rows = 0
    for part in archive.parts:
        with zipfile.ZipFile(part) as file:
            [name] = file.namelist()
            text = file.read(name).decode("utf-8-sig")
        assert text.startswith("chat,id,date")
        rows += len(list(csv.reader(io.StringIO(text)))) - 1
    assert rows == count


async def test_the_final_card_sends_csv_json_lines_and_the_latest(rig: Rig) -> None:
    chat = known("@harbour_news").chat
    assert chat is not None
    await rig.database.chats.save(chat)
    await rig.database.messages.add_new([_message(number) for number in range(1, 2502)])
    await rig.database.messages.delete(chat.id, "", [2501], DELETED, DeletionPolicy.MIRROR)
    await rig.database.messages.delete(chat.id, "", [2500], DELETED, DeletionPolicy.KEEP)
    run, card = await rig.started("@harbour_news")
    await rig.worker.finish(run, read=2500)
    await rig.until(card.id, "Done")
    await rig.press(card, "Latest 5")
    latest = await rig.new("Latest messages")
    assert [f"#{number}" in latest.text for number in range(2500, 2494, -1)] == [True] * 5 + [False]
    assert "#2501" not in latest.text
    assert latest.text.count("deleted in Telegram") == 1
    await rig.press(card, "Export")
    page = await rig.new("As which file?")
    await rig.press(page, "CSV")
    sent = await rig.me.wait_for_message(lambda m: m.document)
    await rig.new("Exported 2,500 messages")
    with zipfile.ZipFile(io.BytesIO(sent.document or b"")) as file:
        assert file.namelist() == ["task-1.csv"]
        rows = list(csv.reader(io.StringIO(file.read("task-1.csv").decode("utf-8-sig"))))
    assert [int(row[1]) for row in rows[1:]] == list(range(1, 2501))
    assert [row[-1] for row in rows[-2:]] == ["", "2026-01-02 00:00:00"]
    assert sent.reply_to == page.id
    await rig.press(page, "JSON Lines")
    second = await rig.me.wait_for_message(lambda m: m.document and m.id > sent.id)
    with zipfile.ZipFile(io.BytesIO(second.document or b"")) as file:
        lines = file.read("task-1.jsonl").decode().splitlines()
    assert [json.loads(line)["id"] for line in lines] == list(range(1, 2501))
    folder = rig.settings.data_dir / "exports"
    await wait_until(lambda: not list(folder.iterdir()))


async def test_an_export_that_the_database_ends_says_so(rig: Rig) -> None:
    chat = known("@harbour_news").chat
    assert chat is not None
    await rig.database.chats.save(chat)
    await rig.database.messages.add_new([_message(number) for number in range(1, 11)])
    run, card = await rig.started("@harbour_news")
    await rig.worker.finish(run, read=10)
    await rig.until(card.id, "Done")
    await rig.press(card, "Export")
    page = await rig.new("As which file?")
    rig.door.delay_next("sendMessage", 1)
    await rig.press(page, "CSV")
    await _break_messages(rig)
    await rig.new("did not work out", "the database", "try again")
    assert list((rig.settings.data_dir / "exports").iterdir()) == []


async def _break_messages(rig: Rig) -> None:
    """Let every read of a message fail in MongoDB itself."""
    raw = rig.worker.raw
    await raw["messages"].drop()
    await raw["broken"].insert_one({})
    broken = [{"$replaceWith": {"chat": {"$divide": [1, 0]}}}]
    await raw.command("create", "messages", viewOn="broken", pipeline=broken)


async def test_an_export_tells_what_is_not_in_it(rig: Rig) -> None:
    chat = known("@harbour_news").chat
    assert chat is not None
    await rig.database.chats.save(chat)
    await rig.database.messages.add_new([_message(number) for number in range(1, 11)])
    lost = [
        Undecoded(chat=chat.id, box="", id=number, raw=b"?", why="5eed0bad", decoder="1")
        for number in (11, 12, 13)
    ]
    await rig.database.undecoded.keep(lost, BEGUN)
    run, card = await rig.started("@harbour_news")
    await rig.worker.finish(run, read=10)
    await rig.until(card.id, "Done")
    await rig.press(card, "Export")
    page = await rig.new("As which file?")
    await rig.press(page, "CSV")
    sent = await rig.me.wait_for_message(lambda m: m.document)
    told = "3 stored messages are not in it"
    assert told in sent.text
    await rig.new("Exported 10 messages", told)


async def test_an_export_keeps_to_what_the_run_was_to_read(rig: Rig) -> None:
    chat = known("@harbour_news").chat
    assert chat is not None
    await rig.database.chats.save(chat)
    await rig.database.messages.add_new([_message(number) for number in range(1, 2501)])
    page = await rig.say("/newtask @harbour_news")
    await rig.press(page, "What to read")
    await rig.press(page, "Newest 1,000")
    await rig.until(page.id, "New task")
    await rig.press(page, "Start")
    await rig.worker.finish(await rig.worker.open_run())
    await rig.until(page.id, "Done")
    await rig.press(page, "Export")
    choice = await rig.new("As which file?")
    await rig.press(choice, "JSON Lines")
    await rig.new("Exported 1,000 messages")
