"""Which budget a request is paid from."""

from typing import Any

from telethon.tl import functions

from collector.telegram.finding import BotHistoryRequest
from core.job import Family

_FAMILIES = {
    BotHistoryRequest: Family.BOT,
    functions.messages.SendMessageRequest: Family.BOT,
    functions.messages.GetBotCallbackAnswerRequest: Family.BOT,
    functions.messages.GetHistoryRequest: Family.HISTORY,
    functions.messages.GetRepliesRequest: Family.HISTORY,
    functions.messages.GetMessagesRequest: Family.MESSAGES,
    functions.channels.GetMessagesRequest: Family.MESSAGES,
    functions.contacts.ResolveUsernameRequest: Family.RESOLVE,
    functions.contacts.SearchRequest: Family.SEARCH,
    functions.channels.GetFullChannelRequest: Family.INFO,
    functions.messages.GetFullChatRequest: Family.INFO,
    functions.channels.GetChannelsRequest: Family.INFO,
    functions.messages.GetChatsRequest: Family.INFO,
    functions.messages.CheckChatInviteRequest: Family.INFO,
    functions.help.GetAppConfigRequest: Family.INFO,
    functions.channels.JoinChannelRequest: Family.JOIN,
    functions.messages.ImportChatInviteRequest: Family.JOIN,
    functions.channels.LeaveChannelRequest: Family.INFO,
    functions.messages.DeleteChatUserRequest: Family.INFO,
    functions.messages.GetDialogsRequest: Family.DIALOGS,
    functions.messages.GetPeerDialogsRequest: Family.DIALOGS,
    functions.upload.GetFileRequest: Family.MEDIA,
}


def family_of(request: Any) -> Family:
    """The family of a request, or of what it wraps; all that Telethon does itself is CONNECT."""
    while (family := _known(request)) is None and hasattr(request, "query"):
        request = request.query
    return family or Family.CONNECT


def _known(request: Any) -> Family | None:
    return next((_FAMILIES[cls] for cls in type(request).__mro__ if cls in _FAMILIES), None)
