"""`soak.json` for programs, `SOAK.md` for people."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.report import machine
from bench.soak.chapter import Chapter

HEAD = """# Soak

Made by `make soak`; `bench/soak.json` holds the same for programs. Each chapter runs the service
as its users do, in processes of its own, against a real MongoDB and a local Telegram, and lets go
wrong what goes wrong in real life. A promise that did not hold makes the command fail.
"""


class Report:
    """The chapters of a folder, in this order; a chapter that is run again replaces itself."""

    def __init__(self, folder: Path, order: Sequence[str]) -> None:
        self._folder = folder
        self._path = folder / "soak.json"
        self._order = order
        known = json.loads(self._path.read_text()) if self._path.exists() else {}
        self._chapters: dict[str, dict[str, Any]] = known

    def keep(self, name: str, chapter: Chapter, seconds: float) -> None:
        """Write what was found before anything else can fail."""
        day = datetime.now(UTC).date().isoformat()
        self._chapters[name] = chapter.to_json() | {"seconds": round(seconds), "day": day}
        known = {name: self._chapters[name] for name in self._order if name in self._chapters}
        self._folder.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n")
        pages = [HEAD, *(_page(one) for one in known.values()), machine()]
        (self._folder / "SOAK.md").write_text("\n".join(pages))


def _page(chapter: dict[str, Any]) -> str:
    rows = "\n".join(
        f"| {one['promise']} | {one['figure']} | {'yes' if one['held'] else '**no**'} |"
        for one in chapter["facts"]
    )
    table = f"| promise | found | held |\n|---|---|---|\n{rows}\n"
    details = f"\n{chapter['details'].strip()}\n" if chapter["details"] else ""
    took = f"{chapter['seconds'] / 60:.1f} minutes on {chapter['day']}"
    return f"## {chapter['title']}\n\n{chapter['text'].strip()} It took {took}.\n\n{table}{details}"
