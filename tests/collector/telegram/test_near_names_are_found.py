"""A mistyped name leads to the chats that were probably meant."""

import pytest

from collector.telegram.near import MOST, Nearest, queries
from core.chat import Chat, ChatKind


def chats(*usernames: str | None) -> list[Chat]:
    return [
        Chat(id=-number, kind=ChatKind.CHANNEL, title="T", username=username)
        for number, username in enumerate(usernames, 1)
    ]


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("@crypto_nwes", ["crypto_nwes", "crypto_", "crypto", "nwes"]),
        ("python", ["python", "pyth"]),
        ("@abc1", ["abc1", "abc"]),
        ("x", []),
    ],
)
def test_what_is_asked_for(name: str, asked: list[str]) -> None:
    assert list(queries(name)) == asked


def test_the_nearest_come_first_and_strangers_not_at_all() -> None:
    nearest = Nearest("@crypto_nwes")
    nearest.add(chats("weather", "crypto_new", "Crypto_News", None))
    assert [chat.username for chat in nearest.best()] == ["Crypto_News", "crypto_new"]


def test_one_that_must_be_it_ends_the_search() -> None:
    nearest = Nearest("@chess_clubb")
    nearest.add(chats("chess_board"))
    assert not nearest.good_enough()
    nearest.add(chats("chess_club"))
    assert nearest.good_enough()


def test_a_few_are_enough() -> None:
    nearest = Nearest("@daily_news")
    nearest.add(chats(*(f"daily_news{number}" for number in range(9))))
    assert len(nearest.best()) == MOST
