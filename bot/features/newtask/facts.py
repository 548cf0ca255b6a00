"""What a task does, in the lines that its review and its card share."""

from zoneinfo import ZoneInfo

from bot.features.newtask.joining import join_line
from bot.features.newtask.keeping import keep_line
from bot.features.newtask.options import options_line
from bot.features.newtask.presets import steps_line
from bot.features.newtask.search import places_line, words_line
from bot.features.newtask.views import what_line
from bot.i18n import Html, Texts
from bot.titles import short
from core.task import Priority, Step, TaskSpec


def facts(texts: Texts, spec: TaskSpec, zone: ZoneInfo) -> list[Html]:
    """A line for each step and what it is asked to do."""
    lines = [texts("fact-steps", value=steps_line(texts, spec.steps))]
    if Step.SEARCH in spec.steps:
        lines.append(texts("fact-words", value=words_line(texts, spec.search)))
        lines.append(texts("fact-places", value=places_line(texts, spec.search)))
    if Step.JOIN in spec.steps:
        lines.append(texts("fact-join", value=join_line(texts, spec.join, spec.steps)))
    if Step.HISTORY in spec.steps:
        lines.append(texts("fact-what", value=what_line(texts, spec.history, zone)))
        if extra := options_line(texts, spec.history):
            lines.append(texts("fact-options", value=extra))
    if kept := keep_line(texts, spec.keep_days, spec.deletions):
        lines.append(texts("fact-keeping", value=kept))
    if spec.priority is not Priority.NORMAL:
        lines.append(texts("fact-priority", value=texts(f"priority-{spec.priority}")))
    return lines


def names(texts: Texts, spec: TaskSpec, most: int) -> Html:
    """What a task is about: its words where it searches, and the first of its sources."""
    lines = [words_line(texts, spec.search)] if Step.SEARCH in spec.steps else []
    if spec.sources:
        named = ", ".join(short(source) for source in spec.sources[:most])
        lines.append(texts("card-sources", sources=named, more=max(len(spec.sources) - most, 0)))
    return Html("\n".join(lines))
