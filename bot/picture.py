"""How a run looks, and the message that shows something new of it."""

from dataclasses import dataclass
from typing import Any

from bot.screen import Screen
from bot.session import CardSend
from core.run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """How a run looks. A later `order` is newer; another `face` is a change of state.

    `ending` is the new message that replies to the card of a run that ended, `alarm` that of one
    that does not hear the sources `unheard`; with `only_ending` the card is somewhere else, and
    drawn already.
    """

    run: Run
    screen: Screen
    face: tuple[object, ...]
    order: int
    ending: Screen | None = None
    alarm: Screen | None = None
    unheard: tuple[str, ...] = ()
    only_ending: bool = False


def new_message(chat: int, screen: Screen, **more: Any) -> CardSend:
    """The call that sends a screen; a flood is not waited for."""
    return CardSend.model_validate({"chat_id": chat, "text": screen.text, **more})
