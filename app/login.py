"""`telecrew login`: sign an account in from the terminal, step by step."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from app.crew import session_vault, telegram_settings
from app.store import open_store
from collector.telegram.sign_in import CodeSent, CodeWay, PasswordNeeded, SignedInAs, SignIn
from collector.telegram.sign_in_errors import SignInRefused
from collector.telegram.vault import mask_phone
from core.account import Account
from core.clock import SystemClock
from core.job import Family
from core.settings import Settings
from db.accounts import SignedIn

T = TypeVar("T")

TRIES = 3

CODE_WAYS = {
    CodeWay.APP: "in the Telegram app of this account, from the contact “Telegram”",
    CodeWay.SMS: "by SMS",
    CodeWay.CALL: "by a phone call",
    CodeWay.EMAIL: "by e-mail",
    CodeWay.FRAGMENT: "at fragment.com",
}


class Terminal(Protocol):
    """Where the questions of a sign-in are asked."""

    def ask(self, question: str, *, secret: bool = False) -> str:
        """One line; raises EOFError when there is none."""
        ...

    def say(self, text: str) -> None:
        """One line for the person."""
        ...


class Unpaced:
    """A person signs in: the pace is theirs, and floods are told, not waited out."""

    async def __call__(self, family: Family) -> None:
        """Nothing to wait for."""

    async def flooded(self, family: str, seconds: float) -> None:
        """The error that follows says it."""


async def login(settings: Settings, terminal: Terminal, phone: str | None = None) -> Account:
    """Sign one account in and keep it; refusals are explained and asked again, three times.

    Raises SignInRefused, FloodError, Retriable, or EOFError when the answers end.
    """
    settings.require_for("collector")
    vault = session_vault(settings)
    async with (
        open_store(settings) as store,
        SignIn(telegram_settings(settings), Unpaced()) as flow,
    ):
        number = await _send_code(flow, terminal, phone)
        who = await _enter_code(flow, terminal)
        return await store.database.accounts.signed_in(
            SignedIn(
                telegram_id=who.telegram_id,
                name=who.name,
                username=who.username,
                phone=mask_phone(number),
                phone_secret=vault.seal_phone(number),
                session=vault.seal(who.telegram_id, who.session),
            ),
            SystemClock().now(),
        )


async def _send_code(flow: SignIn, terminal: Terminal, phone: str | None) -> str:
    async def step() -> tuple[str, CodeSent]:
        nonlocal phone
        number = phone or await _ask(terminal, "Phone number, with country code")
        phone = None
        return number, await flow.send_code(number)

    number, sent = await _tried(step, terminal)
    where = CODE_WAYS.get(sent.way, "by another way (look into the account's Telegram app)")
    digits = f" of {sent.length} digits" if sent.length else ""
    terminal.say(f"Telegram sent a code{digits} {where}.")
    terminal.say("Type it here and nowhere else: a code written into a chat stops working.")
    return number


async def _enter_code(flow: SignIn, terminal: Terminal) -> SignedInAs:
    async def step() -> SignedInAs | PasswordNeeded:
        return await flow.enter_code(await _ask(terminal, "Code"))

    result = await _tried(step, terminal)
    if isinstance(result, SignedInAs):
        return result
    hint = f" (hint: {result.hint})" if result.hint else ""
    terminal.say(f"This account has a two-step password{hint}.")

    async def password() -> SignedInAs:
        return await flow.enter_password(await _ask(terminal, "Password", secret=True))

    return await _tried(password, terminal)


async def _tried(step: Callable[[], Awaitable[T]], terminal: Terminal) -> T:
    for left in reversed(range(TRIES)):
        try:
            return await step()
        except SignInRefused as refused:
            if left == 0 or refused.reason in FINAL:
                raise
            terminal.say(refused.advice)
    raise AssertionError("the last try returns or raises")


FINAL = frozenset({"phone_banned", "phone_flood", "password_flood", "not_allowed"})
"""Refusals that another answer would not change."""


async def _ask(terminal: Terminal, question: str, *, secret: bool = False) -> str:
    return (await asyncio.to_thread(terminal.ask, question, secret=secret)).strip()
