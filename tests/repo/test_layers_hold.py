"""Imports go one way: the contracts hold, and each of them breaks when it is violated."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tree import PACKAGES, ROOT

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]

VIOLATIONS = [
    ("core/planted.py", "import db", "core <- db <- {collector | bot} <- app"),
    ("db/planted.py", "import bot", "core <- db <- {collector | bot} <- app"),
    ("bot/planted.py", "import collector", "core <- db <- {collector | bot} <- app"),
    ("collector/planted.py", "import bot", "core <- db <- {collector | bot} <- app"),
    ("collector/planted.py", "import app", "core <- db <- {collector | bot} <- app"),
    ("bot/planted.py", "import sandbox", "only app knows the sandbox"),
    ("sandbox/planted.py", "import core", "the sandbox stands alone"),
    ("collector/planted.py", "import pymongo", "only db talks to MongoDB"),
    ("collector/planted.py", "import aiogram", "only bot knows aiogram"),
    ("bot/planted.py", "import telethon", "Telethon stays in collector/telegram"),
]


def lint(tree: Path) -> tuple[int, str]:
    """Status and report of the contracts on that tree."""
    program = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run(
        [program, "--no-cache"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout + result.stderr


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    return tmp_path


def test_the_contracts_hold() -> None:
    status, report = lint(ROOT)
    assert status == 0, report
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken" in report


def test_planted_violations_break_their_contracts(tree: Path) -> None:
    for place, statement, _ in VIOLATIONS:
        with (tree / place).open("a") as file:
            file.write(f"{statement}  # line of its own\n")
    status, report = lint(tree)
    assert status != 0
    broken = [line for line in report.splitlines() if line.endswith("BROKEN")]
    for _, _, contract in VIOLATIONS:
        assert any(contract in line for line in broken), (contract, report)
    for place, statement, _ in VIOLATIONS:
        source = place.removesuffix(".py").replace("/", ".")
        assert f"{source} -> {statement.removeprefix('import ')}" in report
