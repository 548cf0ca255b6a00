"""One bot as the server keeps it: its chats, updates, files, menu and limits."""

import time
from collections.abc import Iterable
from typing import Any

from sandbox.bot_api.chats import AnyChat, Chats
from sandbox.bot_api.commands import Commands
from sandbox.bot_api.entities import Text
from sandbox.bot_api.errors import bad_request
from sandbox.bot_api.feed import Feed
from sandbox.bot_api.files import Files
from sandbox.bot_api.keyboards import read_markup
from sandbox.bot_api.limits import Gate, Limits
from sandbox.bot_api.params import Params, as_integer
from sandbox.bot_api.posts import Json, Post
from sandbox.bot_api.queries import Queries
from sandbox.bot_api.updates import UpdateQueue
from sandbox.bot_api.webhook import Webhook
from sandbox.people import ControlBot, Person

FIRST_UPDATE = 100_000_000


class BotState:
    def __init__(self, account: ControlBot, people: Iterable[Person], limits: Limits) -> None:
        self.id: int = account.id
        self.token: str = account.token
        self.user: Json = {
            "id": account.id,
            "is_bot": True,
            "first_name": account.name,
            "username": account.username,
        }
        self.limits = limits
        self.chats = Chats(people, self.user)
        self.updates = UpdateQueue(FIRST_UPDATE)
        self.queries = Queries(account.id)
        self.commands = Commands()
        self.files = Files(account.id)
        self.gate = Gate(limits)
        self.feed = Feed()
        self.webhook = Webhook(self)
        self.texts: dict[tuple[str, str], str] = {}
        self.menu_buttons: dict[int, Json] = {}

    def me(self) -> Json:
        return {
            **self.user,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }

    def reply(self, chat: AnyChat, params: Params, **content: Any) -> Json:
        """The bot writes: a new message with what all kinds share (reply, markup, protection)."""
        markup = read_markup(params)
        original, quote = _answered(chat, params)
        post = self.chats.add(
            chat,
            by_bot=True,
            markup=markup,
            reply_to=original,
            quote=quote,
            protected=params.flag("protect_content"),
            link_preview=params.mapping("link_preview_options", "link preview options"),
            **content,
        )
        if markup and "inline_keyboard" not in markup:
            chat.keyboard = None if "remove_keyboard" in markup else markup
        return self.announce(chat, post, "message")

    def change(self, chat: AnyChat, post: Post, text: Text | None, markup: Json | None) -> Json:
        """The bot edits: refused where nothing would be different."""
        text = post.text if text is None else text
        if post.same_as(text, markup):
            raise bad_request(
                "message is not modified: specified new message content and reply markup are"
                " exactly the same as a current content and reply markup of the message"
            )
        if text != post.text:
            post.edited = int(time.time())
        post.text, post.markup = text, markup
        return self.announce(chat, post, "edit")

    def announce(self, chat: AnyChat, post: Post, kind: str) -> Json:
        message = self.chats.as_message(chat, post)
        event = {"type": kind, "message": message, "keyboard": chat.keyboard}
        self.feed.publish(chat.id, event)
        return message


def _answered(chat: AnyChat, params: Params) -> tuple[int | None, str | None]:
    """Which message a call replies to, checked, and the part of it that it quotes."""
    wanted = params.mapping("reply_parameters", "reply parameters") or {}
    message_id = as_integer(wanted.get("message_id")) or params.integer("reply_to_message_id")
    if not message_id:
        return None, None
    post = chat.post(message_id)
    if post is None:
        lenient = wanted.get("allow_sending_without_reply")
        if lenient or params.flag("allow_sending_without_reply"):
            return None, None
        raise bad_request("message to be replied not found")
    quote = wanted.get("quote")
    if quote and (not isinstance(quote, str) or quote not in post.text.plain):
        raise bad_request("QUOTE_TEXT_INVALID")
    return post.id, quote
