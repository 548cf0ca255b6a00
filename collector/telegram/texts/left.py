"""Fields that may carry text and are not kept among the texts, and why.

`Class.field`; a test demands a decision for each field of the installed layer, here or in `kept`.
"""

ELSEWHERE = "kept in a field of its own: text, links, entities, sender, reply, forward, reactions"
CODE = "a code for programs: an id, a slug, a currency, a country, a language, a type"
FILE = "of a file, not of the message: its type, its thumbnails, its other forms"
SENT_ONLY = "sent by clients; Telegram never answers with it"
ONE_BOT = "personal data that Telegram shows to one bot alone"
OTHER_MESSAGE = "of the message that is answered, not of this one"
TELEGRAM = "words of Telegram's about the message"
WEBSITE = "of the page behind a link, which the link leads to; its preview is kept"
LOOKS = "how something looks: themes, wallpapers, emoji statuses"
PERSON = "what a member is called in the group; the sender's name is kept"

LEFT: dict[str, str] = {
    ELSEWHERE: """
        Message.message Message.entities Message.post_author Message.fwd_from Message.reply_to
        Message.reactions MessageService.reply_to MessageService.reactions
        MessageFwdHeader.from_name MessageFwdHeader.post_author MessageFwdHeader.saved_from_name
        MessageReplyHeader.quote_text MessageReplyHeader.quote_entities
        MessageReactions.results ReactionCount.reaction ReactionEmoji.emoticon
        MessageEntityDiffReplace.old_text MessageEntityPre.language MessageEntityTextUrl.url
    """,
    CODE: """
        BotApp.short_name Game.short_name FactCheck.country GeoPointAddress.country_iso2
        Poll.countries_iso2 MessageMediaGiveaway.countries_iso2 MessageMediaInvoice.currency
        MessageMediaInvoice.start_param MessageMediaVenue.provider MessageMediaVenue.venue_id
        MessageMediaVenue.venue_type MediaAreaVenue.provider MediaAreaVenue.venue_id
        MediaAreaVenue.venue_type MediaAreaStarGift.slug MediaAreaWeather.emoji
        Message.summary_from_language MessageFwdHeader.psa_type
        MessageActionGiftCode.slug MessageActionGiftCode.currency
        MessageActionGiftCode.crypto_currency MessageActionGiftPremium.currency
        MessageActionGiftPremium.crypto_currency MessageActionGiftStars.currency
        MessageActionGiftStars.crypto_currency MessageActionGiftStars.transaction_id
        MessageActionGiftTon.currency MessageActionGiftTon.crypto_currency
        MessageActionGiftTon.transaction_id MessageActionPaymentRefunded.currency
        MessageActionPaymentRefunded.charge MessageActionPaymentSent.currency
        MessageActionPaymentSent.invoice_slug MessageActionPaymentSentMe.currency
        MessageActionPaymentSentMe.shipping_option_id MessageActionPaymentSentMe.charge
        MessageActionPrizeStars.transaction_id MessageActionStarGift.prepaid_upgrade_hash
        MessageActionGroupCall.call MessageActionGroupCallScheduled.call
        MessageActionInviteToGroupCall.call MessageActionPhoneCall.reason
        MessageMediaVideoStream.call PhoneCallDiscardReasonMigrateConferenceCall.slug
        PaymentCharge.id PaymentCharge.provider_charge_id
        StarGift.auction_slug StarGiftUnique.slug StarGiftUnique.owner_address
        StarGiftUnique.gift_address StarGiftUnique.value_currency
        PageBlockAnchor.name TextAnchor.name PageBlockPreformatted.language
        PageBlockOrderedList.type PageListOrderedItemBlocks.num PageListOrderedItemBlocks.type
        PageListOrderedItemText.num PageListOrderedItemText.type
        Channel.username Channel.usernames Username.username
        ButtonTypeRequestPeer.peer_type RequestPeerTypeCreateBot.suggested_name
        RequestPeerTypeCreateBot.suggested_username
        StoryItem.views StoryItem.sent_reaction StoryViews.reactions
        MediaAreaSuggestedReaction.reaction
        MessageReactions.recent_reactions MessagePeerReaction.reaction
    """,
    FILE: """
        Document.mime_type Document.thumbs Document.video_thumbs DocumentAttributeVideo.video_codec
        DocumentAttributeCustomEmoji.stickerset DocumentAttributeSticker.stickerset
        InputStickerSetDice.emoticon InputStickerSetShortName.short_name
        Photo.sizes Photo.video_sizes PhotoCachedSize.type PhotoPathSize.type PhotoSize.type
        PhotoSizeEmpty.type PhotoSizeProgressive.type PhotoStrippedSize.type VideoSize.type
        VideoSizeStickerMarkup.stickerset WebDocument.url WebDocument.mime_type
        WebDocument.attributes WebDocumentNoProxy.url WebDocumentNoProxy.mime_type
        WebDocumentNoProxy.attributes MessageMediaInvoice.photo Game.photo Game.document
        BotApp.photo BotApp.document MessageMediaDocument.alt_documents
        MessageMediaDocument.video_cover MessageMediaPhoto.photo MessageMediaPhoto.video
        MessageExtendedMediaPreview.thumb MessageActionChatEditPhoto.photo
        MessageActionSuggestProfilePhoto.photo RichMessage.photos RichMessage.documents
        StarGift.sticker StarGiftAttributeModel.document StarGiftAttributePattern.document
        WebPage.photo WebPage.document WebPageAttributeStarGiftCollection.icons
        WebPageAttributeStickerSet.stickers
    """,
    SENT_ONLY: """
        DataJSON.data InputFile.name InputFile.md5_checksum InputFileBig.name
        InputGameShortName.short_name InputGroupCallSlug.slug InputInlineButtonTypeUrlAuth.fwd_text
        InputInlineButtonTypeUrlAuth.url InputButtonTypeRequestPeer.peer_type
        InputMediaAreaVenue.result_id InputMediaContact.phone_number InputMediaContact.first_name
        InputMediaContact.last_name InputMediaContact.vcard InputMediaDice.emoticon
        InputMediaDocument.query InputMediaDocumentExternal.url InputMediaGame.id
        InputMediaInvoice.title InputMediaInvoice.description InputMediaInvoice.photo
        InputMediaInvoice.invoice InputMediaInvoice.provider InputMediaInvoice.provider_data
        InputMediaInvoice.start_param InputMediaInvoice.extended_media
        InputMediaPaidMedia.extended_media InputMediaPaidMedia.payload
        InputMediaPhotoExternal.url InputMediaPoll.poll InputMediaPoll.attached_media
        InputMediaPoll.solution InputMediaPoll.solution_entities InputMediaPoll.solution_media
        InputMediaStakeDice.game_hash InputMediaTodo.todo InputMediaUploadedDocument.file
        InputMediaUploadedDocument.thumb InputMediaUploadedDocument.mime_type
        InputMediaUploadedDocument.attributes InputMediaUploadedPhoto.file InputMediaVenue.title
        InputMediaVenue.address InputMediaVenue.provider InputMediaVenue.venue_id
        InputMediaVenue.venue_type InputMediaWebPage.url InputPollAnswer.media
        InputWebDocument.url InputWebDocument.mime_type InputWebDocument.attributes
        Invoice.currency Invoice.prices Invoice.terms_url LabeledPrice.label
    """,
    ONE_BOT: """
        MessageActionPaymentSentMe.info PaymentRequestedInfo.name PaymentRequestedInfo.phone
        PaymentRequestedInfo.email PaymentRequestedInfo.shipping_address PostAddress.street_line1
        PostAddress.street_line2 PostAddress.city PostAddress.state PostAddress.country_iso2
        PostAddress.post_code MessageActionSecureValuesSentMe.values SecurePlainEmail.email
        SecurePlainPhone.phone SecureValue.plain_data MessageActionWebViewDataSentMe.data
        MessageActionRequestedPeerSentMe.peers RequestedPeerChannel.title
        RequestedPeerChannel.username RequestedPeerChannel.photo RequestedPeerChat.title
        RequestedPeerChat.photo RequestedPeerUser.first_name RequestedPeerUser.last_name
        RequestedPeerUser.username RequestedPeerUser.photo
    """,
    OTHER_MESSAGE: "MessageReplyHeader.reply_from MessageReplyHeader.reply_media",
    TELEGRAM: """
        Message.restriction_reason Channel.restriction_reason RestrictionReason.platform
        RestrictionReason.reason RestrictionReason.text
    """,
    WEBSITE: """
        WebPage.display_url WebPage.type WebPage.embed_url WebPage.embed_type WebPage.cached_page
        Page.url Page.blocks Page.photos Page.documents PageBlockEmbed.html
    """,
    LOOKS: """
        Channel.emoji_status EmojiStatusCollectible.title EmojiStatusCollectible.slug
        MessageActionSetChatWallPaper.wallpaper ChatThemeUniqueGift.theme_settings
        ThemeSettings.wallpaper WallPaper.slug WallPaper.document WallPaper.settings
        WallPaperNoFile.settings WallPaperSettings.emoticon WebPageAttributeTheme.documents
        WebPageAttributeTheme.settings
    """,
    PERSON: "Message.from_rank",
}
