"""The repository as the tests of its conventions see it."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("app", "bot", "collector", "core", "db", "sandbox")
ROOMS = (*PACKAGES, "bench", "docs", "scripts", "tests", ".ci")
TEXTS = {"", ".py", ".md", ".toml", ".yml", ".yaml", ".ftl", ".html", ".css", ".js", ".lock"}


def sources() -> list[Path]:
    """Every Python file of the packages."""
    return sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))


def texts() -> list[Path]:
    """Every text that people read: sources, tests, documents, build files."""
    inside = (path for name in ROOMS for path in (ROOT / name).rglob("*"))
    files = (path for path in (*inside, *ROOT.iterdir()) if path.is_file())
    return sorted(
        path
        for path in files
        if path.suffix in TEXTS and "__pycache__" not in path.parts and path.name != ".env"
    )
