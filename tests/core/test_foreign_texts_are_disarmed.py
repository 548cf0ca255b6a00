"""Texts from outside do nothing where people see them: each kind of them, in general."""

import json
import unicodedata

import pytest
from hostile import HOSTILE, SEEN, TURNING, harmless
from hypothesis import given
from hypothesis import strategies as st

from core.foreign import NOTHING_VISIBLE, escaped, one_line, safe_json, several_lines

ANY = st.text(st.characters(), max_size=30) | st.lists(
    st.sampled_from([*"".join(HOSTILE.values()), *"".join(SEEN.values())]), max_size=20
).map("".join)


@pytest.mark.parametrize("kind", SEEN)
def test_what_people_write_stays_as_it_is(kind: str) -> None:
    assert one_line(SEEN[kind]) == SEEN[kind]
    assert several_lines(f"{SEEN[kind]}\n{SEEN[kind]}") == f"{SEEN[kind]}\n{SEEN[kind]}"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_nothing_of_a_hostile_text_does_anything(text: str) -> None:
    harmless(one_line(text), lines=False)
    harmless(several_lines(text), lines=True)
    assert one_line(text)


@given(ANY)
def test_nothing_of_any_text_does_anything(text: str) -> None:
    harmless(one_line(text), lines=False)
    harmless(several_lines(text), lines=True)
    assert one_line(one_line(text)) == one_line(text)
    assert bool(one_line(text)) == bool(text)


def test_a_text_of_which_nothing_can_be_seen_is_a_question_mark() -> None:
    assert one_line(HOSTILE["nothing to see"]) == NOTHING_VISIBLE
    assert one_line(" \n ") == NOTHING_VISIBLE
    assert one_line("") == ""


@given(ANY)
def test_what_is_written_out_is_one_line_that_a_terminal_only_shows(text: str) -> None:
    shown = escaped(text)
    harmless(shown, lines=False)
    kept = escaped(text, keep="\n\t")
    harmless(kept, lines=True)


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=30))
def test_json_says_the_same_and_holds_no_code(text: str) -> None:
    shown = safe_json(json.dumps({"text": text}, ensure_ascii=False))
    assert json.loads(shown) == {"text": text}
    assert not [sign for sign in shown if sign in TURNING or unicodedata.category(sign) == "Cc"]
    shown.encode()


def test_halves_of_characters_are_json_too() -> None:
    shown = safe_json(json.dumps("a\ud800", ensure_ascii=False))
    assert shown == '"a\\ud800"'
