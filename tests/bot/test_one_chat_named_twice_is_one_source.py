"""Whatever forms a chat is named in, a task has it once, with the chat that was seen."""

import itertools
from dataclasses import replace

import pytest

from bot.features.newtask.draft import Draft, from_data, to_data
from bot.features.newtask.lines import SourceLine, SourceState, as_seen
from core.chat import Chat, ChatKind
from core.task import SeenChat

CHAT = Chat(id=-1001234567890, kind=ChatKind.SUPERGROUP, title="Chess", username="chess")
OTHER = replace(CHAT, id=-1009, title="Go", username="go_club")
FORMS = ("@chess", "+AbCdEf", str(CHAT.id), "@chess_also")


def line(source: str, chat: Chat | None = CHAT) -> SourceLine:
    state = SourceState.UNCHECKED if chat is None else SourceState.FOUND
    return SourceLine(source=source, state=state, chat=chat)


@pytest.mark.parametrize("forms", list(itertools.permutations(FORMS, 3)))
def test_it_is_kept_once_by_its_best_name(forms: tuple[str, ...]) -> None:
    sources = (*forms, "@go_club", "@unchecked")
    lines = [*map(line, forms), line("@go_club", OTHER), line("@unchecked", None)]
    made = as_seen(Draft(sources=sources), lines)
    best = min(forms, key=lambda one: "@+-".index(one[0]))
    assert made.sources == (best, "@go_club", "@unchecked")
    assert made.spec().seen == (
        SeenChat(source=best, chat=CHAT.id, title="Chess"),
        SeenChat(source="@go_club", chat=OTHER.id, title="Go"),
    )


def test_what_was_seen_stays_where_it_cannot_be_looked_up_again() -> None:
    before = SeenChat(source="@chess", chat=CHAT.id, title="Chess")
    draft = Draft(sources=("@chess",), seen=(before,))
    assert as_seen(draft, [line("@chess", None)]).seen == (before,)
    [moved] = as_seen(draft, [line("@chess", OTHER)]).seen
    assert moved.chat == OTHER.id
    assert replace(draft, sources=("@go_club",)).spec().seen == ()


def test_a_wizard_of_the_version_before_goes_on() -> None:
    data = to_data(Draft(sources=("@chess",)))
    del data["seen"]
    assert from_data(data) == replace(Draft(sources=("@chess",)), key=data["key"])
    seen = as_seen(Draft(sources=("@chess",)), [line("@chess")])
    assert from_data(to_data(seen)) == seen
