"""Signing an account in, step by step: phone, code, and the two-step password if there is one."""

import asyncio
import re
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

from telethon.errors import SessionPasswordNeededError
from telethon.password import compute_check
from telethon.tl import functions, types
from telethon.tl.types import auth

from collector.gateway import Pace
from collector.telegram.client import CrewClient
from collector.telegram.connection import WriteGuard
from collector.telegram.errors import FOREIGN, map_telethon_errors, to_crew_error
from collector.telegram.gateway import close, myself
from collector.telegram.session import AccountSession
from collector.telegram.settings import TelegramSettings
from collector.telegram.sign_in_errors import SignInRefused, refusal_of
from core.errors import Unexpected
from core.job import Family


class CodeWay(StrEnum):
    """How Telegram sends a login code."""

    APP = "app"
    SMS = "sms"
    SMS_WORD = "sms_word"
    SMS_PHRASE = "sms_phrase"
    CALL = "call"
    FLASH_CALL = "flash_call"
    MISSED_CALL = "missed_call"
    EMAIL = "email"
    EMAIL_SETUP = "email_setup"
    FRAGMENT = "fragment"
    FIREBASE = "firebase"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSent:
    """A code is on its way. `length` in characters where told; `next_way` what `resend` would do.

    `resend_after`: seconds to wait before it.
    """

    way: CodeWay
    length: int | None = None
    next_way: CodeWay | None = None
    resend_after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordNeeded:
    """The code was right; the account has a two-step password."""

    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedInAs:
    """The account is signed in. `session` is plain: seal it before it leaves the process."""

    telegram_id: int
    name: str
    username: str | None
    session: bytes = field(repr=False)


class SignIn:
    """One sign-in: `send_code`, `enter_code`, and `enter_password` when that is asked for.

    Each step may be repeated after SignInRefused; other errors are those of every call
    (FloodError, Retriable, ApplicationRejected). Leaving the block disconnects.
    """

    def __init__(
        self, settings: TelegramSettings, pace: Pace, *, call_timeout: float = 30.0
    ) -> None:
        self._settings = settings
        self._session = AccountSession()
        self._client = CrewClient(
            self._session,
            settings,
            pace=pace,
            guard=WriteGuard(lambda: True),
            call_timeout=call_timeout,
            receive_updates=True,
        )
        self._phone = ""
        self._code_hash = ""

    async def __aenter__(self) -> Self:
        try:
            with map_telethon_errors(Family.CONNECT):
                await self._client.connect()
        except BaseException:
            await close(self._client)
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await close(self._client)

    async def send_code(self, phone: str) -> CodeSent:
        """Have a code sent to `phone` (with its country code). About five a day are allowed."""
        self._phone = re.sub(r"\D", "", phone)
        if not self._phone:
            raise SignInRefused("phone_invalid")
        request = functions.auth.SendCodeRequest(
            self._phone, self._settings.api_id, self._settings.api_hash, types.CodeSettings()
        )
        return self._sent(await self._call(request))

    async def resend(self) -> CodeSent:
        """Have the code sent again, in the way that was announced as the next."""
        request = functions.auth.ResendCodeRequest(self._phone, self._code_hash)
        return self._sent(await self._call(request))

    async def enter_code(self, code: str) -> SignedInAs | PasswordNeeded:
        """Sign in with the code that arrived."""
        digits = "".join(code.split()).replace("-", "")
        request = functions.auth.SignInRequest(self._phone, self._code_hash, digits)
        try:
            return self._signed_in(await self._call(request))
        except SessionPasswordNeededError:
            password = await self._call(functions.account.GetPasswordRequest())
            return PasswordNeeded(hint=password.hint or None)

    async def enter_password(self, password: str) -> SignedInAs:
        """Finish with the two-step password, which is proven without being sent."""
        challenge = await self._call(functions.account.GetPasswordRequest())
        with map_telethon_errors(Family.CONNECT):
            proof = await asyncio.to_thread(compute_check, challenge, password)
        return self._signed_in(await self._call(functions.auth.CheckPasswordRequest(proof)))

    def _sent(self, sent: Any) -> CodeSent:
        if not isinstance(sent, auth.SentCode):
            raise Unexpected(f"{type(sent).__name__} instead of a code")
        self._code_hash = sent.phone_code_hash
        return CodeSent(
            way=_WAYS.get(type(sent.type), CodeWay.UNKNOWN),
            length=getattr(sent.type, "length", None),
            next_way=None if sent.next_type is None else _WAYS.get(type(sent.next_type)),
            resend_after=sent.timeout,
        )

    def _signed_in(self, result: Any) -> SignedInAs:
        if isinstance(result, auth.AuthorizationSignUpRequired):
            raise SignInRefused("phone_not_registered")
        self._client.remember(result.user)
        who = myself(result.user)
        return SignedInAs(
            telegram_id=who.telegram_id,
            name=who.name,
            username=who.username,
            session=self._session.to_bytes(),
        )

    async def _call(self, request: Any) -> Any:
        try:
            return await self._client(request)
        except SessionPasswordNeededError:
            raise
        except FOREIGN as error:
            raise (refusal_of(error) or to_crew_error(error, Family.CONNECT)) from error


async def sign_out(session: bytes, settings: TelegramSettings, pace: Pace) -> None:
    """End a session on Telegram's side; its key is worthless afterwards. AccountLost: it was."""
    client = CrewClient(
        AccountSession.from_bytes(session),
        settings,
        pace=pace,
        guard=WriteGuard(lambda: True),
        call_timeout=30.0,
    )
    try:
        with map_telethon_errors(Family.CONNECT):
            await client.connect()
            if client.refusal is not None:
                raise client.refusal
            await client(functions.auth.LogOutRequest())
    finally:
        await close(client)


_WAYS = {
    auth.SentCodeTypeApp: CodeWay.APP,
    auth.SentCodeTypeSms: CodeWay.SMS,
    auth.SentCodeTypeSmsWord: CodeWay.SMS_WORD,
    auth.SentCodeTypeSmsPhrase: CodeWay.SMS_PHRASE,
    auth.SentCodeTypeCall: CodeWay.CALL,
    auth.SentCodeTypeFlashCall: CodeWay.FLASH_CALL,
    auth.SentCodeTypeMissedCall: CodeWay.MISSED_CALL,
    auth.SentCodeTypeEmailCode: CodeWay.EMAIL,
    auth.SentCodeTypeSetUpEmailRequired: CodeWay.EMAIL_SETUP,
    auth.SentCodeTypeFragmentSms: CodeWay.FRAGMENT,
    auth.SentCodeTypeFirebaseSms: CodeWay.FIREBASE,
    auth.CodeTypeSms: CodeWay.SMS,
    auth.CodeTypeCall: CodeWay.CALL,
    auth.CodeTypeFlashCall: CodeWay.FLASH_CALL,
    auth.CodeTypeMissedCall: CodeWay.MISSED_CALL,
    auth.CodeTypeFragmentSms: CodeWay.FRAGMENT,
}
