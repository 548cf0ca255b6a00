"""How chats are now, of answers that need not be readable to their end."""

from collections.abc import Iterator
from typing import Any

from telethon.tl import functions, types

from collector.telegram.peers import marked
from collector.telegram.skim.request import ReadsItself
from collector.telegram.torn import Torn
from core.news import Top


class PeerDialogsRequest(ReadsItself, functions.messages.GetPeerDialogsRequest):  # type: ignore[misc]
    """Newest message and state of chats. Its dialogs come before whatever may be unknown."""


def tops_of(answer: Any) -> Iterator[tuple[int, Top]]:
    """The chats that an answer tells of, by their marked ids."""
    told = answer.get("dialogs") or () if isinstance(answer, Torn) else answer.dialogs
    for dialog in told:
        if isinstance(dialog, types.Dialog):
            yield marked(dialog.peer), Top(id=dialog.top_message, pts=dialog.pts)


def newest_of(peer: Any) -> dict[str, Any]:
    """The fields of a request for the newest message of a chat."""
    asked = dict.fromkeys(("offset_id", "add_offset", "max_id", "min_id", "hash"), 0)
    return {"peer": peer, "offset_date": None, "limit": 1, **asked}


def state_of(answer: Any) -> int | None:
    """The state of a channel or supergroup, as a page of it tells."""
    found = answer.get("pts") if isinstance(answer, Torn) else getattr(answer, "pts", None)
    return None if found is None else int(found)
