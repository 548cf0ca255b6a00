"""An export that is stopped or killed ends on its message and leaves no message on the disk; its
files fit into what Telegram takes, and only this user may read them."""

import asyncio
import csv
import io
import json
import os
import random
import signal
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bot_rig import Rig, known
from hypothesis import given
from hypothesis import strategies as st
from waiting import wait_until

from app.new_file import new_file
from bench.nursery import Nursery
from bot.features.runs.archive import MARGIN_BYTES, MAX_PART_BYTES, Archive
from bot.features.runs.export_folder import Begun, ExportFolder
from core.export import ExportFormat, body, csv_row, safe_cell
from core.message import Media, Message, Sender

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TELEGRAM_TAKES = 50_000_000
LEASE = 3
"""Seconds after which a bot takes over what one that was killed did."""
BEGUN = Begun(chat=1, message=2, language="zh")
ROOT = Path(__file__).parents[2]


def message(number: int, text: str = "hello", **more: object) -> Message:
    return Message(chat=-1001, box="", id=number, date=NOW, text=text, **more)


@pytest.mark.parametrize("kind", ExportFormat)
@pytest.mark.parametrize("longest", [800, 4_000, 300_000])
def test_no_part_is_larger_than_telegram_takes(
    kind: ExportFormat, longest: int, tmp_path: Path
) -> None:
    """Of texts that do not shrink, in chunks as the database gives them: a few, or a thousand."""
    most = MARGIN_BYTES + 300_000
    dice = random.Random(longest)
    archive, written = Archive(tmp_path, "task-1", kind, most=most), 0
    while len(archive.parts) < 4:
        size = dice.choice((1, 7, 1000)) if longest < 100_000 else 7
        texts = (dice.randbytes(dice.randrange(longest)).hex() for _ in range(size))
        chunk = [message(written + at, text) for at, text in enumerate(texts)]
        archive.write(chunk)
        written += len(chunk)
    archive.close()
    assert max(part.stat().st_size for part in archive.parts) <= most
    assert sum(rows_of(part, kind) for part in archive.parts) == written
    assert MAX_PART_BYTES <= TELEGRAM_TAKES


def rows_of(part: Path, kind: ExportFormat) -> int:
    with zipfile.ZipFile(part) as file:
        text = file.read(file.namelist()[0]).decode("utf-8-sig")
    if kind is ExportFormat.JSONL:
        return len([json.loads(line) for line in text.splitlines()])
    csv.field_size_limit(1_000_000)
    return len(list(csv.reader(io.StringIO(text)))) - 1


async def exporting(rig: Rig) -> int:
    """An export whose file Telegram does not take for a minute; its message."""
    chat = known("@harbour_news").chat
    assert chat is not None
    await rig.database.chats.save(chat)
    await rig.database.messages.add_new([message(number) for number in range(1, 101)])
    run, card = await rig.started("@harbour_news")
    await rig.worker.finish(run, read=100)
    await rig.until(card.id, "Done")
    rig.door.delay_next("sendDocument", 60)
    await rig.press(card, "Export")
    await rig.press(await rig.new("As which file?"), "CSV")
    preparing = await rig.new("Preparing the export")
    folder = rig.settings.data_dir / "exports"
    await wait_until(lambda: list(folder.rglob("*.zip")), 20)
    return preparing.id


async def test_an_export_ends_with_a_bot_that_is_stopped(idle: Rig) -> None:
    await idle.worker.lease()
    async with idle.running():
        preparing = await exporting(idle)
        files = [*(idle.settings.data_dir / "exports").rglob("*")]
        modes = {path.stat().st_mode & 0o777 for path in files if path.is_file()}
        assert modes == {0o600}
        assert {path.stat().st_mode & 0o777 for path in files if path.is_dir()} == {0o700}
    assert list((idle.settings.data_dir / "exports").iterdir()) == []
    await idle.until(preparing, "broken off")


async def test_an_export_ends_after_the_restart_of_a_bot_that_was_killed(
    idle: Rig, mongo_uri: str, nursery: Nursery
) -> None:
    await idle.worker.lease()
    settings = idle.settings
    bot = await nursery.spawn(
        "app.cli",
        *("bot", "--no-env-file"),
        env={
            "BOT_TOKEN": settings.token,
            "ADMINS": ",".join(map(str, settings.admins)),
            "BOT_API_URL": settings.api_url or "",
            "MONGODB_URI": mongo_uri,
            "MONGODB_DB": settings.mongo_db,
            "DATA_DIR": str(settings.data_dir),
            "LOG_LEVEL": "WARNING",
            "LEASE_SECONDS": str(LEASE),
        },
    )
    try:
        preparing = await exporting(idle)
    finally:
        bot.kill()
        await bot.wait()
    assert list((settings.data_dir / "exports").rglob("*.zip"))
    async with idle.running(lease_seconds=float(LEASE)):
        await idle.until(preparing, "broken off", timeout=30)
        await wait_until(lambda: not list((settings.data_dir / "exports").iterdir()), 20)


async def test_what_was_broken_off_is_told_once_telegram_can_be_reached(idle: Rig) -> None:
    await idle.worker.lease()
    folder = ExportFolder(idle.settings.data_dir / "exports")
    leave_behind(idle.settings.data_dir / "exports")
    idle.gateway.broken["editMessageText"] = 9
    async with idle.running():
        await wait_until(lambda: idle.gateway.times("editMessageText"), 20)
    ((path, begun),) = folder.left_over()
    assert begun == BEGUN
    assert [one.name for one in path.iterdir()] == ["note.json"]
    idle.gateway.broken.clear()
    async with idle.running():
        await wait_until(lambda: not folder.left_over(), 20)


