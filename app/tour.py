"""What `telecrew demo` and `telecrew sandbox` print for whoever tries them: lines to paste."""

import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from sandbox.people import Person
from sandbox.places import Place, places
from sandbox.world import World

_NOTES = {
    "group": "a small group",
    "approval": "asks for approval",
    "peek": "shows itself for five minutes",
    "full": "full",
    "expired": "an expired link",
}


def public_chats(world: World) -> Iterator[str]:
    """A line each: name, title, how many messages."""
    for one in places(world):
        if one.name.startswith("@"):
            yield f"  {one.name} {one.title}: {one.count:,} messages{_note(one)}"


def invitations(world: World) -> Iterator[str]:
    """An invite link a line, with what it leads to."""
    for one in places(world):
        if not one.name.startswith("@"):
            yield f"  {one.name} {one.title}{_note(one)}".replace("  (", " (")


def sign_in(person: Person, env_file: Path) -> str:
    """The line that signs an account in, for the shell."""
    words = (*program(), "login", "--env-file", str(env_file.absolute()), f"+{person.phone}")
    return shlex.join(words)


def answers(person: Person) -> str:
    """What the sign-in asks for."""
    password = f", password {person.password}" if person.password else ""
    return f"code {person.login_code}{password}"


def program() -> tuple[str, ...]:
    """How this program was called, from whatever folder."""
    called = Path(sys.argv[0])
    if called.name == "telecrew" and called.exists():
        return (str(called.absolute()),)
    return (sys.executable, "-m", "app.cli")


def write_settings(path: Path, environment: Mapping[str, str]) -> None:
    """An `.env` of these settings that its owner alone can read."""
    lines = [f"{name}={_quoted(value)}\n" for name, value in environment.items()]
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(lines)


def _quoted(value: str) -> str:
    """As `.env` has it."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _note(place: Place) -> str:
    return f" ({_NOTES[place.note]})" if place.note else ""
