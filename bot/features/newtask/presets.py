"""What a task may be asked to do, as people think of it: presets of steps, or each step alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from bot.errors import BotError
from bot.features.newtask.draft import Draft
from bot.i18n import Html, Texts
from bot.screen import Choice, Screen
from core.task import Step


class Preset(StrEnum):
    """The choices on the first page of the wizard."""

    HISTORY = "history"
    FOLLOW = "follow"
    LISTEN = "listen"
    JOIN = "join"
    STAY = "stay"
    ENTER = "enter"
    FIND = "find"
    FETCH = "fetch"
    ALL = "all"


STEPS: Mapping[Preset, tuple[Step, ...]] = {
    Preset.HISTORY: (Step.HISTORY,),
    Preset.FOLLOW: (Step.HISTORY, Step.LISTEN),
    Preset.LISTEN: (Step.LISTEN,),
    Preset.JOIN: (Step.JOIN, Step.HISTORY),
    Preset.STAY: (Step.JOIN, Step.HISTORY, Step.LISTEN),
    Preset.ENTER: (Step.JOIN,),
    Preset.FIND: (Step.SEARCH,),
    Preset.FETCH: (Step.SEARCH, Step.JOIN, Step.HISTORY),
    Preset.ALL: (Step.SEARCH, Step.JOIN, Step.HISTORY, Step.LISTEN),
}

OFFERED = (Step.SEARCH, Step.JOIN, Step.HISTORY, Step.LISTEN)
"""The steps that an operator puts together."""

_NAMES = {
    Step.SEARCH: "step-search",
    Step.JOIN: "step-join",
    Step.HISTORY: "step-history",
    Step.LISTEN: "step-listen",
}


def preset_of(steps: Sequence[Step]) -> Preset | None:
    """The preset of exactly these steps; None where they were put together otherwise."""
    return next((preset for preset, wanted in STEPS.items() if set(wanted) == set(steps)), None)


def joining_first(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps with joining before all that needs a member."""
    return tuple(step for step in Step if step in {*steps, Step.JOIN})


def turned(draft: Draft, value: str) -> Draft:
    """The draft with a step turned on or off (`on:join`), in the order of the pipeline. Raises
    BotError where none would be left.
    """
    turn, _, name = value.partition(":")
    if name not in OFFERED:
        raise BotError("error-stale")
    wanted = {*draft.steps, Step(name)} if turn == "on" else set(draft.steps) - {Step(name)}
    if not wanted:
        raise BotError("wizard-one-step")
    return replace(draft, steps=tuple(step for step in Step if step in wanted))


def steps_line(texts: Texts, steps: Sequence[Step]) -> Html:
    """What a task does, in a few words."""
    preset = preset_of(steps)
    if preset is not None:
        return texts(f"preset-{preset}")
    return Html(" → ".join(texts(_NAMES[step]) for step in steps))


def page(texts: Texts, draft: Draft) -> Screen:
    """The choice; of a draft that names nothing it is the first page, and takes sources at once."""
    chosen, fresh = preset_of(draft.steps), not draft.is_begun()
    rows = tuple(
        (Choice(_label(texts, preset, marked=preset is chosen and not fresh), f"do:{preset}"),)
        for preset in Preset
    )
    mark = "✓ " if chosen is None else ""
    own = (Choice(mark + texts.plain("button-own-steps"), "to:mix"),)
    last = ("button-cancel", "cancel") if fresh else ("button-back", "to:review")
    text = texts("wizard-steps-first" if fresh else "wizard-steps")
    return Screen(text, (*rows, own, (Choice(texts.plain(last[0]), last[1]),)))


def mix(texts: Texts, draft: Draft) -> Screen:
    """Each step by itself."""
    rows = tuple((_toggle(texts, step, on=draft.does(step)),) for step in OFFERED)
    text = texts("wizard-mix", now=steps_line(texts, draft.steps))
    onward = (Choice(texts.plain("button-next"), "next"),)
    return Screen(text, (*rows, onward, (Choice(texts.plain("button-back"), "to:steps"),)))


def _toggle(texts: Texts, step: Step, *, on: bool) -> Choice:
    label = f"{'☑' if on else '☐'} {texts.plain(_NAMES[step])}"
    return Choice(label, f"st:{'off' if on else 'on'}:{step}")


def _label(texts: Texts, preset: Preset, *, marked: bool) -> str:
    label = texts.plain(f"preset-{preset}")
    return f"✓ {label}" if marked else label
