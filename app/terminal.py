"""Questions and answers at a terminal, or a script on standard input."""

import getpass
import sys

from rich.console import Console

console = Console()
errors = Console(stderr=True)


class StandardTerminal:
    """Asks a person when standard input is a terminal, else reads one line an answer."""

    def ask(self, question: str, *, secret: bool = False) -> str:
        """One line; raises EOFError when standard input ends."""
        if sys.stdin.isatty():
            return getpass.getpass(f"{question}: ") if secret else input(f"{question}: ")
        line = sys.stdin.readline()
        if not line:
            raise EOFError(f"standard input ended; expected: {question}")
        return line.rstrip("\n")

    def say(self, text: str) -> None:
        """One line for the person."""
        console.print(text, highlight=False)
