"""A sandbox of three chats and three accounts, and gateways that are connected to it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from telegram_side import PASSWORD, OpenGateway, Right, SignInAccount, Turns

from collector.telegram.gateway import TelethonGateway
from collector.telegram.settings import TelegramSettings
from collector.telegram.sign_in import SignedInAs, SignIn
from core.data_centre import parse_data_centre
from sandbox.chat import ChatKind
from sandbox.seed import small_world
from sandbox.server import Sandbox, SandboxConfig


@pytest.fixture(scope="session")
def sandbox_data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keeps the server's key, which takes long to make."""
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture
async def sandbox(sandbox_data_dir: Path) -> AsyncIterator[Sandbox]:
    world = small_world(
        chats={"chess_club": 430, "feishu_news": 320, "talk_forum": 350},
        kinds={"feishu_news": ChatKind.CHANNEL, "talk_forum": ChatKind.FORUM},
        accounts=3,
        passwords={2: PASSWORD},
    )
    config = SandboxConfig(data_dir=sandbox_data_dir, compress=True)
    async with Sandbox(world, config) as running:
        yield running


@pytest.fixture
def settings(sandbox: Sandbox) -> TelegramSettings:
    return TelegramSettings(
        api_id=sandbox.api_id,
        api_hash=sandbox.api_hash,
        dc=parse_data_centre(sandbox.telegram_dc),
        rsa_key=sandbox.rsa_key_path,
    )


@pytest.fixture
def turns() -> Turns:
    return Turns()


@pytest.fixture
def right() -> Right:
    return Right()


@pytest.fixture
def signed_in(sandbox: Sandbox, settings: TelegramSettings) -> SignInAccount:
    """Sign the sandbox's account of this number (from 1) in."""

    async def sign_in(number: int) -> SignedInAs:
        person = sandbox.world.accounts[number - 1]
        async with SignIn(settings, Turns()) as flow:
            await flow.send_code(person.phone or "")
            who = await flow.enter_code(person.login_code)
            if not isinstance(who, SignedInAs):
                who = await flow.enter_password(person.password or "")
        return who

    return sign_in


@pytest.fixture
async def open_gateway(
    signed_in: SignInAccount, settings: TelegramSettings, turns: Turns, right: Right
) -> AsyncIterator[OpenGateway]:
    """A connected gateway of an account that just signed in; disconnected after the test."""
    async with AsyncExitStack() as stack:

        async def open_one(number: int = 1, **more: object) -> TelethonGateway:
            who = await signed_in(number)
            gateway = TelethonGateway(
                who.session, settings, account=number, pace=turns, may_write=right, **more
            )
            stack.push_async_callback(gateway.disconnect)
            await gateway.connect()
            return gateway

        yield open_one


@pytest.fixture
async def gateway(open_gateway: OpenGateway) -> TelethonGateway:
    """The first account's, with a short patience."""
    return await open_gateway(1, call_timeout=10.0)
