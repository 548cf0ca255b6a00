"""What is kept of service messages, and of the gifts in them."""

from typing import Any

from telethon.tl import types

from collector.telegram.texts.decision import Fields, Inside, Text, each

_INSIDE = Inside()
_MESSAGE = Inside("gift_message")

ACTIONS: dict[Any, Fields] = {
    **each(
        {"title": Text("title")},
        types.MessageActionChannelCreate,
        types.MessageActionChannelMigrateFrom,
        types.MessageActionChatCreate,
        types.MessageActionChatEditTitle,
        types.MessageActionTopicCreate,
        types.MessageActionTopicEdit,
    ),
    types.MessageActionBotAllowed: {"domain": Text("domain"), "app": _INSIDE},
    types.BotApp: {"title": Text("app_title"), "description": Text("app_description")},
    types.MessageActionCustomAction: {"message": Text("service")},
    types.MessageActionPollAppendAnswer: {"answer": _INSIDE},
    types.MessageActionPollDeleteAnswer: {"answer": _INSIDE},
    types.MessageActionSetChatTheme: {"theme": _INSIDE},
    types.ChatTheme: {"emoticon": Text("theme")},
    types.ChatThemeUniqueGift: {"gift": _INSIDE},
    types.MessageActionSuggestedPostApproval: {"reject_comment": Text("comment")},
    types.MessageActionTodoAppendTasks: {"list": _INSIDE},
    types.MessageActionWebViewDataSent: {"text": Text("button")},
    types.MessageActionWebViewDataSentMe: {"text": Text("button")},
}

GIFTS: dict[Any, Fields] = {
    types.MessageActionGiftCode: {"message": _MESSAGE},
    types.MessageActionGiftPremium: {"message": _MESSAGE},
    types.MessageActionStarGift: {"gift": _INSIDE, "message": _MESSAGE},
    types.MessageActionStarGiftPurchaseOffer: {"gift": _INSIDE},
    types.MessageActionStarGiftPurchaseOfferDeclined: {"gift": _INSIDE},
    types.MessageActionStarGiftUnique: {"gift": _INSIDE, "message": _MESSAGE},
    types.StarGift: {"title": Text("gift_title")},
    types.StarGiftUnique: {
        "title": Text("gift_title"),
        "owner_name": Text("gift_owner"),
        "attributes": _INSIDE,
    },
    types.StarGiftAttributeBackdrop: {"name": Text("gift_attribute")},
    types.StarGiftAttributeModel: {"name": Text("gift_attribute")},
    types.StarGiftAttributeOriginalDetails: {"message": _MESSAGE},
    types.StarGiftAttributePattern: {"name": Text("gift_attribute")},
}
