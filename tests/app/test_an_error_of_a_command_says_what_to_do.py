"""What ends a command is told in words for whoever typed it."""

import pytest

from app.errors import explained
from core.errors import CrewError, DailyLimit, FloodError, Paced

ONE_HOUR = 3600.0


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (FloodError(ONE_HOUR, "login"), "Telegram asks this account to wait 60 minutes"),
        (Paced(ONE_HOUR, "join"), "The account's own PACE lets the next attempt begin in 60"),
        (DailyLimit(ONE_HOUR, "join"), "as many calls of this kind today as its PACE allows"),
        (EOFError(), "The input ended"),
        (FileNotFoundError(2, "No such file", "/there"), "/there: No such file. Choose another"),
    ],
    ids=lambda case: type(case).__name__,
)
def test_each_kind_has_its_own_sentence(error: Exception, says: str) -> None:
    text = explained(error)
    assert text is not None
    assert says in text


def test_several_at_once_are_told_once_each() -> None:
    group = ExceptionGroup("all", [CrewError("one"), ExceptionGroup("more", [CrewError("one")])])
    assert explained(group) == "one"


def test_a_bug_is_told_by_its_traceback_even_beside_what_is_known() -> None:
    assert explained(ExceptionGroup("all", [CrewError("one"), ZeroDivisionError()])) is None
