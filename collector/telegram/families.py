"""Which budget a request is paid from."""

from typing import Any

from telethon.tl import functions

from core.job import Family

_FAMILIES = {
    functions.messages.GetHistoryRequest: Family.HISTORY,
    functions.messages.GetMessagesRequest: Family.HISTORY,
    functions.channels.GetMessagesRequest: Family.HISTORY,
    functions.contacts.ResolveUsernameRequest: Family.RESOLVE,
    functions.contacts.SearchRequest: Family.SEARCH,
    functions.channels.GetFullChannelRequest: Family.INFO,
    functions.messages.GetFullChatRequest: Family.INFO,
}


def family_of(request: Any) -> Family:
    """The family of a request, or of what it wraps; all that Telethon does itself is CONNECT."""
    while (family := _known(request)) is None and hasattr(request, "query"):
        request = request.query
    return family or Family.CONNECT


def _known(request: Any) -> Family | None:
    return next((_FAMILIES[cls] for cls in type(request).__mro__ if cls in _FAMILIES), None)
