"""What a gateway needs around it, and pages as a server sends them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from collector.telegram.gateway import TelethonGateway
from collector.telegram.settings import TelegramSettings
from collector.telegram.sign_in import SignedInAs, SignIn
from core.data_centre import parse_data_centre
from core.job import Family
from sandbox.server import Sandbox


class NoPace:
    """Never waits."""

    async def __call__(self, family: Family) -> None:
        pass

    async def flooded(self, family: str, seconds: float) -> None:
        pass


def settings_for(sandbox: Sandbox) -> TelegramSettings:
    return TelegramSettings(
        api_id=sandbox.api_id,
        api_hash=sandbox.api_hash,
        dc=parse_data_centre(sandbox.telegram_dc),
        rsa_key=sandbox.rsa_key_path,
    )


@asynccontextmanager
async def connected(sandbox: Sandbox, number: int, *, skim: bool) -> AsyncIterator[TelethonGateway]:
    """A gateway of the sandbox's account of this number, one without a password."""
    settings = replace(settings_for(sandbox), skim=skim)
    person = sandbox.world.accounts[number - 1]
    async with SignIn(settings, NoPace()) as flow:
        await flow.send_code(person.phone or "")
        who = await flow.enter_code(person.login_code)
    assert isinstance(who, SignedInAs)
    gateway = TelethonGateway(
        who.session, settings, account=1, pace=NoPace(), may_write=lambda: True
    )
    try:
        await gateway.connect()
        yield gateway
    finally:
        await gateway.disconnect()


def history(peer: object) -> dict[str, object]:
    """A request for the newest page."""
    asked = dict.fromkeys(("offset_id", "add_offset", "max_id", "min_id", "hash"), 0)
    return {"peer": peer, "offset_date": None, "limit": 100, **asked}


def offsets(top: int) -> list[int]:
    """From the newest message to the oldest, and beyond it."""
    return [0, top * 3 // 4 + 1, top // 2 + 1, top // 4 + 1, 60, 1]
