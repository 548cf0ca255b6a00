"""Names and links, each in any form and any wrapping, between whatever separates."""

import sys
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.links import BadSource, SourceFault, parse_source, parse_sources
from core.pasted import lines, pieces

NAME, INVITE, PRIVATE = "@python_talk", "+AbCdEfGhIjKlMnO1", "-1001234567890"

LINKS = {
    "https://t.me/python_talk": NAME,
    "http://t.me/python_talk/": NAME,
    "t.me/python_talk": NAME,
    "T.ME/Python_Talk": NAME,
    "www.t.me/python_talk": NAME,
    "telegram.me/python_talk": NAME,
    "https://telegram.dog/python_talk": NAME,
    "python_talk.t.me": NAME,
    "https://python_talk.t.me/55": NAME,
    "t.me/@python_talk": NAME,
    "t.me/s/python_talk": NAME,
    "t.me/s/python_talk?before=100": NAME,
    "t.me/python_talk?text=hello%20there": NAME,
    "t.me/python_talk?direct": NAME,
    "t.me/python_talk?profile": NAME,
    "t.me/python_talk/123": NAME,
    "t.me/python_talk/123?single": NAME,
    "t.me/python_talk/12/123?comment=5&t=60": NAME,
    "t.me/python_talk/123?thread=12": NAME,
    "t.me/python_talk/s/7": NAME,
    "t.me/python_talk/a/7": NAME,
    "t.me/python_talk/c/7": NAME,
    "t.me/python_talk?boost": NAME,
    "t.me/boost/python_talk": NAME,
    "t.me/python_talk?videochat": NAME,
    "t.me/python_talk?voicechat=Hash": NAME,
    "t.me/python_talk?livestream": NAME,
    "t.me/python_talk?start=message-8": NAME,
    "t.me/python_talk?startgroup=8&admin=delete_messages": NAME,
    "t.me/python_talk?startchannel&admin=post_messages": NAME,
    "t.me/python_talk?game=short_name": NAME,
    "t.me/python_talk/app?startapp=8&mode=compact": NAME,
    "t.me/python_talk?attach=bot_name&startattach=8": NAME,
    "t.me/python_talk#top": NAME,
    "tg://resolve?domain=python_talk": NAME,
    "tg:resolve?domain=python_talk": NAME,
    "tg://resolve/?domain=python_talk": NAME,
    "TG://resolve?domain=Python_Talk": NAME,
    "tg://resolve?post=5&thread=1&domain=python_talk&comment=3": NAME,
    "tg://resolve?domain=python_talk&story=7": NAME,
    "tg://resolve?domain=python_talk&videochat": NAME,
    "tg://resolve?domain=python_talk&startapp=8": NAME,
    "tg://boost?domain=python_talk": NAME,
    "https://web.telegram.org/k/#@python_talk": NAME,
    "https://web.telegram.org/a/#@python_talk": NAME,
    "https://web.telegram.org/#/im?p=@python_talk": NAME,
    "https://web.telegram.org/k/#?tgaddr=tg%3A%2F%2Fresolve%3Fdomain%3Dpython_talk": NAME,
    "https://web.telegram.org/a/#-1001234567890": PRIVATE,
    "https://web.telegram.org/a/#-1001234567890_55": PRIVATE,
    "https://t.me/+AbCdEfGhIjKlMnO1": INVITE,
    "https://t.me/%2BAbCdEfGhIjKlMnO1": INVITE,
    "t.me/joinchat/AbCdEfGhIjKlMnO1": INVITE,
    "telegram.me/joinchat/AbCdEfGhIjKlMnO1/": INVITE,
    "tg://join?invite=AbCdEfGhIjKlMnO1": INVITE,
    "tg:join?invite=AbCdEfGhIjKlMnO1": INVITE,
    "t.me/c/1234567890/55": PRIVATE,
    "t.me/c/1234567890/12/55?single": PRIVATE,
    "t.me/c/1234567890?thread=12": PRIVATE,
    "t.me/c/1234567890?boost": PRIVATE,
    "t.me/boost?c=1234567890": PRIVATE,
    "tg://privatepost?channel=1234567890&post=55": PRIVATE,
    "tg://privatepost?post=55&thread=2&channel=1234567890": PRIVATE,
    "tg://boost?channel=1234567890": PRIVATE,
}
"""Each kind of link of Telegram's page on deep links that leads to a chat, in both syntaxes."""

