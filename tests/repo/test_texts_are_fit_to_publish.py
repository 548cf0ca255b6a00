"""Nothing half-done and no machine's own paths in what is published."""

import re

from tree import ROOT, texts

UNDONE = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX|NotImplemented" r"Error)\b")
PLACES = re.compile(r"(?<![\w.])/(?:work|home/\w+|Users/\w+|opt/py\w+|tmp/brief)/|[A-Z]:\\Users\\")
REGISTRIES = re.compile(r"(?:extra-)?index-" r"url\s*=|files\.python" r"hosted\.org")
DODGED = re.compile(r"pytest\.(?:mark\.)?(?:sk" r"ip|xf" r"ail|importor" r"skip)")


def found(pattern: re.Pattern[str], suffixes: set[str] | None = None) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in texts()
        if suffixes is None or path.suffix in suffixes
        for match in [pattern.search(path.read_text(errors="replace"))]
        if match
    ]


def test_the_texts_are_found() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in texts()}
    assert {"Makefile", "pyproject.toml", "app/logs.py", "docs/dependencies.md"} <= names


def test_nothing_is_left_for_later() -> None:
    assert found(UNDONE) == []


def test_no_path_of_a_machine_is_in_a_text() -> None:
    assert found(PLACES) == []


def test_no_registry_is_named() -> None:
    assert found(REGISTRIES) == []


def test_no_test_is_left_out() -> None:
    assert found(DODGED, {".py"}) == []


def test_the_patterns_see_what_they_should() -> None:
    assert UNDONE.search("# TO" + "DO later")
    assert PLACES.search("see /home/" + "me/x")
    assert not PLACES.search("the folder tests/app/work/")
    assert REGISTRIES.search("--index-" + "url=https://x")
    assert DODGED.search("@pytest.mark.sk" + "ip")
