"""Photos, files and the like: a chat's stock of serialized media."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from telethon.tl import types

from sandbox import files
from sandbox.dice import Dice

STOCK = 160
REACTIONS = 64
_EPOCH = datetime(2021, 1, 1, tzinfo=UTC)
_FILES = (
    ("report-2024.pdf", "application/pdf"),
    ("数据汇总.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("backup.zip", "application/zip"),
    ("notes.txt", "text/plain"),
    ("使用说明.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("app-release.apk", "application/vnd.android.package-archive"),
    ("prices.csv", "text/csv"),
)
_STICKERS = ("😀", "👍", "❤️", "🔥", "😭")
_EMOJI = ("👍", "❤", "🔥", "😁", "👏", "🎉", "🤔", "😢")


def photos(seed: str) -> list[bytes]:
    dice = Dice(f"photos:{seed}")
    return [_photo(dice) for _ in range(STOCK)]


def assorted(seed: str) -> list[bytes]:
    """Everything but photos: files most of all."""
    dice = Dice(f"media:{seed}")
    kinds: tuple[Callable[[Dice], bytes], ...] = (
        _file, _file, _file, _video, _voice, _sticker, _sticker, _web_page, _web_page, _place,
        _poll,
    )  # fmt: skip
    return [dice.pick(kinds)(dice) for _ in range(STOCK)]


def reactions(seed: str) -> list[bytes]:
    dice = Dice(f"reactions:{seed}")
    return [_reactions(dice) for _ in range(REACTIONS)]


def photo(dice: Dice, size: int) -> types.Photo:
    """Of so many bytes in its biggest size."""
    wide, high = dice.between(640, 1280), dice.between(480, 1280)
    known_id = files.file_id(dice.draw(), size)
    sizes = [
        types.PhotoSize(type="m", w=320, h=240, size=size // 9),
        types.PhotoSizeProgressive(type="y", w=wide, h=high, sizes=[size // 5, size // 2, size]),
    ]
    return types.Photo(
        id=known_id,
        access_hash=files.access_hash(known_id),
        file_reference=files.reference(0),
        date=_moment(dice),
        sizes=sizes,
        dc_id=2,
    )


def _photo(dice: Dice) -> bytes:
    size = dice.between(20_000, 240_000)
    return bytes(types.MessageMediaPhoto(photo=photo(dice, size)))


def document(dice: Dice, mime: str, size: int, attributes: list[Any]) -> types.Document:
    known_id = files.file_id(dice.draw(), size)
    return types.Document(
        id=known_id,
        access_hash=files.access_hash(known_id),
        file_reference=files.reference(0),
        date=_moment(dice),
        mime_type=mime,
        size=size,
        dc_id=2,
        attributes=attributes,
    )


def _document(dice: Dice, mime: str, size: int, attributes: list[Any], **flags: bool) -> bytes:
    held = document(dice, mime, size, attributes)
    return bytes(types.MessageMediaDocument(document=held, **flags))


def _file(dice: Dice) -> bytes:
    name, mime = dice.pick(_FILES)
    named = types.DocumentAttributeFilename(file_name=name)
    return _document(dice, mime, dice.between(900, 48_000_000), [named])


def _video(dice: Dice) -> bytes:
    shape = types.DocumentAttributeVideo(
        duration=float(dice.between(3, 900)), w=1280, h=720, supports_streaming=True
    )
    named = types.DocumentAttributeFilename(file_name=f"VID_{dice.below(9999):04d}.mp4")
    return _document(
        dice, "video/mp4", dice.between(400_000, 90_000_000), [shape, named], video=True
    )


def _voice(dice: Dice) -> bytes:
    sound = types.DocumentAttributeAudio(
        duration=dice.between(1, 180), voice=True, waveform=b"\x0f\x1e" * 16
    )
    return _document(dice, "audio/ogg", dice.between(4_000, 700_000), [sound], voice=True)


def _sticker(dice: Dice) -> bytes:
    look = [
        types.DocumentAttributeImageSize(w=512, h=512),
        types.DocumentAttributeSticker(
            alt=dice.pick(_STICKERS), stickerset=types.InputStickerSetEmpty()
        ),
        types.DocumentAttributeFilename(file_name="sticker.webp"),
    ]
    return _document(dice, "image/webp", dice.between(8_000, 60_000), look)


def _web_page(dice: Dice) -> bytes:
    number = dice.below(9999)
    page = types.WebPage(
        id=abs(dice.long()),
        url=f"https://example.com/news/{number}",
        display_url=f"example.com/news/{number}",
        hash=0,
        type="article",
        site_name="Example",
        title=f"Story {number}",
        description="What happened, and what comes next.",
    )
    return bytes(types.MessageMediaWebPage(webpage=page))


def _place(dice: Dice) -> bytes:
    point = types.GeoPoint(
        long=dice.below(360) - 180.0, lat=dice.below(160) - 80.0, access_hash=dice.long()
    )
    return bytes(types.MessageMediaGeo(geo=point))


def _poll(dice: Dice) -> bytes:
    answers = [
        types.PollAnswer(text=_plain(label), option=bytes((at,)))
        for at, label in enumerate(("Yes 是", "No 否", "Maybe 不好说"))
    ]
    poll = types.Poll(
        id=abs(dice.long()), question=_plain("Will it last? 能持续吗?"), answers=answers, hash=0
    )
    voters = types.PollResults(total_voters=dice.below(900))
    return bytes(types.MessageMediaPoll(poll=poll, results=voters))


def _reactions(dice: Dice) -> bytes:
    first = dice.below(len(_EMOJI))
    results = [
        types.ReactionCount(
            reaction=types.ReactionEmoji(emoticon=_EMOJI[(first + at) % len(_EMOJI)]),
            count=dice.between(1, 300),
        )
        for at in range(dice.between(1, 4))
    ]
    return bytes(types.MessageReactions(results=results))


def _plain(text: str) -> types.TextWithEntities:
    return types.TextWithEntities(text=text, entities=[])


def _moment(dice: Dice) -> datetime:
    return _EPOCH + timedelta(seconds=dice.below(100_000_000))
