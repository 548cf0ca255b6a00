"""A link to a private chat has Telegram's own id, a source the marked one, of whatever length."""

import pytest

from core.links import BadSource, chat_id, link_to, parse_source

BARE = [int("1" + "0" * (digits - 1)) for digits in range(1, 14)]
BARE += [int("9" * digits) for digits in range(1, 13)]
BARE += [12_345_678_901, 1, 997_852_516_352]


@pytest.mark.parametrize("bare", BARE)
def test_a_link_leads_to_the_marked_id_and_back(bare: int) -> None:
    marked = -1_000_000_000_000 - bare
    texts = (
        f"t.me/c/{bare}",
        f"https://t.me/c/{bare}/5",
        f"https://t.me/c/{bare}/5/77?single",
        f"tg://privatepost?channel={bare}&post=5",
    )
    for text in texts:
        assert parse_source(text) == str(marked)
        assert chat_id(str(marked)) == marked
    assert link_to(str(marked)) == f"https://t.me/c/{bare}/1"
    assert parse_source(link_to(str(marked))) == str(marked)


@pytest.mark.parametrize("text", ["t.me/c/0", "t.me/c/00/1", "t.me/c/12345678901234"])
def test_what_no_chat_has_is_no_source(text: str) -> None:
    assert isinstance(parse_source(text), BadSource)


def test_a_basic_group_has_no_link() -> None:
    for number in ("-10012345", "-1001234567", "-100123456789"):
        assert link_to(number) == number
