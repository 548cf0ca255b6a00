"""`telecrew doctor`: the findings as a table, and whether nothing failed."""

from pathlib import Path

from rich.table import Table

from app.doctor import Finding, examine
from app.terminal import cell, show, show_table
from core.settings import Settings

MARKS = {"ok": ("ok", "green"), "warn": ("warning", "yellow"), "fail": ("failed", "red")}


async def report(settings: Settings, env_file: Path | None) -> bool:
    """Print every finding with its advice; False when one failed. `env_file`: where the settings
    are from."""
    findings = await examine(settings, env_file=env_file)
    show_table(_table(findings))
    failed = sum(finding.state == "fail" for finding in findings)
    show("All is well." if not failed else f"{failed} to mend, as said above.")
    return failed == 0


def _table(findings: list[Finding]) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("check")
    table.add_column("")
    table.add_column("found", overflow="fold")
    table.add_column("what to do", overflow="fold")
    for finding in findings:
        mark = cell(*MARKS[finding.state])
        table.add_row(cell(finding.name), mark, cell(finding.detail), cell(finding.advice))
    return table
