"""What is installed is what was tried: locked with hashes, from no address in particular."""

import re
import tomllib

import pytest
from tree import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
TOOLS = [one for extra in PROJECT["optional-dependencies"].values() for one in extra]
LOCKS = ("requirements.lock", "requirements-dev.lock")
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)(?: ; [^\\]*)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


def name_of(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement)[0].replace(".", "-").replace("_", "-").lower()


def pins(lock: str) -> dict[str, str]:
    """The pinned versions, after a look at each line of the file."""
    found: dict[str, str] = {}
    hashed = True
    for line in (ROOT / lock).read_text().splitlines():
        if pin := PIN.match(line):
            assert hashed, f"{lock}: no hash before {line}"
            found[name_of(pin[1])], hashed = pin[2], False
        elif HASH.match(line):
            hashed = True
        else:
            assert line.lstrip().startswith("#"), f"{lock}: {line}"
    assert hashed
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_versions_and_hashes_and_no_addresses(lock: str) -> None:
    assert pins(lock)
    assert "://" not in (ROOT / lock).read_text()


def test_every_dependency_is_locked() -> None:
    needed = {name_of(requirement) for requirement in PROJECT["dependencies"]}
    assert needed - pins("requirements.lock").keys() == set()
    tools = {name_of(requirement) for requirement in TOOLS}
    assert (needed | tools) - pins("requirements-dev.lock").keys() == set()


def test_both_locks_agree() -> None:
    to_run, to_develop = (pins(lock) for lock in LOCKS)
    assert {name: to_develop.get(name) for name in to_run} == to_run


def test_every_dependency_is_explained() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text()
    rows = (line for line in page.splitlines() if line.startswith("| `"))
    explained = {
        name_of(name) for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])
    }
    assert explained == {name_of(name) for name in (*PROJECT["dependencies"], *TOOLS)}