OTHER, PERSON, FOLDER = SourceFault.OTHER_LINK, SourceFault.PERSON, SourceFault.FOLDER
NO_CHATS = {
    "t.me/addlist/Slug123": FOLDER,
    "tg://addlist?slug=Slug123": FOLDER,
    "t.me/+4915112345678": PERSON,
    "tg://resolve?phone=4915112345678": PERSON,
    "t.me/contact/Token": PERSON,
    "tg://contact?token=Token": PERSON,
    "tg://user?id=1234567890": PERSON,
    "tg://openmessage?user_id=1234567890": PERSON,
    "t.me/m/Slug": PERSON,
    "tg://message?slug=Slug": PERSON,
    "t.me/share/url?url=example.com": OTHER,
    "t.me/share?url=example.com&text=hello": OTHER,
    "tg://msg_url?url=example.com": OTHER,
    "tg://msg?text=hello": OTHER,
    "t.me/addstickers/Slug": OTHER,
    "tg://addstickers?set=Slug": OTHER,
    "t.me/addemoji/Slug": OTHER,
    "tg://addemoji?set=Slug": OTHER,
    "tg://emoji?id=5368324170671202286": OTHER,
    "t.me/proxy?server=a&port=1&secret=b": OTHER,
    "tg://proxy?server=a&port=1&secret=b": OTHER,
    "t.me/socks?server=a&port=1": OTHER,
    "tg://socks?server=a&port=1": OTHER,
    "t.me/addtheme/Slug": OTHER,
    "tg://addtheme?slug=Slug": OTHER,
    "t.me/bg/Slug": OTHER,
    "tg://bg?slug=Slug": OTHER,
    "t.me/$Slug": OTHER,
    "t.me/invoice/Slug": OTHER,
    "tg://invoice?slug=Slug": OTHER,
    "t.me/setlanguage/de": OTHER,
    "tg://setlanguage?lang=de": OTHER,
    "t.me/confirmphone?phone=1&hash=2": OTHER,
    "t.me/login/12345": OTHER,
    "tg://login?token=Token": OTHER,
    "tg://passport?bot_id=1": OTHER,
    "t.me/iv?url=https%3A%2F%2Fexample.com&rhash=1": OTHER,
    "t.me/giftcode/Slug": OTHER,
    "tg://giftcode?slug=Slug": OTHER,
    "t.me/nft/Slug-1": OTHER,
    "tg://nft?slug=Slug-1": OTHER,
    "t.me/call/Slug": OTHER,
    "tg://call?slug=Slug": OTHER,
    "tg://settings/privacy": OTHER,
    "tg://premium_offer?ref=a": OTHER,
    "tg://premium_multigift?ref=a": OTHER,
    "tg://stars_topup?balance=1": OTHER,
    "tg://restore_purchases": OTHER,
    "t.me": OTHER,
    "https://t.me/": OTHER,
}

WRAPPINGS = (
    "{}",
    "<{}>",
    "({})",
    "[{}]",
    "[the best of all]({})",
    "[the best of all](<{}>)",
    '[the best]({} "a title")',
    '<a href="{}">the best</a>',
    "<a class='x' href='{}'>the best</a>",
    "<b>{}</b>",
    "**{}**",
    "*{}*",
    "`{}`",
    "~~{}~~",
    "||{}||",
    '"{}"',
    "'{}'",
    "“{}”",
    "‘{}’",
    "«{}»",
    "「{}」",
    "『{}』",
    "（{}）",
    "【{}】",
    "《{}》",
    "{}.",
    "{}。",
    "{}!",
    "{}！",
    "{}?",
    "{}？",
    "{}:",
    "{}：",
    "{}…",
    "- {}",
    "* {}",
    "• {}",
    "1. {}",
    "2) {}",
    "3、{}",
    "🔥{}🔥",
    "\u2068{}\u2069",
    "\u200e{}\u200f",
    "\ufeff{}\u200b",
)
PIECES = {**LINKS, NAME: NAME, "＠python_talk": NAME, "@Python_Talk": NAME}
PIECES |= {INVITE: INVITE, PRIVATE: PRIVATE, "−1001234567890": PRIVATE, "python_talk": NAME}


def is_separator(sign: str) -> bool:
    """By Unicode's own table: white space, controls, marks that are not seen, punctuation that no
    link is made of, symbols."""
    if sign in "-._~:/?#@!$&'*+=%\u00ad" or 0xD800 <= ord(sign) <= 0xDFFF:
        return False
    if unicodedata.normalize("NFKC", sign) in set("-._~:/?#@!$&'*+=%\\"):
        return False
    return unicodedata.category(sign)[0] in "ZCPS" and unicodedata.category(sign) not in {
        "Cn",
        "Co",
    }


SEPARATORS = [sign for sign in map(chr, range(sys.maxunicode + 1)) if is_separator(sign)]


def test_every_sign_that_separates_keeps_sources_apart() -> None:
    assert len(SEPARATORS) > 7_000
    for sign in SEPARATORS:
        text = f"@one_group{sign}t.me/two_group{sign}{PRIVATE}{sign}https://t.me/+AbC-d_{sign}x_y_z"
        assert parse_sources(text)[0] == (
            "@one_group",
            "@two_group",
            PRIVATE,
            "+AbC-d_",
            "@x_y_z",
        ), hex(ord(sign))


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_every_form_is_found_in_every_wrapping(wrapping: str) -> None:
    for piece, source in PIECES.items():
        if "'" in wrapping and "'" in piece:
            continue
        assert parse_sources(wrapping.format(piece)) == ((source,), ()), wrapping.format(piece)


