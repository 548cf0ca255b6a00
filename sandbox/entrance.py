"""How a chat is entered, and by whom it was from the start."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """`invite`: the hash of its link. `approval`: who asks waits until somebody lets them in,
    which happens by itself after `approved_after` seconds, unless that is None. `peek`: its link
    shows the chat for five minutes before one joins. `full`: nobody more can join.
    `hidden_history`: members read what came after they did. `insiders`: the accounts that are in
    it from the start; None: each is in every third public chat. `by_app`: a bot looks at who joins,
    which only Telegram's own app can show."""

    invite: str = ""
    approval: bool = False
    approved_after: float | None = None
    peek: bool = False
    full: bool = False
    hidden_history: bool = False
    insiders: tuple[int, ...] | None = None
    by_app: bool = False


OPEN = Entrance()
