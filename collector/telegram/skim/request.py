"""Requests that read their own answers, and the way past what would hide them."""

from typing import Any

from telethon.tl import functions

from collector.telegram.skim.skimmer import Skimmer
from collector.telegram.torn import read_or_torn


class ReadsItself:
    """A request that reads its own answer; of one that cannot be read whole it makes a `Torn`."""

    def read_result(self, reader: Any) -> Any:
        """Telethon's object, or what can be read of it."""
        return read_or_torn(reader)


class HistoryRequest(ReadsItself, functions.messages.GetHistoryRequest):  # type: ignore[misc]
    """A page as Telethon decodes it."""


class RepliesRequest(ReadsItself, functions.messages.GetRepliesRequest):  # type: ignore[misc]
    """A page of one topic."""


class FullChannelRequest(ReadsItself, functions.channels.GetFullChannelRequest):  # type: ignore[misc]
    """A channel or supergroup in full."""


class BoxMessagesRequest(ReadsItself, functions.messages.GetMessagesRequest):  # type: ignore[misc]
    """Messages of the account's own box by their ids."""


class ChannelMessagesRequest(ReadsItself, functions.channels.GetMessagesRequest):  # type: ignore[misc]
    """Messages of a channel or supergroup by their ids."""


class SkimmedHistoryRequest(ReadsItself, functions.messages.GetHistoryRequest):  # type: ignore[misc]
    """Answers with a `Page`, or with Telethon's objects if the page could not be skimmed.

    The session learns no access hashes from a `Page`; whoever asks keeps those of its chats.
    """

    def __init__(self, skimmer: Skimmer, chat: int, box: str, **fields: Any) -> None:
        super().__init__(**fields)
        self._skimmer = skimmer
        self._chat = chat
        self._box = box

    def read_result(self, reader: Any) -> Any:
        """Of the body of an answer, unpacked; it may be longer than what is in it."""
        start = reader.tell_position()
        page = self._skimmer.page(reader.get_bytes(), start, self._chat, self._box)
        return read_or_torn(reader) if page is None else page


class WithoutUpdatesRequest(functions.InvokeWithoutUpdatesRequest):  # type: ignore[misc]  # untyped
    """Lets the request that it carries read the answer."""

    def read_result(self, reader: Any) -> Any:
        return self.query.read_result(reader)


class SkimmingSender:
    """Telethon's sender. A client without updates wraps each request and would read its answer."""

    def __init__(self, sender: Any) -> None:
        self._sender = sender

    def send(self, request: Any, ordered: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Telethon's own; its future tells what the request made of the answer."""
        wrapped = type(request) is functions.InvokeWithoutUpdatesRequest
        if wrapped and isinstance(request.query, ReadsItself):
            request = WithoutUpdatesRequest(request.query)
        return self._sender.send(request, ordered=ordered)
