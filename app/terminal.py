"""The way to the terminal: all that a person reads there goes by it, foreign texts disarmed.

Nothing in a text is taken for markup of Rich, for a code of the terminal or for another line.
"""

import getpass
import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from core.foreign import one_line, several_lines
from core.redaction import Redaction

_console = Console()
_errors = Console(stderr=True)


def show(text: str) -> None:
    """Lines of ours on standard output, whatever names they hold."""
    _console.print(Text(several_lines(text)), soft_wrap=True)


def complain(text: str, *, style: str = "") -> None:
    """The same on standard error."""
    _errors.print(Text(several_lines(text), style=style), soft_wrap=True)


def cell(text: str, style: str = "") -> Text:
    """A text as one cell of a table."""
    return Text(one_line(text), style=style)


def show_table(table: Table) -> None:
    """A table whose cells are made by `cell`."""
    _console.print(table)


def progress() -> Progress:
    """A bar on standard error."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=_errors,
    )


class StandardTerminal:
    """Asks a person when standard input is a terminal, else reads one line an answer.

    What is typed secretly, and a phone, `hidden` learns.
    """

    def __init__(self, hidden: Redaction) -> None:
        self._hidden = hidden

    def ask(self, question: str, *, secret: bool = False) -> str:
        """One line; raises EOFError when standard input ends."""
        answer = self._typed(one_line(question), secret=secret)
        if secret or question.startswith("Phone"):
            self._hidden.learn([answer.strip()])
        return answer

    def _typed(self, question: str, *, secret: bool) -> str:
        if sys.stdin.isatty():
            return getpass.getpass(f"{question}: ") if secret else input(f"{question}: ")
        line = sys.stdin.readline()
        if not line:
            raise EOFError(f"standard input ended; expected: {question}")
        return line.rstrip("\n")

    def say(self, text: str) -> None:
        """One line for the person."""
        show(self._hidden.text(text))
