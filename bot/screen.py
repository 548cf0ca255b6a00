"""What a view makes: a text with rows of buttons, before Telegram sees it."""

from dataclasses import dataclass

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n import Html


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: its label, and the data of its press (64 bytes at most)."""

    label: str
    action: str


@dataclass(frozen=True, slots=True)
class Screen:
    """A message of the bot."""

    text: Html
    rows: tuple[tuple[Choice, ...], ...] = ()

    def markup(self) -> InlineKeyboardMarkup | None:
        """The rows as Telegram wants them; None without any."""
        if not self.rows:
            return None
        return InlineKeyboardMarkup(
            inline_keyboard=[
                [InlineKeyboardButton(text=one.label, callback_data=one.action) for one in row]
                for row in self.rows
            ]
        )


def rows_of(choices: list[Choice], width: int) -> list[tuple[Choice, ...]]:
    """Choices in rows of `width`."""
    return [tuple(choices[place : place + width]) for place in range(0, len(choices), width)]


def pager(action: str, page: int, pages: int) -> list[tuple[Choice, ...]]:
    """The row that turns pages (from 0): `action` with the page's number; none for one page."""
    if pages < 2:
        return []
    row = [Choice(f"{page + 1} / {pages}", f"{action}:{page}")]
    if page > 0:
        row.insert(0, Choice("‹", f"{action}:{page - 1}"))
    if page + 1 < pages:
        row.append(Choice("›", f"{action}:{page + 1}"))
    return [tuple(row)]


def page_of(action: str | None) -> int:
    """The page that a pressed button of a pager names; 0 where it names none."""
    number = (action or "").rpartition(":")[2]
    return int(number) if number.isdigit() and len(number) < 9 else 0
