"""Programs of releases before this one, from the repository's own history, as processes."""

import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).parents[2]

LAST = "17a982530be5143e6d896b3bca25ad1529a27cb7"
"""The release before this one; today's code starts on what it made, and beside it."""

FORERUNNER = "17a110fc2ff83ea0af9b475416b598a9b5e547a4"
"""A collector of long before: it tells nothing of itself and keeps no counts."""

ROOMS = ("core", "db", "collector", "bot", "app", "pyproject.toml")


def unpack(commit: str, folder: Path) -> Path:
    """The product as it was at a commit, below `folder`."""
    place = folder / commit
    if not place.exists():
        archive = subprocess.run(
            ["git", "archive", "--format=tar", commit, *ROOMS],
            cwd=ROOT,
            check=False,
            capture_output=True,
        )
        assert not archive.returncode, (
            f"the history of this checkout lacks {commit}: git fetch --unshallow\n"
            f"{archive.stderr.decode()}"
        )
        with tarfile.open(fileobj=BytesIO(archive.stdout)) as tar:
            tar.extractall(place, filter="data")
    return place
