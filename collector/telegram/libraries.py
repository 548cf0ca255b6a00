"""Libraries without which Telethon works, but wrongly."""

from importlib import import_module

from collector.telegram.skim.layout import LayoutChanged
from collector.telegram.skim.skimmer import Skimmer, skimmer
from core.errors import CrewError

_NEEDED = {
    "cryptg": "without it a page of history takes a thousand times longer to decrypt",
    "python_socks": "without it a proxy is ignored, and Telegram sees the real address",
}


class MissingLibraries(CrewError):
    """Something that must be there is not; its message says what, and why."""

    reason = "libraries_missing"


def require_libraries() -> None:
    """Refuse to work when Telethon would silently do without one of its optional parts."""
    lacking = [f"{name} ({why})" for name, why in _NEEDED.items() if not _importable(name)]
    if lacking:
        raise MissingLibraries(f"not usable: {', '.join(lacking)}; install Telecrew again")


def _importable(name: str) -> bool:
    try:
        import_module(name)
    except ImportError:
        return False
    return True


def require_skimmer() -> Skimmer:
    """The readers of pages, made before anything waits for them; MissingLibraries if the installed
    Telethon is another than they are made for."""
    try:
        return skimmer()
    except LayoutChanged as odd:
        raise MissingLibraries(
            f"Telethon's messages are not laid out as expected ({odd}); install Telecrew again, "
            "with the Telethon that it names, or set SKIM=off: pages take five times longer then"
        ) from odd
