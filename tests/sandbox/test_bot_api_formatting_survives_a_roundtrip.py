"""HTML, MarkdownV2 and given entities come back as what was meant, counted in UTF-16."""

import re

import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import MessageEntity
from aiogram.utils.formatting import (
    BlockQuote,
    Bold,
    Code,
    ExpandableBlockQuote,
    Italic,
    Pre,
    Spoiler,
    Strikethrough,
    Text,
    TextLink,
    Underline,
)
from aiogram.utils.text_decorations import html_decoration, markdown_decoration
from bot_api_side import Side
from hypothesis import given
from hypothesis import strategies as st

from sandbox.bot_api.entities import finished, given_entities, units
from sandbox.bot_api.errors import ApiError
from sandbox.bot_api.html_markup import parse_html
from sandbox.bot_api.markdown_markup import parse_markdown

PLAIN = st.text(
    st.sampled_from("ab 中文😀👩‍🚀é_*[]()~`>#+-=|{}.!<>&\"'\\"), min_size=1, max_size=12
).map(lambda text: f"x{text}x")
MARKS = (Bold, Italic, Underline, Strikethrough, Spoiler)


def nested(marks: list[type[Text]], texts: list[str]) -> Text:
    """The first mark around text, the second mark and text, and so on inwards."""
    inner = nested(marks[1:], texts[2:]) if len(marks) > 1 else Text(texts[2])
    return marks[0](texts[0], inner, texts[1])


NESTED = st.builds(
    nested,
    st.lists(st.sampled_from(MARKS), min_size=1, max_size=4, unique=True),
    st.lists(PLAIN, min_size=10, max_size=10),
)
RICH = st.lists(
    st.one_of(
        PLAIN,
        NESTED,
        PLAIN.map(Code),
        PLAIN.map(lambda text: TextLink(text, url="https://example.com/a_b")),
    ),
    min_size=1,
    max_size=5,
).map(lambda parts: Text(*[each for part in parts for each in (part, " ; ")]))


def kinds(entities: list[dict]) -> list[tuple[str, int, int]]:
    return [(each["type"], each["offset"], each["length"]) for each in entities]


def meant(text: Text) -> tuple[str, list[tuple[str, int, int]]]:
    plain, entities = text.render()
    kept = finished(plain, [entity.model_dump(exclude_none=True) for entity in entities])
    return kept.plain, kinds(kept.entities)


@given(RICH)
def test_html_means_what_aiogram_wrote(text: Text) -> None:
    plain, entities = text.render()
    parsed = finished(*parse_html(html_decoration.unparse(plain, entities)))
    assert (parsed.plain, kinds(parsed.entities)) == meant(text)


@given(RICH)
def test_markdown_means_what_aiogram_wrote(text: Text) -> None:
    plain, entities = text.render()
    parsed = finished(*parse_markdown(markdown_decoration.unparse(plain, entities)))
    assert (parsed.plain, kinds(parsed.entities)) == meant(text)


@given(st.text(max_size=40))
def test_any_text_parses_or_is_refused(source: str) -> None:
    for parse in (parse_html, parse_markdown):
        try:
            text = finished(*parse(source))
        except ApiError as error:
            refused = error.description
            assert refused.startswith("Bad Request: can't parse entities: ")
        else:
            ends = [each["offset"] + each["length"] for each in text.entities]
            assert all(0 < end <= units(text.plain) for end in ends)


@pytest.mark.parametrize(
    ("source", "plain", "expected"),
    [
        ("😀 <b>中文</b>", "😀 中文", [("bold", 3, 2)]),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ('<a href="https://a.b/?x=1&amp;y=2">t</a>', "t", [("text_link", 0, 1)]),
        ("&lt;&gt;&amp;&quot;&#33;&#x21;&nbsp;", '<>&"!!&nbsp;', []),
        ('<span class="tg-spoiler">s</span>', "s", [("spoiler", 0, 1)]),
        ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", 0, 1)]),
        ('<tg-time unix="1790000000" format="wDT">soon</tg-time>', "soon", [("date_time", 0, 4)]),
        ('<tg-emoji emoji-id="5368">👍</tg-emoji>', "👍", [("custom_emoji", 0, 2)]),
        ('<pre><code class="language-python">x = 1</code></pre>', "x = 1", [("pre", 0, 5)]),
        ("  <b> a </b>  ", " a", [("bold", 0, 2)]),
        ("<b></b>x", "x", []),
    ],
)
def test_html(source: str, plain: str, expected: list) -> None:
    text = finished(*parse_html(source))
    assert (text.plain, kinds(text.entities)) == (plain, expected)


