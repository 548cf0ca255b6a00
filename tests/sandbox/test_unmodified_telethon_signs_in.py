"""The unmodified client signs in with a code, with a two-step password, and stays signed in."""

import pytest
from telethon import errors
from telethon.sessions import StringSession
from telethon.tl import types
from telethon.tl.functions.auth import CancelCodeRequest, ResendCodeRequest, SendCodeRequest
from telethon.tl.functions.users import GetFullUserRequest
from telethon_side import client_of, crew_client, sign_in

from sandbox.seed import small_world
from sandbox.server import Sandbox


@pytest.fixture
async def sandbox(sandbox_folder):
    world = small_world(chats={"alpha_chat": 30}, accounts=3, passwords={2: "open sésame 芝麻"})
    async with Sandbox(world, sandbox_folder) as running:
        yield running


async def test_with_a_code(sandbox):
    person = sandbox.world.accounts[0]
    async with client_of(sandbox) as client:
        assert not await client.is_user_authorized()
        sent = await client.send_code_request(person.phone)
        assert isinstance(sent.type, types.auth.SentCodeTypeApp)
        me = await client.sign_in(person.phone, person.login_code)
        assert (me.id, me.phone, me.is_self) == (person.id, person.phone, True)
        assert await client.is_user_authorized()
        full = await client(GetFullUserRequest("me"))
        assert full.full_user.id == person.id


async def test_with_a_two_step_password(sandbox):
    person = sandbox.world.accounts[1]
    async with client_of(sandbox) as client:
        await client.send_code_request(person.phone)
        with pytest.raises(errors.SessionPasswordNeededError):
            await client.sign_in(person.phone, person.login_code)
        with pytest.raises(errors.PasswordHashInvalidError):
            await client.sign_in(password="open sesame")
        assert not await client.is_user_authorized()
        me = await client.sign_in(password="open sésame 芝麻")
        assert me.id == person.id


async def test_a_wrong_code_is_refused_and_the_right_one_still_works(sandbox):
    person = sandbox.world.accounts[0]
    async with client_of(sandbox) as client:
        sent = (await client.send_code_request(person.phone)).phone_code_hash
        with pytest.raises(errors.PhoneCodeInvalidError):
            await client.sign_in(person.phone, "99999")
        with pytest.raises(errors.PhoneCodeExpiredError):
            await client.sign_in(person.phone, person.login_code, phone_code_hash="another")
        me = await client.sign_in(person.phone, person.login_code, phone_code_hash=sent)
        assert me.id == person.id


async def test_a_second_code_is_a_resend(sandbox):
    person = sandbox.world.accounts[2]
    async with client_of(sandbox) as client:
        sent = await client.send_code_request(person.phone)
        again = await client(ResendCodeRequest(person.phone, sent.phone_code_hash))
        assert isinstance(again.type, types.auth.SentCodeTypeSms)
        assert await client(CancelCodeRequest(person.phone, sent.phone_code_hash)) is True
        with pytest.raises(errors.PhoneCodeExpiredError):
            await client.sign_in(person.phone, person.login_code)


async def test_an_unknown_phone_and_a_wrong_application_are_refused(sandbox):
    person = sandbox.world.accounts[0]
    async with client_of(sandbox) as client:
        with pytest.raises(errors.PhoneNumberInvalidError):
            await client.send_code_request("+15550000000")
        with pytest.raises(errors.ApiIdInvalidError):
            await client(
                SendCodeRequest(person.phone, sandbox.api_id, "f" * 32, types.CodeSettings())
            )


async def test_a_saved_session_needs_no_code(sandbox):
    async with crew_client(sandbox, 3) as client:
        saved = StringSession.save(client.session)
    async with client_of(sandbox, session=saved) as client:
        me = await client.get_me()
        assert me.id == sandbox.world.accounts[2].id


async def test_after_signing_out_the_session_is_worthless(sandbox):
    async with crew_client(sandbox) as client:
        saved = StringSession.save(client.session)
        await client.log_out()
    async with client_of(sandbox, session=saved) as client:
        assert not await client.is_user_authorized()
        with pytest.raises(errors.AuthKeyUnregisteredError):
            await client.get_dialogs()


async def test_signing_in_again_after_signing_out(sandbox):
    person = sandbox.world.accounts[0]
    async with crew_client(sandbox) as client:
        await client.log_out()
    async with client_of(sandbox) as client:
        assert (await sign_in(client, person)).id == person.id


async def test_a_key_that_the_server_never_made_is_refused(sandbox, sandbox_folder):
    async with crew_client(sandbox) as client:
        saved = StringSession.save(client.session)
    async with Sandbox(sandbox.world, sandbox_folder) as other, client_of(other) as client:
        await client.disconnect()
        client._sender.auth_key.key = StringSession(saved).auth_key.key
        with pytest.raises(errors.AuthKeyNotFound):
            await client.connect()
        with pytest.raises(errors.AuthKeyNotFound):
            await client.disconnected
