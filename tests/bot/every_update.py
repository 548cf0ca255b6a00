"""One update of each kind that the Bot API knows, by anybody and in any kind of chat."""

from collections.abc import Callable, Iterator
from typing import Any

from aiogram.types import Update

Json = dict[str, Any]
KINDS = tuple(name for name in Update.model_fields if name != "update_id")
GROUP, SUPERGROUP, CHANNEL = -4_777, -1_000_000_004_777, -1_000_000_004_778


def person(number: int) -> Json:
    return {"id": number, "is_bot": False, "first_name": "Eve", "language_code": "en"}


def bot(number: int, name: str) -> Json:
    return {"id": number, "is_bot": True, "first_name": name, "username": name}


ANONYMOUS = bot(1087968824, "GroupAnonymousBot")
CHANNEL_BOT = bot(136817688, "Channel_Bot")
OTHER_BOT = bot(4_242_424_242, "other_bot")
SERVICE = {"id": 777000, "is_bot": False, "first_name": "Telegram"}


def chats(user: Json) -> dict[str, Json]:
    """Every kind of chat: a private one is the person's own."""
    return {
        "private": {"id": user["id"], "type": "private", "first_name": user["first_name"]},
        "group": {"id": GROUP, "type": "group", "title": "Basic"},
        "supergroup": {"id": SUPERGROUP, "type": "supergroup", "title": "Big"},
        "channel": {"id": CHANNEL, "type": "channel", "title": "News"},
    }


def message(user: Json, chat: Json, number: int) -> Json:
    sent = {"message_id": number, "date": 1_700_000_000, "chat": chat, "text": "/tasks"}
    if user is CHANNEL_BOT:
        return {**sent, "from": user, "sender_chat": chats(user)["channel"]}
    if user is ANONYMOUS:
        return {**sent, "from": user, "sender_chat": chat}
    return {**sent, "from": user}


def _member(user: Json, status: str) -> Json:
    return {"user": user, "status": status}


def _membership(user: Json, chat: Json, _: int) -> Json:
    return {
        "chat": chat,
        "from": user,
        "date": 1,
        "old_chat_member": _member(OTHER_BOT, "left"),
        "new_chat_member": _member(OTHER_BOT, "member"),
    }


POLL = {
    "id": "1",
    "question": "?",
    "options": [
        {"persistent_id": "1", "text": "a", "voter_count": 0},
        {"persistent_id": "2", "text": "b", "voter_count": 0},
    ],
    "total_voter_count": 0,
    "is_closed": False,
    "is_anonymous": True,
    "type": "regular",
    "allows_multiple_answers": False,
    "allows_revoting": False,
    "members_only": False,
}
PAYMENT = {"currency": "XTR", "total_amount": 1, "invoice_payload": "x"}
ADDRESS = dict.fromkeys(
    ("country_code", "state", "city", "street_line1", "street_line2", "post_code"), "x"
)
BOOST = {"source": "premium", "user": person(1)}

BODIES: dict[str, Callable[[Json, Json, int], Json]] = {
    **dict.fromkeys(
        (
            "message",
            "edited_message",
            "channel_post",
            "edited_channel_post",
            "business_message",
            "edited_business_message",
            "guest_message",
        ),
        message,
    ),
    "business_connection": lambda user, _, n: {
        "id": f"b{n}",
        "user": user,
        "user_chat_id": user["id"],
        "date": 1,
        "can_reply": True,
        "is_enabled": True,
    },
    "deleted_business_messages": lambda _, chat, n: {
        "business_connection_id": "b",
        "chat": chat,
        "message_ids": [n],
    },
    "message_reaction": lambda user, chat, n: {
        "chat": chat,
        "message_id": n,
        "user": user,
        "date": 1,
        "old_reaction": [],
        "new_reaction": [],
    },
    "message_reaction_count": lambda _, chat, n: {
        "chat": chat,
        "message_id": n,
        "date": 1,
        "reactions": [],
    },
    "inline_query": lambda user, _, n: {"id": f"i{n}", "from": user, "query": "x", "offset": ""},
    "chosen_inline_result": lambda user, _, n: {"result_id": f"{n}", "from": user, "query": "x"},
    "callback_query": lambda user, chat, n: {
        "id": f"q{n}",
        "from": user,
        "chat_instance": "1",
        "message": message(user, chat, n),
        "data": "h:help",
    },
    "shipping_query": lambda user, _, n: {
        "id": f"s{n}",
        "from": user,
        "invoice_payload": "x",
        "shipping_address": ADDRESS,
    },
    "pre_checkout_query": lambda user, _, n: {"id": f"p{n}", "from": user, **PAYMENT},
    "purchased_paid_media": lambda user, _, __: {"from": user, "paid_media_payload": "x"},
    "poll": lambda *_: POLL,
    "poll_answer": lambda user, _, n: {
        "poll_id": f"{n}",
        "user": user,
        "option_ids": [0],
        "option_persistent_ids": ["1"],
    },
    "my_chat_member": _membership,
    "chat_member": _membership,
    "chat_join_request": lambda user, chat, _: {
        "chat": chat,
        "from": user,
        "user_chat_id": user["id"],
        "date": 1,
    },
    "chat_boost": lambda _, chat, n: {
        "chat": chat,
        "boost": {"boost_id": f"{n}", "add_date": 1, "expiration_date": 2, "source": BOOST},
    },
    "removed_chat_boost": lambda _, chat, n: {
        "chat": chat,
        "boost_id": f"{n}",
        "remove_date": 1,
        "source": BOOST,
    },
    "managed_bot": lambda user, _, __: {"user": user, "bot": OTHER_BOT},
    "subscription": lambda user, _, __: {"user": user, "invoice_payload": "x", "state": "active"},
    "stopped_message_generation": lambda _, chat, n: {"chat": chat, "draft_id": n},
}


def every_update(people: dict[str, Json]) -> Iterator[tuple[str, str, str, Json]]:
    """Kind, kind of chat, who, and the update without its number."""
    number = 0
    for kind in KINDS:
        for who, user in people.items():
            for where, chat in chats(user).items():
                number += 1
                yield kind, where, who, {kind: BODIES[kind](user, chat, number)}
