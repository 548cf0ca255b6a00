"""`MONGODB_URI` as the driver gets it."""

import os
from pathlib import Path

from core.mongo_options import TLS_FILES, refusals, usable
from core.mongo_uri import MongoUri, UriFault, secrets_in
from core.redaction import Redaction
from core.settings import SettingsError


def address_for_driver(text: str) -> str:
    """The address with the options that are used; SettingsError says why it is used not at all,
    and shows no password."""
    try:
        uri = MongoUri.parse(text)
    except UriFault as fault:
        raise SettingsError(f"MONGODB_URI has a wrong value (not shown): {fault}.") from None
    faults = [*refusals(uri), *_unreadable(uri)]
    if faults:
        raise SettingsError("\n".join(faults))
    return usable(uri)


def refused_by_driver(text: str, error: Exception) -> SettingsError:
    """What the driver says of an address, without what is secret in it."""
    said = Redaction(secrets_in(text)).text(str(error)).partition("\n")[0]
    return SettingsError(
        f"MONGODB_URI is not understood: {said or type(error).__name__}. Look at its host, its "
        "options, and whether DNS answers here."
    )


def _unreadable(uri: MongoUri) -> list[str]:
    return [
        f"MONGODB_URI names a file with {name} that cannot be read: {value}. Correct the path, or "
        "let this user read it."
        for name, value in uri.options
        if name.lower() in TLS_FILES and value and not _readable(Path(value))
    ]


def _readable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.R_OK)
