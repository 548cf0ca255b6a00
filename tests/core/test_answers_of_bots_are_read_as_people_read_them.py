"""Search bots answer in many forms; what they name is found in each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.answers import (
    BotMessage,
    Button,
    Find,
    Link,
    count_of,
    finds,
    finds_nothing,
    is_placeholder,
    next_page,
    way_in,
)
from core.chat import ChatKind


def linked(*lines: tuple[str, str, str]) -> BotMessage:
    """A text whose titles are links: (before, title, after) each, to `t.me/<title>`."""
    text, links = "", []
    for before, title, after in lines:
        start = len(text) + len(before)
        links.append(
            Link(start=start, end=start + len(title), url=f"https://t.me/{title.split()[0]}")
        )
        text += f"{before}{title}{after}\n"
    return BotMessage(id=1, text=text, links=tuple(links))


def test_numbered_links_are_read_with_their_members() -> None:
    message = linked(("1. ", "Bitcoin Talk", " 12.3k"), ("2. 👥 ", "chain_news", " (8,450)"))
    assert finds(message) == (
        Find(source="@bitcoin", title="Bitcoin Talk", members=12_300),
        Find(source="@chain_news", title="chain_news", members=8450, kind=ChatKind.SUPERGROUP),
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "1、币圈资讯 @biquan_daily 2.1万人",
            Find(source="@biquan_daily", title="币圈资讯", members=21_000),
        ),
        (
            "2. Dailies @daily_words 540",
            Find(source="@daily_words", title="Dailies", members=540),
        ),
        (
            "3) Dev chat - t.me/dev_chat - 540 members",
            Find(source="@dev_chat", title="Dev chat", members=540),
        ),
        (
            "技术交流 https://t.me/+AbC_1-x 成员：1,204",
            Find(source="+AbC_1-x", title="技术交流", members=1204),
        ),
        ("@just_a_name", Find(source="@just_a_name", title="@just_a_name")),
    ],
)
def test_plain_lines_are_read(line: str, expected: Find) -> None:
    assert finds(BotMessage(id=1, text=f"搜索结果：\n{line}\n")) == (expected,)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("1. 📢 Daily @daily_words 12k", ChatKind.CHANNEL),
        ("2. 👥 Dailies @daily_words 1.2k", ChatKind.SUPERGROUP),
        ("3) Daily — t.me/daily_words — 540 members, channel", ChatKind.CHANNEL),
        ("4) Daily — @daily_words — 540 members, group", ChatKind.SUPERGROUP),
        ("5、[频道] 每日新闻 https://t.me/daily_words 1.1万", ChatKind.CHANNEL),
        ("6. Daily @daily_words 👥 12k", None),
        ("7. Channel group of both @daily_words", None),
        ("8. Daily @daily_words 540", None),
    ],
)
def test_a_kind_that_is_told_is_read(line: str, kind: ChatKind | None) -> None:
    (find,) = finds(BotMessage(id=1, text=line))
    assert find.kind is kind


def test_words_of_a_title_tell_no_kind() -> None:
    (find,) = finds(linked(("1. 📢 ", "daily_group talk", " 540")))
    assert find.kind is ChatKind.CHANNEL
    (find,) = finds(linked(("1. ", "daily_channel talk", " 540")))
    assert find.kind is None


def test_a_title_ends_where_the_link_begins() -> None:
    (find,) = finds(BotMessage(id=1, text="3) Dev chat — t.me/dev_chat — 540 members, channel"))
    assert find.title == "Dev chat"


@pytest.mark.parametrize(
    ("text", "works", "nothing"),
    [
        ("Searching…", True, False),
        ("🔍 正在搜索,请稍候…", True, False),
        ("⏳", True, False),
        ("Please wait a moment", True, False),
        ("Nothing found for “x”.", False, True),
        ("未找到相关群组或频道,换个关键词试试。", False, True),
        ("No results", False, True),
        ("Too many requests. Please wait, try again later...", False, False),
        ("1. Looking for news @daily_words 540", False, False),
        ("Hello! Send me a word.", False, False),
    ],
)
def test_a_bot_at_work_is_told_from_one_that_has_answered(
    text: str, works: bool, nothing: bool
) -> None:
    message = BotMessage(id=1, text=text)
    assert is_placeholder(message) is works
    assert finds_nothing(message) is nothing


def test_sponsored_lines_are_left_out() -> None:
    text = "广告 @buy_this_now\nAd: t.me/casino_king\n1. real @real_group 90人"
    assert [find.source for find in finds(BotMessage(id=1, text=text))] == ["@real_group"]


def test_a_group_is_found_once_and_buttons_count_too() -> None:
    buttons = (
        Button(text="群组 A (1.5k)", url="https://t.me/group_a"),
        Button(text="again", url="https://t.me/GROUP_A"),
        Button(text="site", url="https://example.com/"),
    )
    found = finds(BotMessage(id=1, text="", buttons=buttons))
    assert found == (Find(source="@group_a", title="群组 A", members=1500),)


@pytest.mark.parametrize("text", ["Next ▶", "下一页", "➡️", ">>", "更多结果"])
def test_the_next_page_is_recognised(text: str) -> None:
    button = Button(text=text, data=b"p2")
    message = BotMessage(id=1, text="", buttons=(Button(text="1", data=b"p1"), button))
    assert next_page(message) == button


@pytest.mark.parametrize("text", ["✅ I am human", "开始使用", "点击验证", "Start"])
def test_a_greeting_has_a_way_in(text: str) -> None:
    button = Button(text=text, data=b"ok")
    assert way_in(BotMessage(id=1, text="hello", buttons=(button,))) == button


def test_a_button_that_opens_a_page_turns_nothing() -> None:
    message = BotMessage(id=1, text="", buttons=(Button(text="Next", url="https://t.me/x_name"),))
    assert next_page(message) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("12.3k", 12_300), ("1.2万", 12_000), ("12,345", 12_345), ("3M", 3_000_000), ("none", None)],
)
def test_shortened_numbers_are_counted(text: str, number: int | None) -> None:
    assert count_of(text) == number


@given(st.text(max_size=300), st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300))))
def test_no_answer_breaks_the_reader(text: str, places: list[tuple[int, int]]) -> None:
    links = tuple(Link(start=a, end=b, url=text[a:b]) for a, b in places)
    for find in finds(BotMessage(id=1, text=text, links=links)):
        assert find.source
        assert find.title
