"""Skimming gives what full decoding gives, or leaves the page to it: never something else."""

import random
from collections.abc import Iterator
from functools import cache

import pytest
from skim_fuzz import IDS, PEER, Schema, decoded, layout_of_cached, reachable
from telethon.tl import types
from telethon.tl.alltlobjects import tlobjects
from telethon.tl.types import messages

from collector.gateway import Page
from collector.telegram.skim.generator import Skips
from collector.telegram.skim.runtime import Unfamiliar, key_of, namespace
from collector.telegram.skim.skimmer import Skimmer

PAGES = 500
DAMAGED = 2_400


@cache
def fuzzed(seed: int) -> tuple[Schema, list[bytes]]:
    schema = Schema(seed)
    return schema, [schema.page() for _ in range(PAGES)]


def skim(skimmer: Skimmer, data: bytes) -> object:
    return skimmer.page(data, 0, PEER.chat, "a1")


def page_with(*found: object) -> bytes:
    return bytes(
        messages.ChannelMessages(
            pts=1, count=9, messages=list(found), topics=[], chats=[], users=[]
        )
    )


def message(**fields: object) -> types.Message:
    given = {"id": 5, "peer_id": types.PeerChannel(IDS[-1]), "date": 9, "message": "hello"}
    return types.Message(**{**given, **fields})


def test_whatever_the_schema_allows() -> None:
    skimmer = Skimmer()
    schema, pages = fuzzed(20260601)
    for number, data in enumerate(pages):
        page, full = skim(skimmer, data), decoded(data)
        assert isinstance(full, Page), f"page {number}: {full!r}"
        assert page in (None, full), f"page {number}"
    assert skimmer.pages + skimmer.fallbacks.total() == PAGES
    assert skimmer.pages > 0.85 * PAGES
    assert len(reachable() & set(schema.made)) > 400


def test_pages_are_what_they_were_when_people_are_remembered() -> None:
    skimmer = Skimmer()
    _, pages = fuzzed(20260601)
    first = [skim(skimmer, data) for data in pages[:100]]
    again = [skim(skimmer, bytes(bytearray(data))) for data in pages[:100]]
    assert first == again


def test_every_constructor_is_passed_over_to_its_last_byte() -> None:
    schema = Schema(7)
    skips = Skips()
    skips.names = namespace(skips)
    for cls in sorted(reachable(), key=lambda cls: cls.CONSTRUCTOR_ID):
        for depth in (0, 2, 4):
            data = bytes(schema.make(cls, depth))
            assert skips[key_of(cls)](data, 4) == len(data), cls.__name__


def damaged(pages: list[bytes]) -> Iterator[bytes]:
    """Cut off or with some bits turned."""
    dice = random.Random(5)
    for number in range(DAMAGED):
        data = bytearray(pages[number % len(pages)])
        if number % 3 == 0:
            yield bytes(data[: dice.randrange(len(data))])
            continue
        for _ in range(dice.choice((1, 1, 2, 5))):
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        yield bytes(data)


def test_damaged_pages() -> None:
    skimmer = Skimmer()
    _, pages = fuzzed(20260601)
    whole = [data for data in pages if 300 < len(data) < 6_000]
    for number, data in enumerate(damaged(whole)):
        page = skim(skimmer, data)
        assert page is None or page == decoded(data), f"damage {number}"
    assert skimmer.pages > DAMAGED / 10
    assert skimmer.fallbacks.total() > DAMAGED / 10


def test_every_cut_of_a_page_is_noticed() -> None:
    skimmer = Skimmer()
    data = page_with(
        message(media=types.MessageMediaDice(1, "x")),
        message(entities=[types.MessageEntityUrl(0, 5)], post_author="somebody"),
    )
    assert skim(skimmer, data) == decoded(data)
    assert skim(skimmer, data + b"more of what follows") == decoded(data)
    assert [skim(skimmer, data[:end]) for end in range(len(data))] == [None] * len(data)


@pytest.mark.parametrize("key", [b"\1\2\3\4", key_of(types.Updates), key_of(types.PeerUser)])
def test_what_is_unknown_is_counted_and_left_to_telethon(key: bytes) -> None:
    skimmer = Skimmer()
    known = key_of(types.MessageMediaDice)
    data = page_with(message(media=types.MessageMediaDice(1, "x"))).replace(known, key)
    cls = tlobjects.get(int.from_bytes(key, "little"))
    for times in (1, 2):
        assert skim(skimmer, data) is None
        assert skimmer.fallbacks == {cls.__name__ if cls else key.hex(): times}
    assert skimmer.pages == 0


def test_what_nobody_keeps_may_be_unknown_to_nobody() -> None:
    skips = Skips()
    with pytest.raises(Unfamiliar):
        skips[b"\1\2\3\4"]
    with pytest.raises(Unfamiliar):
        skips[b"\1"]


def test_a_page_that_begins_elsewhere() -> None:
    skimmer = Skimmer()
    data = page_with(message())
    assert skimmer.page(b"1234" + data, 4, PEER.chat, "a1") == decoded(data)
    assert skimmer.page(b"123" + data, 3, PEER.chat, "a1") is None


def test_all_constructors_of_a_page_have_a_layout() -> None:
    assert len(reachable()) > 450
    assert all(layout_of_cached(cls) is not None for cls in reachable())
