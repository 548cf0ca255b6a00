"""Whatever Telegram can put into a message is stored as what it is."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from telethon.extensions import BinaryReader
from telethon.tl import types
from telethon.tl.types import messages

from collector.gateway import Page
from collector.telegram.mapping import ACTION_NAMES, action_name, page_of
from collector.telegram.media import NO_MEDIA, PLAIN_KINDS, media_of
from collector.telegram.peers import bare, chat_of, input_peer, marked, peer_of
from collector.telegram.quick import quick
from collector.telegram.text import ENTITY_KINDS, cut, entities_of, links_of
from core.chat import Chat, ChatKind, Peer
from core.message import Entity, Forward, Media, Message, Reaction, Reply, Sender
from core.record import record_of
from db.codec import message_of

THEN = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
CHANNEL = 1_500_000_001
HERE = types.PeerChannel(CHANNEL)
PEER = Peer(chat=-1001500000001, kind=ChatKind.SUPERGROUP, access_hash=9)


def message(**fields: Any) -> types.Message:
    return types.Message(**{"id": 7, "peer_id": HERE, "date": THEN, "message": "", **fields})


def service(action: Any, **fields: Any) -> types.MessageService:
    return types.MessageService(id=8, peer_id=HERE, date=THEN, action=action, **fields)


def channel(**fields: Any) -> types.Channel:
    given = {"id": CHANNEL, "title": "Chess", "photo": types.ChatPhotoEmpty(), "date": THEN}
    return types.Channel(**{**given, **fields})


def answered(found: Sequence[Any], users: Sequence[Any] = (), chats: Sequence[Any] = ()) -> Page:
    """The page of an answer that went over the wire."""
    sent = messages.ChannelMessages(
        pts=1, count=99, messages=list(found), topics=[], chats=list(chats), users=list(users)
    )
    with BinaryReader(bytes(sent)) as reader:
        return page_of(reader.tgread_object(), _peer_of(found), "")


def _peer_of(found: Sequence[Any]) -> Peer:
    user = next((one.peer_id for one in found if isinstance(one.peer_id, types.PeerUser)), None)
    return (
        PEER
        if len(found) != 1 or user is None
        else Peer(chat=user.user_id, kind=ChatKind.PRIVATE, access_hash=1)
    )


def only(found: Any, users: Sequence[Any] = (), chats: Sequence[Any] = ()) -> Message:
    (record,) = answered([found], users, chats).messages
    mapped = message_of(record)
    assert record_of(mapped) == record
    return mapped


def test_a_page_tells_what_is_there_and_what_is_not() -> None:
    page = answered(
        [message(id=9), types.MessageEmpty(id=8, peer_id=None), service(types.MessageActionEmpty())]
    )
    assert [found["id"] for found in page.messages] == [9, 8]
    assert page.empty == (8,)
    assert page.total == 99


def test_what_is_of_another_chat_is_no_part_of_the_page() -> None:
    there, user = types.PeerChannel(CHANNEL + 1), types.PeerUser(5)
    foreign = [
        message(id=6, peer_id=there),
        types.MessageService(
            id=5, peer_id=types.PeerChat(CHANNEL), date=THEN, action=types.MessageActionEmpty()
        ),
        types.MessageEmpty(id=4, peer_id=there),
        types.MessageEmpty(id=3, peer_id=user),
    ]
    page = answered([message(id=9), *foreign])
    assert page.ids() == (9,)


def test_a_whole_small_chat_counts_itself() -> None:
    whole = messages.Messages(
        messages=[message(), types.MessageEmpty(id=3, peer_id=HERE)], topics=[], chats=[], users=[]
    )
    assert page_of(whole, PEER, "").total == 2


def test_a_group_keeps_the_box_of_its_reader() -> None:
    group = Peer(chat=-55, kind=ChatKind.GROUP, access_hash=0)
    whole = messages.Messages(
        messages=[message(peer_id=types.PeerChat(55))], topics=[], chats=[], users=[]
    )
    (mapped,) = page_of(whole, group, "a3").messages
    assert (mapped["chat"], mapped["box"]) == (-55, "a3")


@pytest.mark.parametrize(
    ("user", "name"),
    [
        (types.User(id=5, first_name="Ada", last_name="One"), "Ada One"),
        (types.User(id=5, first_name="Ada"), "Ada"),
        (types.User(id=5, last_name="One"), "One"),
        (types.User(id=5, deleted=True), None),
        (types.UserEmpty(id=5), None),
    ],
)
def test_a_sender_has_the_name_that_telegram_shows(user: Any, name: str | None) -> None:
    assert only(message(from_id=types.PeerUser(5)), [user]).sender == Sender(id=5, name=name)


def test_a_post_is_sent_by_its_channel() -> None:
    mapped = only(message(post=True, post_author="Editor"), chats=[channel(broadcast=True)])
    assert mapped.sender == Sender(id=-1001500000001, name="Chess")
    assert mapped.post_author == "Editor"


def test_another_chat_may_be_the_sender() -> None:
    group = types.Chat(
        id=44, title="Old group", photo=types.ChatPhotoEmpty(), participants_count=2,
        date=THEN, version=1,
    )  # fmt: skip
    assert only(message(from_id=types.PeerChat(44)), chats=[group]).sender == Sender(
        id=-44, name="Old group"
    )


def test_private_messages_name_the_other_side_only() -> None:
    theirs = only(message(peer_id=types.PeerUser(5)), [types.User(id=5, first_name="Ada")])
    ours = only(message(peer_id=types.PeerUser(5), out=True))
    assert theirs.sender == Sender(id=5, name="Ada")
    assert ours.sender is None


@pytest.mark.parametrize(
    ("header", "reply", "topic"),
    [
        (types.MessageReplyHeader(reply_to_msg_id=3), Reply(message=3), None),
        (
            types.MessageReplyHeader(
                reply_to_msg_id=3,
                reply_to_peer_id=types.PeerChannel(2),
                quote=True,
                quote_text="as said",
            ),
            Reply(message=3, chat=-1000000000002, quote="as said"),
            None,
        ),
        (
            types.MessageReplyHeader(reply_to_msg_id=3, reply_to_top_id=2),
            Reply(message=3, topic=2),
            None,
        ),
        (types.MessageReplyHeader(reply_to_msg_id=2, forum_topic=True), None, 2),
        (
            types.MessageReplyHeader(reply_to_msg_id=3, reply_to_top_id=2, forum_topic=True),
            Reply(message=3, topic=2),
            2,
        ),
        (types.MessageReplyStoryHeader(peer=types.PeerUser(5), story_id=1), None, None),
    ],
)
def test_replies_and_topics(header: Any, reply: Reply | None, topic: int | None) -> None:
    mapped = only(message(reply_to=header))
    assert (mapped.reply, mapped.topic) == (reply, topic)


def test_a_topic_lies_in_itself() -> None:
    mapped = only(service(types.MessageActionTopicCreate(title="Openings", icon_color=1)))
    assert (mapped.action, mapped.topic) == ("topic_create", 8)


@pytest.mark.parametrize(
    ("header", "forward"),
    [
        (
            types.MessageFwdHeader(date=THEN, from_id=types.PeerUser(5)),
            Forward(date=THEN, sender=5, name="Ada"),
        ),
        (
            types.MessageFwdHeader(date=THEN, from_name="Hidden"),
            Forward(date=THEN, name="Hidden"),
        ),
        (
            types.MessageFwdHeader(date=THEN, from_id=HERE, channel_post=12, post_author="Editor"),
            Forward(date=THEN, sender=-1001500000001, name="Chess", message=12, author="Editor"),
        ),
    ],
)
def test_a_forward_tells_its_origin(header: Any, forward: Forward) -> None:
    mapped = only(
        message(fwd_from=header), [types.User(id=5, first_name="Ada")], [channel(megagroup=True)]
    )
    assert mapped.forward == forward


def test_counts_dates_and_reactions() -> None:
    given = [
        types.ReactionCount(types.ReactionEmoji("👍"), 3),
        types.ReactionCount(types.ReactionCustomEmoji(77), 2),
        types.ReactionCount(types.ReactionPaid(), 1),
    ]
    mapped = only(
        message(
            views=10, forwards=0, edit_date=THEN, grouped_id=123,
            reactions=types.MessageReactions(results=given),
        )
    )  # fmt: skip
    assert (mapped.views, mapped.forwards, mapped.edit_date, mapped.album) == (10, 0, THEN, 123)
    assert mapped.reactions == (
        Reaction(emoji="👍", count=3),
        Reaction(emoji="custom:77", count=2),
        Reaction(emoji="paid", count=1),
    )


def test_every_entity_that_telethon_knows_has_a_word() -> None:
    known = {cls for name, cls in vars(types).items() if name.startswith("MessageEntity")}
    assert known <= set(ENTITY_KINDS)
    assert len({kind for kind in ENTITY_KINDS.values() if kind != "text_mention"}) == len(known) - 1


@pytest.mark.parametrize(
    ("entity", "kind", "value"),
    [
        (types.MessageEntityBold(1, 2), "bold", None),
        (types.MessageEntityTextUrl(1, 2, "https://a.example"), "text_link", "https://a.example"),
        (types.MessageEntityPre(1, 2, "python"), "pre", "python"),
        (types.MessageEntityPre(1, 2, ""), "pre", None),
        (types.MessageEntityMentionName(1, 2, 55), "text_mention", "55"),
        (types.MessageEntityCustomEmoji(1, 2, 66), "custom_emoji", "66"),
        (types.MessageEntityBlockquote(1, 2), "blockquote", None),
        (types.MessageEntityBlockquote(1, 2, collapsed=True), "expandable_blockquote", None),
        (types.MessageEntityFormattedDate(1, 2, THEN), "date_time", "2026-05-04T12:30:00+00:00"),
    ],
)
def test_an_entity_keeps_what_it_says(entity: Any, kind: str, value: str | None) -> None:
    assert entities_of([entity]) == (Entity(kind=kind, offset=1, length=2, value=value),)


def test_links_are_cut_by_utf_16_and_told_once() -> None:
    text = "😀 see a.example/你好 and a.example/你好"
    mapped = only(
        message(
            message=text,
            entities=[
                types.MessageEntityUrl(7, 12),
                types.MessageEntityTextUrl(3, 3, "https://b.example/"),
                types.MessageEntityUrl(24, 12),
                types.MessageEntityEmail(0, 2),
            ],
        )
    )
    assert mapped.links == ("a.example/你好", "https://b.example/")
    assert cut("plain text", 6, 4) == "text"
    assert links_of("no links", ()) == ()


def document(*attributes: Any, **fields: Any) -> types.MessageMediaDocument:
    given = {
        "id": 1, "access_hash": 2, "file_reference": b"", "date": THEN,
        "mime_type": "x/y", "size": 1234, "dc_id": 2, "attributes": list(attributes),
    }  # fmt: skip
    return types.MessageMediaDocument(document=types.Document(**{**given, **fields}))


STICKER = types.DocumentAttributeSticker(alt="😀", stickerset=types.InputStickerSetEmpty())
VIDEO = types.DocumentAttributeVideo(duration=1.0, w=1, h=1)
ROUND = types.DocumentAttributeVideo(duration=1.0, w=1, h=1, round_message=True)
NAMED = types.DocumentAttributeFilename("a.bin")


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ((), "document"),
        ((types.DocumentAttributeImageSize(1, 1),), "document"),
        ((VIDEO,), "video"),
        ((ROUND,), "video_note"),
        ((types.DocumentAttributeAnimated(), VIDEO), "animation"),
        ((VIDEO, types.DocumentAttributeAnimated()), "animation"),
        ((types.DocumentAttributeAudio(duration=1),), "audio"),
        ((types.DocumentAttributeAudio(duration=1, voice=True),), "voice"),
        ((types.DocumentAttributeImageSize(1, 1), STICKER), "sticker"),
        ((STICKER, VIDEO), "sticker"),
    ],
)
def test_a_document_is_what_its_attributes_say(attributes: tuple[Any, ...], kind: str) -> None:
    mapped = only(message(media=document(*attributes, NAMED))).media
    assert mapped == Media(kind=kind, size=1234, name="a.bin", mime="x/y")


def test_a_photo_is_as_big_as_its_biggest_size() -> None:
    sizes = [
        types.PhotoStrippedSize("i", b"123"),
        types.PhotoSize("m", 1, 1, 500),
        types.PhotoSizeProgressive("y", 1, 1, [10, 900, 700]),
    ]
    photo = types.Photo(id=1, access_hash=1, file_reference=b"", date=THEN, sizes=sizes, dc_id=2)
    mapped = only(message(media=types.MessageMediaPhoto(photo=photo)))
    assert mapped.media == Media(kind="photo", size=900)


@pytest.mark.parametrize(
    ("media", "kind"),
    [
        (types.MessageMediaPhoto(ttl_seconds=5), "photo"),
        (types.MessageMediaDocument(video=True, ttl_seconds=5), "video"),
        (types.MessageMediaDocument(voice=True, ttl_seconds=5), "voice"),
        (types.MessageMediaDocument(round=True, ttl_seconds=5), "video_note"),
        (types.MessageMediaDocument(), "document"),
    ],
)
def test_of_media_that_expired_its_kind_is_left(media: Any, kind: str) -> None:
    assert only(message(media=media)).media == Media(kind=kind)


def test_every_medium_that_telethon_knows_has_a_kind() -> None:
    known = {cls for name, cls in vars(types).items() if name.startswith("MessageMedia")}
    files = {types.MessageMediaPhoto, types.MessageMediaDocument}
    assert known == set(PLAIN_KINDS) | set(NO_MEDIA) | files
    for cls, kind in PLAIN_KINDS.items():
        assert media_of(cls.__new__(cls)) == Media(kind=kind)
    for cls in NO_MEDIA:
        assert media_of(cls.__new__(cls)) is None


def test_a_place_is_a_location() -> None:
    point = types.GeoPoint(long=1.0, lat=2.0, access_hash=3)
    assert only(message(media=types.MessageMediaGeo(point))).media == Media(kind="location")
    page = types.WebPageEmpty(id=1)
    assert only(message(media=types.MessageMediaWebPage(webpage=page))).media is None


@pytest.mark.parametrize(
    ("cls", "name"),
    [
        (types.MessageActionPinMessage, "pin_message"),
        (types.MessageActionChatAddUser, "chat_add_user"),
        (types.MessageActionSetMessagesTTL, "set_messages_ttl"),
        (types.MessageActionChatMigrateTo, "chat_migrate_to"),
        (types.MessageActionGiftTon, "gift_ton"),
    ],
)
def test_an_action_is_named_in_snake_case(cls: type, name: str) -> None:
    assert action_name(cls) == name


def test_every_action_that_telethon_knows_has_a_name_of_its_own() -> None:
    assert len(ACTION_NAMES) > 60
    assert len(set(ACTION_NAMES.values())) == len(ACTION_NAMES)
    assert all(name and name == name.lower() for name in ACTION_NAMES.values())


def test_a_pin_answers_what_it_pinned() -> None:
    mapped = only(
        service(
            types.MessageActionPinMessage(),
            from_id=types.PeerUser(5),
            reply_to=types.MessageReplyHeader(reply_to_msg_id=3),
        ),
        [types.User(id=5, first_name="Ada")],
    )
    assert mapped == Message(
        chat=PEER.chat, box="", id=8, date=THEN, sender=Sender(id=5, name="Ada"),
        reply=Reply(message=3), action="pin_message",
    )  # fmt: skip


NAMES = [types.Username("sold"), types.Username("chess", active=True)]


@pytest.mark.parametrize(
    ("entity", "kind"),
    [
        (channel(broadcast=True, username="chess"), ChatKind.CHANNEL),
        (channel(megagroup=True, username="chess"), ChatKind.SUPERGROUP),
        (channel(gigagroup=True, usernames=NAMES), ChatKind.SUPERGROUP),
    ],
)
def test_a_chat_is_known_by_its_kind_and_name(entity: Any, kind: ChatKind) -> None:
    entity.access_hash, entity.participants_count = 9, 12
    assert chat_of(entity) == Chat(
        id=-1001500000001, kind=kind, title="Chess", username="chess", members=12
    )
    assert peer_of(entity) == Peer(chat=-1001500000001, kind=kind, access_hash=9)


@pytest.mark.parametrize(
    "entity",
    [
        types.ChannelForbidden(id=1, access_hash=2, title="Gone"),
        types.ChatForbidden(id=1, title="Gone"),
        types.ChatEmpty(id=1),
        types.User(id=1),
    ],
)
def test_what_cannot_be_read_is_no_chat(entity: Any) -> None:
    assert chat_of(entity) is None
    assert peer_of(entity) is None


def test_a_hash_of_a_min_channel_is_worthless() -> None:
    assert peer_of(channel(megagroup=True, access_hash=9, min=True)) is None


@pytest.mark.parametrize(
    ("peer", "chat"),
    [(types.PeerUser(5), 5), (types.PeerChat(44), -44), (HERE, -1001500000001)],
)
def test_ids_are_marked_as_everywhere(peer: Any, chat: int) -> None:
    assert marked(peer) == chat
    assert bare(chat) == next(iter(vars(peer).values()))


def test_peers_are_addressed_by_their_kind() -> None:
    assert input_peer(PEER) == types.InputPeerChannel(CHANNEL, 9)
    assert input_peer(Peer(chat=-44, kind=ChatKind.GROUP, access_hash=0)) == types.InputPeerChat(44)
    assert input_peer(Peer(chat=5, kind=ChatKind.PRIVATE, access_hash=8)) == types.InputPeerUser(
        5, 8
    )


def test_a_quickly_made_value_is_like_any_other() -> None:
    made, plain = quick(Media)(kind="photo", size=3), Media(kind="photo", size=3)
    assert made == plain
    assert hash(made) == hash(plain)
    assert type(made) is Media
    with pytest.raises(AttributeError):
        made.kind = "video"  # type: ignore[misc]
    with pytest.raises(TypeError):
        quick(Media)(size=3)  # type: ignore[call-arg]
