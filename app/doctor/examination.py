"""All looks at once, each within its time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from app.doctor.configuration import look_at_file, look_at_keys, look_at_settings
from app.doctor.crew import look_at_crew
from app.doctor.database import look_at_mongodb
from app.doctor.finding import Finding, bad
from app.doctor.machine import look_at_folder, look_at_libraries
from app.doctor.telegram import look_at_bot_api, look_at_data_centre
from core.errors import StoreError
from core.settings import Role, Settings, SettingsError

LOOK_SECONDS = 30.0

Look = Callable[[], Awaitable[list[Finding]]]


async def examine(
    settings: Settings,
    *,
    roles: Sequence[Role] = ("bot", "collector"),
    env_file: Path | None = Path(".env"),
) -> list[Finding]:
    """Everything that these roles need to work, in a fixed order. It changes nothing.

    An embedded MongoDB is started if nobody runs it, and stopped again.
    """
    looks: dict[str, Look] = {
        "Settings": lambda: _at_once(look_at_settings(settings, roles) + look_at_file(env_file)),
        "Data folder": lambda: _at_once(look_at_folder(settings.data_dir)),
        "Libraries": lambda: look_at_libraries(
            embedded=not settings.mongodb_uri.get_secret_value()
        ),
        "MongoDB": lambda: look_at_mongodb(settings),
    }
    if "bot" in roles:
        looks["Bot API"] = lambda: look_at_bot_api(settings)
    if "collector" in roles:
        looks["Session keys"] = lambda: _at_once(look_at_keys(settings))
        looks["Accounts"] = lambda: look_at_crew(settings)
        looks["Telegram"] = lambda: look_at_data_centre(settings)
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(_within(name, look)) for name, look in looks.items()]
    return [finding for done in running for finding in done.result()]


async def _at_once(findings: list[Finding]) -> list[Finding]:
    return findings


async def _within(name: str, look: Look) -> list[Finding]:
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            return await look()
    except TimeoutError:
        return [
            bad(name, f"no answer within {LOOK_SECONDS:g} s", "Look at the network, try again.")
        ]
    except SettingsError as error:
        return [bad(name, line, "Correct the setting.") for line in str(error).splitlines()]
    except StoreError as error:
        return [bad(name, f"MongoDB does not answer or refuses: {error}", "Try again.")]
    except OSError as error:
        why = error.strerror or type(error).__name__
        return [bad(name, f"{error.filename or name}: {why}", "Correct that, and look again.")]
