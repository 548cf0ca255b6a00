"""`make` lists its targets; each of them does what the documents promise."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tree import ROOT

TARGETS = ("demo", "run", "test", "check", "bench", "soak")


def make(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "MAKEFLAGS"}
    return subprocess.run(
        ["make", *words], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def test_make_alone_lists_the_targets() -> None:
    listed = make()
    assert listed.returncode == 0
    for target in TARGETS:
        assert f"make {target} " in listed.stdout


@pytest.mark.parametrize(
    ("target", "steps"),
    [
        ("demo", ["scripts/system-packages demo", "-r requirements.lock", "telecrew demo"]),
        ("run", ["scripts/system-packages demo", "-r requirements.lock", "telecrew run"]),
        ("test", ["scripts/system-packages test", "-r requirements-dev.lock", "-m pytest"]),
        ("check", ["-r requirements-dev.lock", "ruff format --check", "mypy", "lint-imports"]),
        ("bench", ["-r requirements-dev.lock", "-m bench"]),
        ("soak", ["-r requirements-dev.lock", "-m bench.soak"]),
    ],
)
def test_a_target_takes_its_steps_in_order_in_a_fresh_clone(
    target: str, steps: list[str], tmp_path: Path
) -> None:
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, tmp_path)
    planned = make("--dry-run", target, cwd=tmp_path)
    assert planned.returncode == 0, planned.stderr
    places = [planned.stdout.find(step) for step in steps]
    assert -1 not in places, planned.stdout
    assert places == sorted(places)
    assert "--require-hashes" in planned.stdout
    assert "--no-deps --editable ." in planned.stdout


def test_what_is_installed_is_not_installed_again(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    for stamp in (".runtime", ".dev"):
        (tmp_path / ".venv" / stamp).touch()
    assert "pip" not in make("--dry-run", "demo", "check", cwd=tmp_path).stdout


def test_an_old_python_is_refused_with_a_hint(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    old = tmp_path / "python3.9"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit\nexit 1\n')
    old.chmod(0o755)
    refused = make(f"PYTHON={old}", ".venv/bin/python", cwd=tmp_path)
    assert refused.returncode != 0
    assert "needs Python 3.11 or newer" in refused.stderr
    assert "Python 3.9.2" in refused.stderr
    assert "make PYTHON=python3.11" in refused.stderr


def test_continuous_integration_runs_nothing_else() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    lines = [line for line in script.read_text().splitlines() if line and line[0] != "#"]
    assert lines[-2:] == ["scripts/system-packages test", "exec make check test"]
    assert "export CI=true" in lines
