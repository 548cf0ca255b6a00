"""People who act: the crew's accounts, and those who chat with the bot."""

from dataclasses import dataclass

from sandbox.dice import Dice
from sandbox.names import PEOPLE_EN, PEOPLE_ZH


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with a Telegram user id; with a phone, an account that a client can sign in to."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = "en"
    phone: str | None = None
    login_code: str = "22222"
    password: str | None = None
    password_hint: str = ""
    premium: bool = False

    @property
    def is_account(self) -> bool:
        return self.phone is not None

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlBot:
    """A bot that is reached by its token through the Bot API door."""

    token: str
    id: int
    username: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchBot:
    """A bot that finds public chats. `style` is how it shows them ("entities", "plain"), `greeting`
    what it wants of somebody new ("button", "start")."""

    id: int
    username: str
    name: str
    style: str
    greeting: str
    page_size: int = 10


def account(
    number: int, *, first_name: str, last_name: str = "", **more: str | bool | None
) -> Person:
    """The crew's account `number` (from 1): its phone is one that Telegram keeps for tests."""
    return Person(
        id=777_000_000 + number,
        first_name=first_name,
        last_name=last_name,
        phone=f"99966200{number:02d}",
        **more,  # type: ignore[arg-type]
    )


def passer_by(seed: int, user_id: int, *, chinese: bool) -> Person:
    """Somebody who writes in the public chats; follows from the seed and the id alone."""
    dice = Dice(f"person:{seed}:{user_id}")
    first, last = PEOPLE_ZH if chinese else PEOPLE_EN
    first_name, last_name = dice.pick(first), dice.pick(last)
    if chinese:
        first_name, last_name = last_name + first_name, ""
    username = f"user_{user_id:x}" if dice.chance(0.6) else ""
    return Person(
        id=user_id,
        first_name=first_name,
        last_name=last_name if dice.chance(0.7) else "",
        username=username,
        language_code="zh" if chinese else "en",
    )
