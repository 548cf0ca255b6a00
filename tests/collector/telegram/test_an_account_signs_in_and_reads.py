"""An account signs in from nothing; its kept session connects again; refusals say what to do."""

from importlib.metadata import version

import pytest
from telegram_side import PASSWORD, OpenGateway, SignInAccount, Turns

from collector.telegram.gateway import TelethonGateway
from collector.telegram.session import AccountSession
from collector.telegram.settings import TelegramSettings
from collector.telegram.sign_in import CodeWay, PasswordNeeded, SignedInAs, SignIn, sign_out
from collector.telegram.sign_in_errors import SignInRefused
from core.chat import ChatKind
from core.errors import AccountLost, ApplicationRejected, FloodError
from core.job import Family
from sandbox.server import Sandbox


async def test_a_saved_session_connects_and_reads_a_page(
    sandbox: Sandbox, gateway: TelethonGateway
) -> None:
    peer, chat = await gateway.resolve("@chess_club")
    page = await gateway.page(peer)
    truth = sandbox.world.chat("chess_club")
    assert chat.kind is ChatKind.SUPERGROUP
    assert page.total == truth.count
    assert list(page.ids()) == list(truth.ids())[:-101:-1]


async def test_a_code_is_enough_without_a_password(
    sandbox: Sandbox, settings: TelegramSettings
) -> None:
    person = sandbox.world.accounts[0]
    async with SignIn(settings, Turns()) as flow:
        sent = await flow.send_code(f"+{person.phone}")
        who = await flow.enter_code(person.login_code)
    assert (sent.way, sent.length, sent.next_way) == (CodeWay.APP, 5, CodeWay.SMS)
    assert isinstance(who, SignedInAs)
    assert (who.telegram_id, who.name) == (person.id, person.name)
    assert AccountSession.from_bytes(who.session).user == person.id


async def test_a_password_is_asked_for_with_its_hint(
    sandbox: Sandbox, settings: TelegramSettings
) -> None:
    person = sandbox.world.accounts[1]
    async with SignIn(settings, Turns()) as flow:
        await flow.send_code(person.phone or "")
        assert await flow.enter_code(person.login_code) == PasswordNeeded(
            hint=person.password_hint or None
        )
        with pytest.raises(SignInRefused) as refused:
            await flow.enter_password("not it")
        assert refused.value.reason == "password_wrong"
        who = await flow.enter_password(PASSWORD)
    assert who.telegram_id == person.id


async def test_a_wrong_code_may_be_corrected(sandbox: Sandbox, settings: TelegramSettings) -> None:
    person = sandbox.world.accounts[0]
    async with SignIn(settings, Turns()) as flow:
        await flow.send_code(person.phone or "")
        with pytest.raises(SignInRefused) as refused:
            await flow.enter_code("00000")
        assert refused.value.reason == "code_invalid"
        assert "newest message" in refused.value.advice
        assert (await flow.resend()).way is CodeWay.SMS
        assert isinstance(await flow.enter_code(person.login_code), SignedInAs)


@pytest.mark.parametrize(
    ("phone", "reason"), [("", "phone_invalid"), ("+1 555 0100", "phone_invalid")]
)
async def test_a_phone_that_nobody_has(settings: TelegramSettings, phone: str, reason: str) -> None:
    async with SignIn(settings, Turns()) as flow:
        with pytest.raises(SignInRefused) as refused:
            await flow.send_code(phone)
    assert refused.value.reason == reason


async def test_a_banned_phone(sandbox: Sandbox, settings: TelegramSettings) -> None:
    person = sandbox.world.accounts[0]
    sandbox.faults.ban(person.id)
    async with SignIn(settings, Turns()) as flow:
        with pytest.raises(SignInRefused) as refused:
            await flow.send_code(person.phone or "")
    assert refused.value.reason == "phone_banned"


async def test_a_flood_of_codes(sandbox: Sandbox, settings: TelegramSettings) -> None:
    sandbox.faults.flood(3600, method="auth.sendCode")
    async with SignIn(settings, Turns()) as flow:
        with pytest.raises(FloodError) as flooded:
            await flow.send_code(sandbox.world.accounts[0].phone or "")
    assert flooded.value.seconds == 3600


async def test_a_wrong_api_id_is_told_at_once(sandbox: Sandbox, settings: TelegramSettings) -> None:
    wrong = TelegramSettings(api_id=1, api_hash="f" * 32, dc=settings.dc, rsa_key=settings.rsa_key)
    with pytest.raises(ApplicationRejected):
        async with SignIn(wrong, Turns()) as flow:
            await flow.send_code(sandbox.world.accounts[0].phone or "")


async def test_signing_out_makes_the_session_worthless(
    signed_in: SignInAccount, settings: TelegramSettings
) -> None:
    who = await signed_in(1)
    await sign_out(who.session, settings, Turns())
    gateway = TelethonGateway(
        who.session, settings, account=1, pace=Turns(), may_write=lambda: True
    )
    with pytest.raises(AccountLost):
        await gateway.connect()
    await gateway.disconnect()


async def test_the_session_outlives_the_gateway(
    settings: TelegramSettings, open_gateway: OpenGateway
) -> None:
    first = await open_gateway(3)
    kept = first.session()
    await first.disconnect()
    second = TelethonGateway(kept, settings, account=3, pace=Turns(), may_write=lambda: True)
    me = await second.connect()
    await second.disconnect()
    assert me.telegram_id == AccountSession.from_bytes(kept).user


async def test_every_request_takes_its_turn(
    sandbox: Sandbox, gateway: TelethonGateway, turns: Turns
) -> None:
    peer, _ = await gateway.resolve("@chess_club")
    await gateway.page(peer)
    await gateway.describe(peer)
    methods = [call.method for call in sandbox.counters.of(sandbox.world.accounts[0].id)]
    asked = methods[methods.index("users.getUsers") - 1 :]
    assert asked[:2] == ["help.getConfig", "users.getUsers"]
    assert turns.families == [
        Family.CONNECT,
        Family.CONNECT,
        Family.RESOLVE,
        Family.HISTORY,
        Family.INFO,
    ]
    assert len(asked) == len(turns.families)


async def test_the_application_introduces_itself_honestly(
    sandbox: Sandbox, gateway: TelethonGateway
) -> None:
    (key,) = sandbox.mtproto.keyring.of(sandbox.world.accounts[0].id)
    assert key.device == f"Telecrew {version('telecrew')}"
