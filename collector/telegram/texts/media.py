"""What is kept of media, of the previews of links, and of buttons."""

from typing import Any

from telethon.tl import types

from collector.telegram.texts.decision import Fields, Inside, Link, Text, with_entities

_INSIDE = Inside()

MESSAGES: dict[Any, Fields] = {
    types.Message: {
        "media": _INSIDE,
        "reply_markup": _INSIDE,
        "factcheck": _INSIDE,
        "rich_message": _INSIDE,
    },
    types.MessageService: {"action": _INSIDE},
    types.FactCheck: {"text": Inside("fact_check")},
    types.TextWithEntities: with_entities(None, "text", "entities"),
}

MEDIA: dict[Any, Fields] = {
    types.MessageMediaContact: {
        "phone_number": Text("contact_phone"),
        "first_name": Text("contact_first_name"),
        "last_name": Text("contact_last_name"),
        "vcard": Text("contact_card"),
    },
    types.MessageMediaDice: {"emoticon": Text("dice")},
    types.MessageMediaDocument: {"document": _INSIDE},
    types.MessageMediaGame: {"game": _INSIDE},
    types.Game: {"title": Text("game_title"), "description": Text("game_description")},
    types.MessageMediaGiveaway: {"prize_description": Text("giveaway_prize")},
    types.MessageMediaGiveawayResults: {"prize_description": Text("giveaway_prize")},
    types.MessageMediaInvoice: {
        "title": Text("invoice_title"),
        "description": Text("invoice_description"),
        "extended_media": _INSIDE,
    },
    types.MessageMediaPaidMedia: {"extended_media": _INSIDE},
    types.MessageExtendedMedia: {"media": _INSIDE},
    types.MessageMediaPoll: {"poll": _INSIDE, "results": _INSIDE, "attached_media": _INSIDE},
    types.Poll: {"question": Inside("poll_question"), "answers": Inside("poll_answer")},
    types.PollAnswer: {"text": Inside("poll_answer"), "media": _INSIDE},
    types.InputPollAnswer: {"text": Inside("poll_answer")},
    types.PollResults: {
        **with_entities("poll_solution", "solution", "solution_entities"),
        "solution_media": _INSIDE,
    },
    types.MessageMediaStory: {"story": _INSIDE},
    types.MessageMediaToDo: {"todo": _INSIDE},
    types.TodoList: {"title": Inside("checklist_title"), "list": _INSIDE},
    types.TodoItem: {"title": Inside("checklist_item")},
    types.MessageMediaVenue: {"title": Text("venue_title"), "address": Text("venue_address")},
    types.MessageMediaWebPage: {"webpage": _INSIDE},
    types.Document: {"attributes": _INSIDE},
    types.DocumentAttributeAudio: {
        "title": Text("audio_title"),
        "performer": Text("audio_performer"),
    },
    types.DocumentAttributeCustomEmoji: {"alt": Text("sticker")},
    types.DocumentAttributeFilename: {"file_name": Text("file_name")},
    types.DocumentAttributeSticker: {"alt": Text("sticker")},
}

STORIES: dict[Any, Fields] = {
    types.StoryItem: {
        "fwd_from": _INSIDE,
        **with_entities("story_caption", "caption", "entities"),
        "media": _INSIDE,
        "media_areas": _INSIDE,
        "music": _INSIDE,
    },
    types.StoryFwdHeader: {"from_name": Text("story_author")},
    types.MediaAreaGeoPoint: {"address": _INSIDE},
    types.MediaAreaUrl: {"url": Link()},
    types.MediaAreaVenue: {"title": Text("venue_title"), "address": Text("venue_address")},
    types.GeoPointAddress: {
        "state": Text("venue_address"),
        "city": Text("venue_address"),
        "street": Text("venue_address"),
    },
}

PREVIEWS: dict[Any, Fields] = {
    types.WebPage: {
        "url": Link(),
        "site_name": Text("preview_site"),
        "title": Text("preview_title"),
        "description": Text("preview_description"),
        "author": Text("preview_author"),
        "attributes": _INSIDE,
    },
    types.WebPageEmpty: {"url": Link()},
    types.WebPagePending: {"url": Link()},
    types.WebPageAttributeStarGiftAuction: {"gift": _INSIDE},
    types.WebPageAttributeStory: {"story": _INSIDE},
    types.WebPageAttributeUniqueStarGift: {"gift": _INSIDE},
}

BUTTONS: dict[Any, Fields] = {
    types.ReplyInlineMarkup: {"rows": _INSIDE},
    types.ReplyKeyboardForceReply: {"placeholder": Text("reply_hint")},
    types.ReplyKeyboardMarkup: {"rows": _INSIDE, "placeholder": Text("reply_hint")},
    types.KeyboardButtonRow: {"buttons": _INSIDE},
    types.KeyboardInlineButtonRow: {"buttons": _INSIDE},
    types.KeyboardButton: {"text": Text("button"), "type": _INSIDE},
    types.KeyboardInlineButton: {"text": Text("button"), "type": _INSIDE},
    types.ButtonTypeSimpleWebView: {"url": Link()},
    types.InlineButtonTypeCopy: {"copy_text": Text("button_copies")},
    types.InlineButtonTypeSwitchInline: {"query": Text("button_query")},
    types.InlineButtonTypeUrl: {"url": Link()},
    types.InlineButtonTypeUrlAuth: {"fwd_text": Text("button"), "url": Link()},
    types.InlineButtonTypeWebView: {"url": Link()},
}
