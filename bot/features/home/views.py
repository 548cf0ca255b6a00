"""Home, help and language."""

from bot.features.home.service import HomeView
from bot.i18n import LANGUAGES, Html, Texts
from bot.screen import Choice, Screen, rows_of

TOPICS = ("sources", "steps", "tasks", "accounts", "schedule", "results")


def home(texts: Texts, data: HomeView) -> Screen:
    """What this is, how things are, where to go."""
    state = texts(
        "home-state",
        running=data.open_runs,
        tasks=data.tasks,
        ready=data.ready,
        accounts=data.accounts,
    )
    advice = "" if data.ready else f"\n\n{texts('home-no-account')}"
    return Screen(
        Html(f"{texts('home-what')}\n\n{state}{advice}"),
        (
            (Choice(texts.plain("button-new-task"), "new"),),
            (
                Choice(texts.plain("button-tasks"), "t:page:0"),
                Choice(texts.plain("button-accounts"), "a:list"),
            ),
            (Choice(texts.plain("button-help"), "h:help"),),
        ),
    )


def help_topics(texts: Texts) -> Screen:
    """The commands, and the topics of the help."""
    topics = [Choice(texts.plain(f"help-{topic}-button"), f"h:{topic}") for topic in TOPICS]
    return Screen(texts("help"), tuple(rows_of(topics, 2)))


def help_topic(texts: Texts, topic: str) -> Screen:
    """One topic."""
    back = (Choice(texts.plain("button-back"), "h:help"),)
    return Screen(texts(f"help-{topic}"), (back,))


def languages(texts: Texts) -> Screen:
    """The choice of languages."""
    rows = [(Choice(name, f"l:{code}"),) for code, name in LANGUAGES.items()]
    rows.append((Choice(texts.plain("language-telegram"), "l:auto"),))
    return Screen(texts("language-choose"), tuple(rows))


def language_set(texts: Texts) -> Screen:
    """The answer, in the new language."""
    return Screen(texts("language-set", language=LANGUAGES[texts.language]))