@pytest.mark.parametrize("link", LINKS)
def test_every_link_to_a_chat_is_a_source_by_itself(link: str) -> None:
    assert parse_source(link) == LINKS[link]


@pytest.mark.parametrize("link", NO_CHATS)
def test_links_to_other_things_are_named_and_told_apart(link: str) -> None:
    good, bad = parse_sources(f"@one_group {link} @two_group")
    assert good == ("@one_group", "@two_group")
    assert bad == (BadSource(link.rstrip("/"), NO_CHATS[link]),)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(PIECES)),
            st.sampled_from(WRAPPINGS),
            st.lists(st.sampled_from(SEPARATORS), min_size=1, max_size=3),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_known_pieces_with_any_separators_are_exactly_these(
    parts: list[tuple[str, str, list[str]]],
) -> None:
    lines_of = (wrapping.format(piece) + "\n" + "".join(gap) for piece, wrapping, gap in parts)
    good, bad = parse_sources("".join(lines_of))
    assert good == tuple(dict.fromkeys(PIECES[piece] for piece, _, _ in parts))
    assert not [one for one in bad if one.fault is not SourceFault.NOT_A_NAME]
    assert all(not any(sign.isalnum() for sign in one.text) for one in bad)


@given(st.text(max_size=300) | st.text("@t.me/+-_:[]()<a>?# \n\u200b", max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    good, bad = parse_sources(text)
    assert all(parse_source(source) == source for source in good)
    assert all(one.text and one.text == one.text.strip() for one in bad)
    assert all(phrase == phrase.strip() for phrase in lines(text))


def test_names_are_found_where_they_touch_each_other_and_other_words() -> None:
    assert parse_sources("@a_one。@b_two")[0] == ("@a_one", "@b_two")
    assert parse_sources("@a_one@b_two.@c_three/@d_four")[0] == (
        "@a_one",
        "@b_two",
        "@c_three",
        "@d_four",
    )
    good, bad = parse_sources("请看https://t.me/python_talk和@rust_talk")
    assert good == ("@python_talk", "@rust_talk")
    assert [one.text for one in bad] == ["请看", "和"]


def test_ordinary_words_are_told_from_names() -> None:
    good, bad = parse_sources("read python and @rust_talk, 币圈 too, a_b_c, web3")
    assert good == ("@rust_talk", "@a_b_c")
    bare = [one.text for one in bad if one.fault is SourceFault.BARE_WORD]
    assert bare == ["read", "python", "web3"]
    assert [one.text for one in bad if one.fault is SourceFault.NOT_A_NAME] == [
        "and",
        "币圈",
        "too",
    ]


@pytest.mark.parametrize("text", ["crew@example.com", "a.b+c@mail.example.org"])
def test_a_mail_address_is_no_name(text: str) -> None:
    assert parse_sources(text) == ((), (BadSource(text, SourceFault.NOT_A_NAME),))


def test_two_hundred_names_are_two_hundred_sources() -> None:
    names = [f"@group_number_{number}" for number in range(200)]
    assert parse_sources("、".join(names)) == (tuple(names), ())


@pytest.mark.parametrize("sign", "a<[@-.t'+=/\u200b。")
def test_a_message_of_one_sign_is_read_at_once(sign: str) -> None:
    begun = time.process_time()
    pieces(sign * 4096)
    pieces(f"<a href={sign}" * 400)
    pieces(f"[{sign}](t.me/" * 400)
    assert time.process_time() - begun < 5


def test_search_words_are_kept_apart_by_commas_of_every_script() -> None:
    kept_apart = [
        sign
        for sign in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(sign)[0] == "P"
        and any(
            part in unicodedata.name(sign, "").split() for part in ("COMMA", "SEMICOLON", "BULLET")
        )
    ]
    assert len(kept_apart) > 35
    for sign in (*kept_apart, *"\n\r\v\f\x85\u2028\u2029|｜◦∙■●"):
        assert lines(f"bitcoin news{sign}币圈 {sign} @x") == ["bitcoin news", "币圈", "@x"], hex(
            ord(sign)
        )


def test_search_words_lose_list_signs_and_marks_that_are_not_seen() -> None:
    text = "1. bitcoin\u200e\n2) \ufeff币圈\n- web3\u00a0news\n• ｎｆｔ\n  \n* می\u200cخواهم"
    text += "\n3、crypto"
    assert lines(text) == ["bitcoin", "币圈", "web3 news", "nft", "می\u200cخواهم", "crypto"]
