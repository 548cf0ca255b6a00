"""`telecrew doctor`: the findings as a table, and whether nothing failed."""

from pathlib import Path

from rich.table import Table

from app.doctor import Finding, examine
from app.terminal import console
from core.settings import load_settings

MARKS = {"ok": "[green]ok[/]", "warn": "[yellow]warning[/]", "fail": "[red]failed[/]"}


async def report(env_file: Path) -> bool:
    """Print every finding with its advice; False when one failed. Raises SettingsError."""
    findings = await examine(load_settings(env_file))
    console.print(_table(findings))
    failed = sum(finding.state == "fail" for finding in findings)
    console.print("All is well." if not failed else f"{failed} to mend, as said above.")
    return failed == 0


def _table(findings: list[Finding]) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("check")
    table.add_column("")
    table.add_column("found", overflow="fold")
    table.add_column("what to do", overflow="fold")
    for finding in findings:
        table.add_row(finding.name, MARKS[finding.state], finding.detail, finding.advice or "")
    return table
