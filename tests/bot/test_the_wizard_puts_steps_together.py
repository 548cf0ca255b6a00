import pytest
from bot_rig import CLOCK, Rig, known

from bot.errors import BotError
from bot.features.newtask import presets
from bot.features.newtask.draft import Draft
from bot.features.newtask.presets import STEPS, Preset
from bot.i18n import LANGUAGES, Locales
from core.options import JoinOptions, JoinPolicy
from core.run import RunState
from core.task import Step

SEARCH, JOIN, HISTORY, LISTEN = Step.SEARCH, Step.JOIN, Step.HISTORY, Step.LISTEN


@pytest.mark.parametrize(
    ("label", "steps"),
    [
        ("Collect history and keep listening", (HISTORY, LISTEN)),
        ("Join, collect and keep listening", (JOIN, HISTORY, LISTEN)),
    ],
)
async def test_a_named_source_is_read_and_listened_to(
    rig: Rig, label: str, steps: tuple[Step, ...]
) -> None:
    page = await rig.say("/newtask @harbour_news")
    await rig.tap(page.id, "What to do")
    await rig.tap(page.id, label)
    await rig.until(page.id, f"🧭 {label}", "@harbour_news", "All history")
    await rig.tap(page.id, "What to do")
    await rig.tap(page.id, f"✓ {label}")
    await rig.tap(page.id, "Start")
    assert (await rig.worker.open_run()).spec.steps == steps


async def test_a_task_may_only_join(rig: Rig) -> None:
    page = await rig.say("/newtask")
    await rig.tap(page.id, "Join only")
    await rig.until(page.id, "Which groups or channels")
    page = await rig.say("@harbour_news")
    assert "Joins the sources and reads nothing" in page.text
    await rig.worker.answer(known("@harbour_news"))
    await rig.tap(page.id, "Start")
    run = await rig.worker.open_run()
    [job] = await rig.worker.plan(run)
    assert job.step is JOIN
    key = await rig.worker.claim(job.id)
    await rig.database.jobs.done(key, CLOCK.now())
    assert (await rig.worker.derive(run.id)).status.state is RunState.DONE
    await rig.until(page.id, "Task #1 · Done", "🧭 Join only", "1 joined")


async def test_steps_are_put_together_one_by_one(rig: Rig) -> None:
    page = await rig.say("/newtask")
    await rig.tap(page.id, "Other steps")
    await rig.tap(page.id, "☐ Listen")
    await rig.tap(page.id, "☐ Join")
    await rig.tap(page.id, "☑ Collect history")
    await rig.until(page.id, "Now: Join → Listen")
    await rig.tap(page.id, "☑ Join")
    assert "at least one step" in await rig.tap(page.id, "☑ Listen")
    await rig.tap(page.id, "☐ Join")
    await rig.until(page.id, "Now: Join → Listen")
    await rig.tap(page.id, "Back")
    await rig.tap(page.id, "✓ Other steps")
    await rig.tap(page.id, "Go on")
    await rig.until(page.id, "Which groups or channels")
    page = await rig.say("@harbour_news")
    assert "🧭 Join → Listen" in page.text
    await rig.tap(page.id, "Start")
    assert (await rig.worker.open_run()).spec.steps == (JOIN, LISTEN)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_present_choice_is_marked_and_no_other(language: str) -> None:
    texts = Locales().of(language)
    mixtures = [*STEPS.values(), (JOIN, LISTEN), (SEARCH, HISTORY), (SEARCH, LISTEN)]
    for steps in mixtures:
        screen = presets.page(texts, Draft(sources=("@one",), steps=steps))
        [marked] = [one for row in screen.rows for one in row if one.label.startswith("✓")]
        preset = presets.preset_of(steps)
        assert marked.action == ("to:mix" if preset is None else f"do:{preset}")
        assert preset is None or STEPS[preset] == steps
    lines = {presets.steps_line(texts, steps) for steps in mixtures}
    assert len(lines) == len(mixtures)


@pytest.mark.parametrize("preset", Preset)
def test_every_mixture_can_be_reached_by_single_steps(preset: Preset) -> None:
    draft = Draft(steps=(HISTORY,))
    for step in STEPS[preset]:
        draft = presets.turned(draft, f"on:{step}")
    for step in set(draft.steps) - set(STEPS[preset]):
        draft = presets.turned(draft, f"off:{step}")
    assert draft.steps == STEPS[preset]
    with pytest.raises(BotError):
        presets.turned(draft, "on:media")


def test_nobody_refuses_to_join_what_was_named() -> None:
    refused = JoinOptions(policy=JoinPolicy.NEVER, leave=True)
    named = Draft(sources=("@one",), steps=(JOIN, HISTORY), join=refused)
    assert named.spec().join == JoinOptions(policy=JoinPolicy.ASK, leave=True)
    found = Draft(steps=(SEARCH, JOIN, HISTORY), join=refused)
    assert found.spec().join == refused
