"""Where settings come from: the environment, and a file of `NAME=value` lines."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from dotenv import dotenv_values


class FileFault(Exception):
    """The file of settings cannot be read; the message says why."""


def gathered(names: Iterable[str], env_file: Path | None) -> dict[str, str]:
    """The settings of these names (in lower case) that are set, each with its text.

    A variable of the environment wins over the file. One that is there and empty is not set: then
    neither is what the file has under its name. Raises FileFault for a file that is there and
    cannot be read; one that is not there has no settings.
    """
    known = set(names)
    environment = _named(os.environ, known)
    file = {} if env_file is None else _named(_read(env_file), known)
    return {name: text for name, text in (file | environment).items() if text.strip()}


def _named(texts: Mapping[str, str], known: set[str]) -> dict[str, str]:
    return {name.lower(): text for name, text in texts.items() if name.lower() in known}


def _read(path: Path) -> dict[str, str]:
    try:
        if not path.exists():
            return {}
        if path.is_dir():
            raise FileFault(f"{path} is a folder, not a file of settings")
        found = dotenv_values(path, encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise FileFault(f"{path} is not a text file in UTF-8") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is no path"
        raise FileFault(f"{path} cannot be read: {why}") from None
    return {name: text or "" for name, text in found.items()}