def leave_behind(root: Path) -> None:
    """What a process leaves that is killed in the middle of an export."""
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from bot.features.runs.export_folder import Begun, ExportFolder\n"
        "begun = Begun(chat=1, message=2, language='zh')\n"
        "with ExportFolder(Path(sys.argv[1])).one(begun) as folder:\n"
        "    (folder / 'task-1.zip').write_bytes(b'messages')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(root)], cwd=ROOT, check=False)
    assert ended.returncode == -signal.SIGKILL


def test_an_export_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    leave_behind(tmp_path)
    folder = ExportFolder(tmp_path)
    with folder.one(BEGUN) as mine:
        (mine / "task-1.zip").touch()
        ((other, begun),) = ExportFolder(tmp_path).left_over()
        assert begun == BEGUN
        assert other != mine
        assert (mine / "task-1.zip").exists()
        folder.forget(other)
    assert list(tmp_path.iterdir()) == []


def test_leftovers_of_an_older_release_go_too(tmp_path: Path) -> None:
    (tmp_path / "export-abc").mkdir()
    (tmp_path / "export-abc" / "task-1.zip").touch()
    folder = ExportFolder(tmp_path)
    ((path, begun),) = folder.left_over()
    assert begun is None
    folder.forget(path)
    assert list(tmp_path.iterdir()) == []
    assert ExportFolder(tmp_path / "nowhere").left_over() == []


# The command line's own export.


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_file_that_was_broken_off_is_not_there(ending: signal.Signals, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("the one before")
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from app.new_file import new_file\n"
        "with new_file(Path('out')) as file:\n"
        "    file.write(b'messages')\n"
        "    file.flush()\n"
        "    os.kill(os.getpid(), int(sys.argv[1]))\n"
    )
    subprocess.run(
        [sys.executable, "-c", program, str(int(ending))],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        stderr=subprocess.DEVNULL,
    )
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out").read_text() == "the one before"


def test_a_file_that_is_whole_is_its_owners_alone(tmp_path: Path) -> None:
    (tmp_path / "out").touch(mode=0o644)
    with new_file(tmp_path / "out") as file:
        file.write(b"messages")
        assert (tmp_path / "out").read_bytes() == b""
    assert (tmp_path / "out").read_bytes() == b"messages"
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600
    with pytest.raises(ZeroDivisionError), new_file(tmp_path / "other") as file:
        file.write(b"half" * (1 // 0))
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


async def test_a_pipe_is_written_to_as_it_is(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reading = asyncio.create_subprocess_exec("cat", "pipe", cwd=tmp_path, stdout=-1)
    process = await reading
    with new_file(tmp_path / "pipe") as file:
        file.write(b"messages")
    out, _ = await asyncio.wait_for(process.communicate(), 30)
    assert out == b"messages"


# What spreadsheets make of cells.

SIGNS = "=+-@＝＋－＠"
ENDS = (";", "\t", "\n", "\r\n", "\r", "\x0b", "\x85", "\u2028")


@pytest.mark.parametrize("end", ENDS, ids=ascii)
@pytest.mark.parametrize("sign", SIGNS)
def test_no_formula_begins_where_a_spreadsheet_may_end_a_cell(sign: str, end: str) -> None:
    for between in ("", " ", '"', "' \"", "\u200b", "\x00"):
        for before in ("a", "a;b", "", " "):
            cell = safe_cell(f"{before}{end}{between}{sign}1+1")
            assert formulas_in(cell) == [] or (before.strip() == "" and end == "\t"), ascii(cell)


@given(st.text("ab=+-@;\t\n\r\"' ＝", max_size=20))
def test_no_text_has_a_formula_in_it(text: str) -> None:
    cell = safe_cell(text)
    begins_with_blanks = cell.startswith("'") and cell[1:2].isspace()
    assert formulas_in(cell) == [] or begins_with_blanks


def formulas_in(cell: str) -> list[str]:
    """Pieces between all that may end a cell that a spreadsheet takes for formulas."""
    pieces = cell.replace("\n", ";").replace("\r", ";").replace("\t", ";").split(";")
    return [piece for piece in pieces if piece.strip(' "').startswith(tuple(SIGNS))]


def test_numbers_that_a_spreadsheet_would_round_are_texts() -> None:
    """It keeps 15 digits."""
    album, sender = 13_579_246_801_234_567, 7_123_456_789
    row = csv_row(
        message(5, "12345678901234567", album=album, sender=Sender(id=sender, name="9" * 20))
    )
    assert f"'{album}" in row
    assert str(sender) in row
    assert "'12345678901234567" in row
    assert "'" + "9" * 20 in row
    assert "-1001" in row
    bare = [cell for cell in row if cell.lstrip("-").isdigit()]
    assert all(float(cell) == int(cell) and len(cell.lstrip("-")) <= 15 for cell in bare)
    line = json.loads(body(ExportFormat.JSONL, [message(5, album=album)]))
    assert line["album"] == album


def test_sizes_of_files_and_other_numbers_stay_numbers() -> None:
    row = csv_row(message(5, media=Media(kind="video", size=4_294_967_296)))
    assert "4294967296" in row
