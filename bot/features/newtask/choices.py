"""A keyboard whose rows a view makes, for windows of a dialog."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram.types import CallbackQuery, InlineKeyboardButton
from aiogram_dialog import DialogManager
from aiogram_dialog.api.internal import RawKeyboard
from aiogram_dialog.api.protocols import DialogProtocol
from aiogram_dialog.widgets.kbd import Keyboard

OnChoice = Callable[[CallbackQuery, DialogManager, str], Awaitable[None]]


class Choices(Keyboard):
    """Shows `data["rows"]`, rows of `Choice`, and hands a pressed one's action to `on_choice`."""

    def __init__(self, on_choice: OnChoice) -> None:
        super().__init__(id="c")
        self._on_choice = on_choice

    async def _render_keyboard(self, data: dict[str, Any], manager: DialogManager) -> RawKeyboard:  # noqa: ARG002
        return [
            [
                InlineKeyboardButton(
                    text=one.label, callback_data=self._item_callback_data(one.action)
                )
                for one in row
            ]
            for row in data["rows"]
        ]

    async def _process_item_callback(
        self,
        callback: CallbackQuery,
        data: str,
        dialog: DialogProtocol,  # noqa: ARG002
        manager: DialogManager,
    ) -> bool:
        await self._on_choice(callback, manager, data)
        return True
