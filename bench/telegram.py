"""The local Telegram as the benchmarks see it: settings, people to sign in, faults, calls."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from json import dumps
from pathlib import Path
from typing import Any

import aiohttp

from app.login import Unpaced
from bench.process import Child, child
from collector.telegram.settings import TelegramSettings
from collector.telegram.sign_in import SignedInAs, SignIn
from core.data_centre import parse_data_centre


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in."""

    id: int
    phone: str
    code: str


class Telegram:
    """A running sandbox. `settings` point the product at it."""

    def __init__(self, process: Child, said: dict[str, Any]) -> None:
        self.process = process
        self.settings: dict[str, str] = said["settings"]
        self.people = [Person(**one) for one in said["people"]]

    @property
    def client_settings(self) -> TelegramSettings:
        """What a client of ours needs to connect."""
        return TelegramSettings(
            api_id=int(self.settings["API_ID"]),
            api_hash=self.settings["API_HASH"],
            dc=parse_data_centre(self.settings["TELEGRAM_DC"]),
            rsa_key=Path(self.settings["TELEGRAM_RSA_KEY"]),
        )

    async def sign_in(self, person: Person) -> SignedInAs:
        """A session of this person."""
        async with SignIn(self.client_settings, Unpaced()) as flow:
            await flow.send_code(person.phone)
            result = await flow.enter_code(person.code)
        if not isinstance(result, SignedInAs):
            raise TypeError("accounts of benchmarks have no two-step password")
        return result

    async def fault(self, kind: str, **arguments: Any) -> None:
        """Let something go wrong: the names of `sandbox.faults.Faults`."""
        await self._control("POST", f"faults/{kind}", arguments)

    async def heal(self) -> None:
        """End all faults; what was revoked stays revoked."""
        await self._control("DELETE", "faults")

    async def calls(self) -> dict[str, dict[str, int]]:
        """How often each account called each method."""
        counters = await self._control("GET", "counters")
        found: dict[str, dict[str, int]] = counters["mtproto"]
        return found

    async def live(self, act: str, **arguments: Any) -> Any:
        """Let something happen in chats: the methods of `sandbox.live.Live`."""
        return (await self._control("POST", f"live/{act}", arguments))["result"]

    async def going_on(self) -> dict[str, Any]:
        """What happens in chats, as `sandbox.live.Live.summary` tells it."""
        found: dict[str, Any] = await self._control("GET", "live")
        return found

    async def sent(self) -> list[tuple[int, int, float]]:
        """Chat, message and monotonic seconds of the first socket write of each message."""
        return [tuple(one) for one in await self._control("GET", "live/sent")]

    async def _control(self, method: str, path: str, body: object = None) -> Any:
        url = f"{self.settings['BOT_API_URL']}/control/{path}"
        data = None if body is None else dumps(body)
        async with aiohttp.request(method, url, data=data, raise_for_status=True) as response:
            return await response.json()


@asynccontextmanager
async def local_telegram(
    chats: Mapping[str, int],
    *,
    accounts: int,
    prepared: bool = True,
    inside: Sequence[Sequence[str]] = (),
) -> AsyncIterator[Telegram]:
    """A sandbox with these chats (username -> messages) and so many people who may sign in.

    `inside`: of which chats each of them is a member.
    """
    wanted = {"chats": dict(chats), "accounts": accounts, "prepared": prepared, "inside": inside}
    async with child("bench.local_telegram", dumps(wanted)) as process:
        yield Telegram(process, await process.hear())


def numbered(count: int, size: int) -> dict[str, int]:
    """`count` chats of `size` messages."""
    return {f"source_{number:03d}": size for number in range(1, count + 1)}


def handles(chats: Sequence[str] | Mapping[str, int]) -> list[str]:
    """Usernames as sources."""
    return [f"@{name}" for name in chats]
