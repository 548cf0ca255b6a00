"""What is kept of rich messages: blocks, and the rich text in them."""

from typing import Any

from telethon.tl import types

from collector.telegram.texts.decision import Fields, Inside, Joined, Link, Text, each

RICH = "rich"
_TEXT = Joined(RICH)
_INSIDE = Inside()
_CAPTION: Fields = {"caption": _INSIDE}

BLOCKS: dict[Any, Fields] = {
    types.RichMessage: {"blocks": _INSIDE},
    **each(
        {"text": _TEXT},
        types.PageBlockFooter,
        types.PageBlockHeader,
        types.PageBlockHeading1,
        types.PageBlockHeading2,
        types.PageBlockHeading3,
        types.PageBlockHeading4,
        types.PageBlockHeading5,
        types.PageBlockHeading6,
        types.PageBlockKicker,
        types.PageBlockParagraph,
        types.PageBlockPreformatted,
        types.PageBlockSubheader,
        types.PageBlockSubtitle,
        types.PageBlockThinking,
        types.PageBlockTitle,
        types.PageListItemText,
        types.PageListOrderedItemText,
        types.PageTableCell,
    ),
    **each(
        _CAPTION,
        types.InputPageBlockMap,
        types.PageBlockAudio,
        types.PageBlockDocument,
        types.PageBlockMap,
        types.PageBlockVideo,
    ),
    types.PageBlockPhoto: {**_CAPTION, "url": Link()},
    types.PageBlockAuthorDate: {"author": _TEXT},
    types.PageBlockBlockquote: {"text": _TEXT, "caption": _TEXT},
    types.PageBlockBlockquoteBlocks: {"blocks": _INSIDE, "caption": _TEXT},
    types.PageBlockButtonRow: {"buttons": _INSIDE},
    types.PageButton: {"text": Joined("button"), "type": _INSIDE},
    types.PageBlockChannel: {"channel": _INSIDE},
    **each(
        {"title": Text(RICH)},
        types.Channel,
        types.ChannelForbidden,
        types.Chat,
        types.ChatForbidden,
    ),
    types.Community: {"title": Text(RICH)},
    types.CommunityForbidden: {"title": Text(RICH)},
    types.PageBlockCollage: {"items": _INSIDE, **_CAPTION},
    types.PageBlockSlideshow: {"items": _INSIDE, **_CAPTION},
    types.PageBlockCover: {"cover": _INSIDE},
    types.PageBlockDetails: {"blocks": _INSIDE, "title": _TEXT},
    types.PageBlockEmbed: {"url": Link(), **_CAPTION},
    types.PageBlockEmbedPost: {
        "url": Link(),
        "author": Text(RICH),
        "blocks": _INSIDE,
        **_CAPTION,
    },
    types.PageBlockList: {"items": _INSIDE},
    types.PageBlockOrderedList: {"items": _INSIDE},
    types.PageListItemBlocks: {"blocks": _INSIDE},
    types.PageListOrderedItemBlocks: {"blocks": _INSIDE},
    types.PageBlockMath: {"source": Text(RICH)},
    types.PageBlockPullquote: {"text": _TEXT, "caption": _TEXT},
    types.PageBlockRelatedArticles: {"title": _TEXT, "articles": _INSIDE},
    types.PageRelatedArticle: {
        "url": Link(),
        "title": Text(RICH),
        "description": Text(RICH),
        "author": Text(RICH),
    },
    types.PageBlockTable: {"title": _TEXT, "rows": _INSIDE},
    types.PageTableRow: {"cells": _INSIDE},
    types.PageCaption: {"text": _TEXT, "credit": _TEXT},
}

RICH_TEXTS: dict[Any, Fields] = {
    **each(
        {"text": _INSIDE},
        types.TextAnchor,
        types.TextAutoEmail,
        types.TextAutoPhone,
        types.TextBankCard,
        types.TextBold,
        types.TextBotCommand,
        types.TextCashtag,
        types.TextDate,
        types.TextFixed,
        types.TextHashtag,
        types.TextItalic,
        types.TextMarked,
        types.TextMention,
        types.TextMentionName,
        types.TextSpoiler,
        types.TextStrike,
        types.TextSubscript,
        types.TextSuperscript,
        types.TextUnderline,
    ),
    types.TextAutoUrl: {"text": Joined(links=True)},
    types.TextButton: {"text": _INSIDE, "type": _INSIDE},
    types.TextConcat: {"texts": _INSIDE},
    types.TextCustomEmoji: {"alt": Text()},
    types.TextDiff: {"text": _INSIDE, "old_text": Joined("rich_before")},
    types.TextEmail: {"text": _INSIDE, "email": Link("mailto:")},
    types.TextMath: {"source": Text()},
    types.TextPhone: {"text": _INSIDE, "phone": Link("tel:")},
    types.TextPlain: {"text": Text()},
    types.TextUrl: {"text": _INSIDE, "url": Link()},
}
