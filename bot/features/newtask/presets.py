"""What a task may be asked to do, as people think of it: presets of steps."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from bot.features.newtask.draft import Draft
from bot.i18n import Html, Texts
from bot.screen import Choice, Screen
from core.task import Step


class Preset(StrEnum):
    """The choices on the first page of the wizard."""

    HISTORY = "history"
    JOIN = "join"
    LISTEN = "listen"
    FIND = "find"
    FETCH = "fetch"
    ALL = "all"


STEPS: Mapping[Preset, tuple[Step, ...]] = {
    Preset.HISTORY: (Step.HISTORY,),
    Preset.JOIN: (Step.JOIN, Step.HISTORY),
    Preset.LISTEN: (Step.LISTEN,),
    Preset.FIND: (Step.SEARCH,),
    Preset.FETCH: (Step.SEARCH, Step.JOIN, Step.HISTORY),
    Preset.ALL: (Step.SEARCH, Step.JOIN, Step.HISTORY, Step.LISTEN),
}


def preset_of(steps: Sequence[Step]) -> Preset:
    """The preset that comes nearest to the steps of a task."""
    for preset, wanted in STEPS.items():
        if tuple(steps) == wanted:
            return preset
    if Step.SEARCH in steps:
        return Preset.ALL if Step.LISTEN in steps else Preset.FETCH
    if Step.LISTEN in steps:
        return Preset.LISTEN
    return Preset.JOIN if Step.JOIN in steps else Preset.HISTORY


def joining_first(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps with joining before all that needs a member."""
    return tuple(step for step in Step if step in {*steps, Step.JOIN})


def steps_line(texts: Texts, steps: Sequence[Step]) -> Html:
    """What a task does, in a few words."""
    if Step.LISTEN in steps and Step.SEARCH not in steps and len(steps) > 1:
        key = "preset-listen-join" if Step.HISTORY not in steps else "preset-listen-all"
        return texts(key)
    return texts(f"preset-{preset_of(steps)}")


def page(texts: Texts, draft: Draft) -> Screen:
    """The choice; of a draft that names nothing it is the first page, and takes sources at once."""
    chosen, fresh = preset_of(draft.steps), not draft.is_begun()
    rows = tuple(
        (Choice(_label(texts, preset, marked=preset is chosen and not fresh), f"do:{preset}"),)
        for preset in Preset
    )
    last = ("button-cancel", "cancel") if fresh else ("button-back", "to:review")
    text = texts("wizard-steps-first" if fresh else "wizard-steps")
    return Screen(text, (*rows, (Choice(texts.plain(last[0]), last[1]),)))


def _label(texts: Texts, preset: Preset, *, marked: bool) -> str:
    label = texts.plain(f"preset-{preset}")
    return f"✓ {label}" if marked else label
