"""Whoever reads the time is listed, with what a wrong clock would do there.

What cannot be undone asks `TrustedClock.judge()`: `proven`. What goes by the clock and can be made
good asks it, too: `timed`. A new reader of the time fails here until it is decided.
"""

import re

import pytest
from tree import ROOT

ROOMS = ("core", "db", "collector", "bot", "app")
READS = re.compile(
    r"clock\.now\(\)|datetime\.now\(|\.utcnow\(|time\.time\(|\$\$NOW|\$currentDate|\.judge\(\)"
)

SOURCE = "the clock itself, or what judges it"
GUARDED = "asks whether the clock is believed before it does what cannot be undone"
STAMP = "writes when something happened; nothing is deleted, ended or skipped by it"
WAIT = "a time until which something waits, by the clock that all collectors share: Telegram's"
LONGER = "compares a time with MongoDB's, only to wait longer"
SHOWN = "is shown to people or written to the log"
ASKED = "the operator asks for it now, and sees the times that follow"
STORE = "compares times of MongoDB's own clock with each other"

DECIDED = {
    "core/clock.py": SOURCE,
    "core/corrected_clock.py": SOURCE,
    "core/trusted_clock.py": SOURCE,
    "db/budgets.py": LONGER,
    "db/fsm.py": STAMP,
    "db/leases.py": STORE,
    "db/roles.py": STORE,
    "db/lookups.py": STORE,
    "db/stamps.py": STAMP,
    "db/time_watch.py": SOURCE,
    "db/workers.py": STORE,
    "collector/claims.py": WAIT,
    "collector/guard.py": STAMP,
    "collector/jobs/claiming.py": STAMP,
    "collector/jobs/dates.py": GUARDED,
    "collector/jobs/fetching.py": STAMP,
    "collector/jobs/join.py": GUARDED,
    "collector/jobs/listen.py": STAMP,
    "collector/jobs/search.py": STAMP,
    "collector/jobs/walk.py": GUARDED,
    "collector/keeping/decoding.py": STAMP,
    "collector/keeping/heartbeat.py": SHOWN,
    "collector/keeping/orphans.py": STAMP,
    "collector/listening/ear.py": STAMP,
    "collector/listening/looks.py": STAMP,
    "collector/listening/migration.py": STAMP,
    "collector/listening/recorder.py": STAMP,
    "collector/listening/review.py": WAIT,
    "collector/listening/succession.py": WAIT,
    "collector/lookups.py": STAMP,
    "collector/pacer.py": WAIT,
    "collector/rests.py": WAIT,
    "collector/progress.py": SHOWN,
    "collector/run_keeper.py": STAMP,
    "collector/runner.py": WAIT,
    "collector/scheduler.py": GUARDED,
    "collector/telegram/unread.py": SOURCE,
    "collector/worker.py": GUARDED,
    "bot/cards.py": SHOWN,
    "bot/ownership.py": STAMP,
    "bot/features/accounts/router.py": SHOWN,
    "bot/features/found/service.py": STAMP,
    "bot/features/newtask/service.py": ASKED,
    "bot/features/queue/service.py": SHOWN,
    "bot/features/runs/service.py": STAMP,
    "bot/features/tasks/service.py": ASKED,
    "bot/features/workers/service.py": SHOWN,
    "app/doctor/database.py": SHOWN,
    "app/doctor/telegram.py": SHOWN,
    "app/logs.py": SHOWN,
    "app/service.py": SHOWN,
}


def readers() -> set[str]:
    files = (path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    return {str(path.relative_to(ROOT)) for path in files if READS.search(path.read_text())}


def test_every_reader_of_the_time_is_listed() -> None:
    assert readers() - set(DECIDED) == set(), "decide what a wrong clock does there, and list it"
    assert set(DECIDED) - readers() == set()


@pytest.mark.parametrize("path", [path for path, why in DECIDED.items() if why is GUARDED])
def test_who_undoes_something_asks_whether_the_clock_is_believed(path: str) -> None:
    assert ".judge()" in (ROOT / path).read_text()


def test_a_collector_goes_by_the_clock_that_is_put_right() -> None:
    made = (ROOT / "app" / "crew.py").read_text()
    assert "clock = CorrectedClock(SystemClock(), trusted.telegram_reading)" in made
    assert "clock=clock," in made


def test_mongodb_deletes_nothing_by_its_own_clock() -> None:
    for path in (ROOT / "db").rglob("*.py"):
        if path.name != "expiry.py":
            assert "expireAfterSeconds" not in path.read_text(), path
