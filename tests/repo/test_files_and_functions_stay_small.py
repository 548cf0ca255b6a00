"""A file is one noun of at most 300 lines, a function has at most 40."""

import ast
from pathlib import Path

import pytest
from tree import PACKAGES, ROOT, sources

MOST_LINES_OF_A_FILE = 300
MOST_LINES_OF_A_FUNCTION = 40
VAGUE = {"utils", "helpers", "common", "manager", "misc"}


def functions(path: Path) -> list[tuple[str, int]]:
    """Name and number of lines of each function in the file, docstring included."""
    return [
        (node.name, (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_every_package_has_files() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in sources()} == set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_file_is_long(package: str) -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in (ROOT / package).rglob("*.py")
    }
    assert {name: n for name, n in lengths.items() if n > MOST_LINES_OF_A_FILE} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_function_is_long(package: str) -> None:
    long = {
        f"{path.relative_to(ROOT)}:{name}": lines
        for path in (ROOT / package).rglob("*.py")
        for name, lines in functions(path)
        if lines > MOST_LINES_OF_A_FUNCTION
    }
    assert long == {}


def test_no_room_is_a_drawer_for_everything() -> None:
    names = {
        part.removesuffix(".py") for path in sources() for part in path.relative_to(ROOT).parts
    }
    assert names & VAGUE == set()


def test_a_long_function_would_be_found(tmp_path: Path) -> None:
    file = tmp_path / "long.py"
    file.write_text("async def long():\n" + "    pass\n" * MOST_LINES_OF_A_FUNCTION)
    assert functions(file) == [("long", MOST_LINES_OF_A_FUNCTION + 1)]
