"""Usernames and links in the forms that people paste."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.links import BadSource, SourceFault, link_to, parse_source, parse_sources


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


@pytest.mark.parametrize(
    "text",
    [
        "https://t.me/+AbC-d_f123",
        "t.me/joinchat/AbC-d_f123",
        "telegram.me/+AbC-d_f123/",
        "https://t.me/%2BAbC-d_f123",
        "tg://join?invite=AbC-d_f123",
        "+AbC-d_f123",
    ],
)
def test_every_form_of_an_invite_keeps_its_hash_as_it_is(text: str) -> None:
    assert parse_source(text) == "+AbC-d_f123"


@pytest.mark.parametrize(
    "text", ["https://t.me/c/1234567890/55", "t.me/c/1234567890", "-1001234567890"]
)
def test_a_private_chat_is_named_by_its_id(text: str) -> None:
    assert parse_source(text) == "-1001234567890"


@pytest.mark.parametrize("source", ["@cryptotalk", "+AbC-d_f123", "-1001234567890"])
def test_a_link_leads_back_to_its_source(source: str) -> None:
    assert parse_source(link_to(source)) == source


@pytest.mark.parametrize(
    "text", ["@ab", "你好", "@1name", "https://example.com/name", "@a b", "-100", "+4915112345678"]
)
def test_other_texts_are_no_sources(text: str) -> None:
    assert parse_source(text) == BadSource(text, SourceFault.NOT_A_NAME)


def test_a_list_keeps_its_order_and_each_source_once() -> None:
    good, bad = parse_sources("@beta_chat\nhttps://t.me/Alpha_Chat，@BETA_chat、坏 t.me/+abc")
    assert good == ("@beta_chat", "@alpha_chat", "+abc")
    assert [one.text for one in bad] == ["坏"]


@given(st.text(max_size=200))
def test_no_text_breaks_the_parser(text: str) -> None:
    good, bad = parse_sources(text)
    assert all(parse_source(source) == source for source in good)
    assert all(one.text for one in bad)
