"""Why Telegram refuses a step of a sign-in, and what to do about it."""

from core.errors import CrewError

ADVICE: dict[str, str] = {
    "phone_invalid": "Telegram does not know this number. Write it with its country code, "
    "as in +44 7700 900123.",
    "phone_banned": "Telegram banned this number; it cannot sign in. Use another account.",
    "phone_not_registered": "No account has this number. Make one in a Telegram app first: "
    "other applications may not.",
    "phone_flood": "Too many codes were asked for this number. Try again tomorrow.",
    "code_invalid": "The code is wrong. Look for the newest message from Telegram; "
    "older codes no longer count.",
    "code_expired": "The code is no longer good. Ask for another one; a code that was written "
    "in any Telegram chat ends at once.",
    "code_unavailable": "Telegram has no other way to send the code. Wait for the one on its way, "
    "or start again later.",
    "password_wrong": "The two-step password is wrong. It is the one of Settings, Privacy, "
    "Two-Step Verification; upper and lower case count.",
    "password_flood": "Too many wrong passwords. Wait some hours before the next attempt.",
    "password_changed": "The password was changed just now. Enter the new one.",
    "restart": "Telegram lost track of this sign-in. Start it again.",
    "not_allowed": "Telegram does not let this number sign in with this application.",
}
"""What each reason asks of the operator."""

REASONS: dict[str, str] = {
    "PhoneNumberInvalidError": "phone_invalid",
    "PhoneNumberBannedError": "phone_banned",
    "PhoneNumberUnoccupiedError": "phone_not_registered",
    "PhoneNumberFloodError": "phone_flood",
    "PhoneCodeInvalidError": "code_invalid",
    "PhoneCodeEmptyError": "code_invalid",
    "PhoneCodeExpiredError": "code_expired",
    "PhoneCodeHashEmptyError": "restart",
    "AuthRestartError": "restart",
    "SignInFailedError": "restart",
    "SendCodeUnavailableError": "code_unavailable",
    "PasswordHashInvalidError": "password_wrong",
    "PhonePasswordFloodError": "password_flood",
    "SrpIdInvalidError": "password_changed",
    "SrpPasswordChangedError": "password_changed",
    "PhoneNumberAppSignupForbiddenError": "not_allowed",
    "PhonePasswordProtectedError": "not_allowed",
    "UpdateAppToLoginError": "not_allowed",
}
"""Telethon's errors by class name."""


class SignInRefused(CrewError):
    """Telegram refused a step; `reason` is a key of `ADVICE`, `advice` its sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(ADVICE[reason], reason=reason)
        self.advice = ADVICE[reason]


def refusal_of(error: Exception) -> SignInRefused | None:
    """What a step's error means; None for those that any call may meet."""
    reason = REASONS.get(type(error).__name__)
    return None if reason is None else SignInRefused(reason)
