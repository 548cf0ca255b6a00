"""A process that only runs the bot keeps nothing of the collector's libraries in memory."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COLLECTORS = ("telethon", "PIL", "collector.telegram")
LOADED = """
import sys
from app.service import _load
_load((sys.argv[1],))
print(*sorted(sys.modules))
"""


@pytest.mark.parametrize("role", ["bot", "collector"])
def test_a_role_loads_what_it_needs(role: str) -> None:
    told = subprocess.run(
        (sys.executable, "-c", LOADED, role),
        capture_output=True, check=True, cwd=ROOT, text=True, timeout=120,
    )  # fmt: skip
    loaded = told.stdout.split()
    assert [name for name in COLLECTORS if name in loaded] == (
        list(COLLECTORS) if role == "collector" else []
    )
    assert ("aiogram" in loaded) is (role == "bot")