@pytest.mark.parametrize(
    ("source", "plain", "expected"),
    [
        (
            "*b* _i_ __u__ ~s~ ||p||",
            "b i u s p",
            ["bold", "italic", "underline", "strikethrough", "spoiler"],
        ),
        ("_i __u___", "i u", ["italic", "underline"]),
        ("`a\\`b` \\*", "a`b *", ["code"]),
        ("```python\nx = 1\n```", "x = 1", ["pre"]),
        ("[t](https://a.b/\\)x)", "t", ["text_link"]),
        ("![👍](tg://emoji?id=5368)", "👍", ["custom_emoji"]),
        ("![soon](tg://time?unix=1790000000&format=wDT)", "soon", ["date_time"]),
        (">one\n>two\nafter", "one\ntwo\nafter", ["blockquote"]),
        (">one\n>two||", "one\ntwo", ["expandable_blockquote"]),
        (">one\n**>two", "one\ntwo", ["blockquote", "blockquote"]),
    ],
)
def test_markdown(source: str, plain: str, expected: list) -> None:
    text = finished(*parse_markdown(source))
    assert (text.plain, [each["type"] for each in text.entities]) == (plain, expected)


@pytest.mark.parametrize(
    ("mode", "text", "reason"),
    [
        ("HTML", "é<p>x</p>", 'Unsupported start tag "p" at byte offset 2'),
        ("HTML", "<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("HTML", "<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("HTML", "x</b>", "Unexpected end tag at byte offset 1"),
        ("HTML", "a < b", "Unclosed start tag at byte offset 2"),
        ("HTML", "<span>x</span>", 'Tag "span" must have class "tg-spoiler"'),
        ("MarkdownV2", "a.b", "Character '.' is reserved and must be escaped"),
        ("MarkdownV2", "中*b", "Can't find end of Bold entity at byte offset 3"),
        ("MarkdownV2", "`b", "Can't find end of Code entity at byte offset 0"),
    ],
)
async def test_bad_markup_is_refused_with_its_place(
    side: Side, mode: str, text: str, reason: str
) -> None:
    await side.operator.send("hi")
    async with side.bot(parse_mode=mode) as bot:
        with pytest.raises(TelegramBadRequest, match=re.escape(f"can't parse entities: {reason}")):
            await bot.send_message(side.operator.id, text)


async def test_rich_text_arrives_and_reads_back(side: Side) -> None:
    await side.operator.send("hi")
    content = Text(
        "😀 ",
        Bold("bold ", Italic("both")),
        "\n",
        BlockQuote("quoted"),
        "\n",
        ExpandableBlockQuote("folded"),
        "\n",
        Pre("x = 1", language="python"),
    )
    async with side.bot() as bot:
        sent = await bot.send_message(side.operator.id, **content.as_kwargs())
    assert (sent.text, [each.type for each in sent.entities]) == (
        content.render()[0],
        ["bold", "italic", "blockquote", "expandable_blockquote", "pre"],
    )
    assert sent.html_text.startswith("😀 <b>bold <i>both</i></b>\n<blockquote>quoted</blockquote>")


def test_entities_out_of_place_are_refused() -> None:
    for offset, length in ((0, 3), (1, 1), (2, 9)):
        with pytest.raises(ApiError, match="UTF-16"):
            given_entities("😀", [{"type": "bold", "offset": offset, "length": length}])
    assert given_entities("ab", [{"type": "hashtag", "offset": 0, "length": 1}]) == []


async def test_links_commands_and_names_are_found(side: Side) -> None:
    async with side.bot() as bot:
        await side.operator.send(
            "😀 /newtask @harbour_news https://t.me/a_b/12, #tag t.me/x a@b.co"
        )
        message = (await bot.get_updates())[-1].message
    found = [(each.type, each.extract_from(message.text)) for each in message.entities]
    assert found == [
        ("bot_command", "/newtask"),
        ("mention", "@harbour_news"),
        ("url", "https://t.me/a_b/12"),
        ("hashtag", "#tag"),
        ("url", "t.me/x"),
        ("email", "a@b.co"),
    ]
    assert isinstance(message.entities[0], MessageEntity)
