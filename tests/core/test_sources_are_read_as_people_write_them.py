"""Usernames and links in the forms that people paste."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.links import BadSource, SourceFault, parse_source, parse_sources


@pytest.mark.parametrize(
    "text",
    [
        "@CryptoTalk",
        "cryptotalk",
        "https://t.me/CryptoTalk",
        "http://t.me/cryptotalk/",
        "t.me/cryptotalk/1234",
        "https://t.me/s/cryptotalk",
        "https://telegram.me/cryptotalk?start=1",
        "cryptotalk.t.me",
        "tg://resolve?domain=cryptotalk",
        " @cryptotalk, ",
        "@cryptotalk。",
    ],
)
def test_every_form_means_the_same_chat(text: str) -> None:
    assert parse_source(text) == "@cryptotalk"


@pytest.mark.parametrize("text", ["https://t.me/+AbCdEf123", "t.me/joinchat/AAAAAE", "t.me/+x-_y"])
def test_invites_are_told_apart(text: str) -> None:
    assert parse_source(text) == BadSource(text, SourceFault.INVITE)


@pytest.mark.parametrize(
    "text", ["@ab", "你好", "@1name", "https://example.com/name", "@a b", "-100"]
)
def test_other_texts_are_no_sources(text: str) -> None:
    assert parse_source(text) == BadSource(text, SourceFault.NOT_A_NAME)


def test_a_list_keeps_its_order_and_each_source_once() -> None:
    good, bad = parse_sources("@beta_chat\nhttps://t.me/Alpha_Chat，@BETA_chat、坏 t.me/+abc")
    assert good == ("@beta_chat", "@alpha_chat")
    assert [one.text for one in bad] == ["坏", "t.me/+abc"]


@given(st.text(max_size=200))
def test_no_text_breaks_the_parser(text: str) -> None:
    good, bad = parse_sources(text)
    assert all(source.startswith("@") and source == source.lower() for source in good)
    assert all(one.text for one in bad)
