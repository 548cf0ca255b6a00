"""What a press or a text does to a draft, and which page comes next."""

from dataclasses import dataclass, replace

from bot.errors import BotError
from bot.features.newtask import (
    forms,
    joining,
    keeping,
    options,
    pool,
    presets,
    schedule,
    search,
)
from bot.features.newtask.draft import Draft
from bot.features.newtask.presets import Preset
from bot.features.newtask.service import WizardService
from bot.written import Written
from core.links import BadSource
from core.options import JoinPolicy
from core.task import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The draft as it is now; `page` None stays where it is. `bad`: what was no source; `left_out`:
    what else was not taken over, and why.
    """

    draft: Draft
    page: str | None = None
    bad: tuple[BadSource, ...] = ()
    left_out: tuple[BotError, ...] = ()


async def press(wizard: WizardService, draft: Draft, verb: str, value: str) -> Turn:
    """A button was pressed; raises BotError."""
    match verb:
        case "do" | "st" | "next":
            return _steps(wizard, draft, verb, value)
        case "joinfirst":
            return Turn(draft=wizard.join_first(draft), page="review")
        case "rm":
            return Turn(draft=await wizard.fill(draft.without(value)))
        case "ask":
            return Turn(draft=await wizard.take_asked(draft, value), page="review")
        case "drop" if value in {"asked", "waiting"}:
            kept = {"asked": draft.asked, "waiting": draft.waiting} | {value: ()}
            return Turn(draft=replace(draft, asked=kept["asked"], waiting=kept["waiting"]))
        case "use":
            return Turn(draft=await wizard.use_instead(draft, value), page="review")
        case "acc" | "tk" | "pool":
            return await _who(wizard, draft, verb, value)
        case "what":
            history = forms.read_what(value, wizard.zone, wizard.now())
            return Turn(draft=wizard.with_history(draft, history), page="review")
        case "when" | "at" | "every" | "daily" | "weekly" | "quiet" | "ends":
            chosen = schedule.pressed(verb, value, wizard.zone, wizard.now(), draft.schedule)
            page = None if verb in {"quiet", "ends"} else "review"
            return Turn(draft=wizard.with_schedule(draft, chosen), page=page)
    return _option(wizard, draft, verb, value)


def _steps(wizard: WizardService, draft: Draft, verb: str, value: str) -> Turn:
    """Which steps it takes: a preset, or one by one until the operator goes on."""
    match verb:
        case "do" if value in set(Preset):
            return _towards(wizard.choose(draft, Preset(value)))
        case "st":
            return Turn(draft=presets.turned(draft, value))
        case "next":
            return _towards(draft)
    raise BotError("error-stale")


async def _who(wizard: WizardService, draft: Draft, verb: str, value: str) -> Turn:
    """Who does it: one account, the ticked ones, or whoever is free."""
    if verb == "pool":
        return Turn(draft=pool.used(draft), page="review")
    if verb == "acc":
        number = int(value) if value.isdigit() else None
        return Turn(draft=await wizard.choose_account(draft, number), page="review")
    turn, _, ticked = value.partition(":")
    if not ticked.isdigit():
        raise BotError("error-stale")
    return Turn(draft=await wizard.tick(draft, int(ticked), on=turn == "on"))


async def read(wizard: WizardService, draft: Draft, page: str, said: Written) -> Turn:
    """A text was written on a page; raises BotError."""
    text = said.text
    match page:
        case "words":
            changed, left_out = search.read(draft, text)
            return Turn(draft=changed, page="review", left_out=left_out)
        case "rules":
            return Turn(draft=joining.read(draft, text))
        case "topic":
            return Turn(draft=options.read_topic(draft, text), page="more")
        case "what":
            history = options.read_first(draft, text)
            if history is None:
                history = forms.read_what(text, wizard.zone, wizard.now())
            return Turn(draft=wizard.with_history(draft, history), page="review")
        case "when":
            return _when(wizard, draft, text)
        case "keeping":
            return Turn(draft=keeping.read(draft, text))
        case "account" | "pool":
            raise BotError("wizard-press-an-account")
        case "places" | "joining" | "more" | "media":
            raise BotError("wizard-press-a-button")
    return await _add_sources(wizard, draft, page, said)


def _when(wizard: WizardService, draft: Draft, text: str) -> Turn:
    """A typed time; where only a part of it was understood, that, and the page with the reason."""
    try:
        chosen = forms.read_when(text, wizard.zone, wizard.now(), draft.schedule)
    except forms.Partly as error:
        return Turn(draft=wizard.with_schedule(draft, error.good), left_out=(error,))
    return Turn(draft=wizard.with_schedule(draft, chosen), page="review")


def _option(wizard: WizardService, draft: Draft, verb: str, value: str) -> Turn:
    """The buttons that turn something on and off, and stay on their page."""
    changed = (
        search.press(draft, verb, value, wizard.bots)
        or joining.press(draft, verb, value)
        or options.press(draft, verb, value)
        or keeping.press(draft, verb, value)
    )
    if changed is None:
        raise BotError("error-stale")
    if verb == "jp":
        return Turn(draft=changed, page="review" if value == JoinPolicy.ASK else "rules")
    return Turn(draft=changed, page="more" if verb == "tp" else None)


def _towards(draft: Draft) -> Turn:
    """After the choice of steps: to what is missing, else to the review."""
    if draft.does(Step.SEARCH) and not draft.search.words:
        return Turn(draft=draft, page="words")
    return Turn(draft=draft, page="review" if draft.is_begun() else "sources")


async def _add_sources(wizard: WizardService, draft: Draft, page: str, said: Written) -> Turn:
    asked_for = page == "sources" or (page == "steps" and not draft.is_begun())
    changed, bad = await wizard.add_sources(draft, said.text, said.origin)
    grown = (changed.sources, changed.waiting) != (draft.sources, draft.waiting)
    names = bool(said.text.strip() if asked_for else forms.names_sources(said.text))
    if not (grown or names or said.origin is not None):
        raise BotError("wizard-text-not-understood")
    return Turn(draft=changed, page="review" if changed.sources else None, bad=bad)
