"""What a card tells of each step: searches, joins, sources read, chats listened to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.features.newtask.search import place_name
from bot.formatting import shorten
from bot.i18n import Html, Texts
from bot.reasons import advice, reason
from bot.screen import Choice
from bot.titles import Titles, short
from core.found import Verdict
from core.job import ENDED, Job, JobState, Note
from core.options import TELEGRAM_SEARCH
from core.run import Run, total_skipped
from core.subscription import Subscription
from core.task import Step

SHOWN_SOURCES = 10
SHOWN_AMONG_STEPS = 5
SHOWN_NOTED = 3
NO_READER = "no_reader"
_MARKS = {
    JobState.DONE: "✓",
    JobState.FAILED: "✗",
    JobState.CANCELLED: "–",
    JobState.SKIPPED: "–",
    JobState.RUNNING: "▸",
    JobState.QUEUED: "·",
}
_LOUDEST = (JobState.RUNNING, JobState.FAILED, JobState.QUEUED, JobState.DONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheard:
    """A chat that is to be listened to and that nobody can read, and why."""

    source: str
    why: str
    chat: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """How a run listens: `live` of `all` chats have a reader, `count` messages came, about."""

    live: int
    all: int
    count: int
    last: datetime | None
    unheard: tuple[Unheard, ...] = ()

    def silent(self) -> tuple[str, ...]:
        """The sources that nobody hears."""
        return tuple(one.source for one in self.unheard)


def listening_of(subscriptions: Sequence[Subscription]) -> Listening:
    """The sum of what is listened to. Ids grow by one only where all accounts share them."""
    came = [max((one.top or one.begin) - one.begin, 0) for one in subscriptions if one.box == ""]
    moved = [one.moved_at for one in subscriptions if one.moved_at is not None]
    return Listening(
        live=sum(one.live and one.reader is not None for one in subscriptions),
        all=len(subscriptions),
        count=sum(came),
        last=max(moved, default=None),
        unheard=tuple(
            Unheard(source=one.source, why=one.wait.why, chat=one.chat)
            for one in subscriptions
            if one.live and one.reader is None and one.wait is not None
        ),
    )


def titled_listening(listening: Listening, titles: Titles) -> Listening:
    """It as it is shown: private chats by their titles."""
    return replace(listening, unheard=titled_unheard(listening.unheard, titles))


def titled_unheard(unheard: Sequence[Unheard], titles: Titles) -> tuple[Unheard, ...]:
    """They as they are shown."""
    return tuple(replace(one, source=titles.get(one.source, one.source)) for one in unheard)


def of_step(jobs: Sequence[Job], step: Step) -> list[Job]:
    """The jobs of one step."""
    return [job for job in jobs if job.step is step]


def searched(texts: Texts, jobs: Sequence[Job], found: Mapping[Verdict, int]) -> Html | None:
    """How far the searches are, and what they found."""
    searches = of_step(jobs, Step.SEARCH)
    if not searches:
        return None
    done = sum(job.state in ENDED for job in searches)
    return texts("card-searched", done=done, all=len(searches), found=sum(found.values()))


def found_nothing(run: Run, jobs: Sequence[Job], found: Mapping[Verdict, int]) -> bool:
    """Whether the searches of an ended run went well and found no group."""
    done = any(job.state is JobState.DONE for job in of_step(jobs, Step.SEARCH))
    return done and not run.is_open() and not sum(found.values())


def why_nothing(texts: Texts, run: Run) -> Html:
    """Why a search finds nothing, and which words may find more."""
    search = run.spec.search
    alone = search.places == (TELEGRAM_SEARCH,)
    lines = [texts("found-nothing-telegram" if alone else "found-nothing")]
    split = [word for phrase in search.words for word in phrase.split() if " " in phrase]
    if split:
        named = ", ".join(shorten(word, 24) for word in dict.fromkeys(split))
        lines.append(texts("found-nothing-phrase", words=shorten(named, 200)))
    return Html("\n".join(lines))


def joined(texts: Texts, jobs: Sequence[Job]) -> Html | None:
    """How the joins ended so far."""
    joins = of_step(jobs, Step.JOIN)
    done = [job for job in joins if job.state is JobState.DONE]
    already = sum(job.note == Note.ALREADY_MEMBER for job in done)
    waiting = sum(job.wait is not None and job.wait.why == "join_pending" for job in joins)
    counts = {
        "joined-new": len(done) - already,
        "joined-already": already,
        "joined-waiting": waiting,
        "joined-coming": sum(job.state not in ENDED for job in joins) - waiting,
        "joined-failed": sum(job.state is JobState.FAILED for job in joins),
    }
    facts = [texts(key, count=count) for key, count in counts.items() if count > 0]
    return texts("card-joined", facts=Html(" · ".join(facts))) if facts else None


def listens(texts: Texts, told: Listening | None, last: str | None) -> Html | None:
    """How many chats are live, and when something last came; `last` as people read it."""
    if told is None or not told.all:
        return None
    line = texts("card-listens", live=told.live, all=told.all, count=told.count)
    return line if last is None else texts("card-listens-last", line=line, time=last)


def unheard(texts: Texts, chats: Sequence[Unheard], *, but: Sequence[str] = ()) -> Html | None:
    """The chats that nobody can read, a line each reason except those of `but`."""
    by_why: dict[str, list[str]] = {}
    for one in (chat for chat in chats if chat.why not in but):
        by_why.setdefault(one.why, []).append(short(one.source))
    return Html("\n".join(_unheard(texts, *one) for one in by_why.items())) or None


def noted(texts: Texts, jobs: Sequence[Job]) -> Html | None:
    """What is worth saying of jobs that went well, a line each; joins count theirs."""
    lines = []
    for note in Note:
        about = [job for job in jobs if job.note == note and job.state is JobState.DONE]
        sources = list(dict.fromkeys(short(job.source) for job in about))
        if not sources or note is Note.ALREADY_MEMBER:
            continue
        lines.append(texts(f"note-{note}", sources=some(sources)))
    return Html("\n".join(lines)) or None


def files(texts: Texts, jobs: Sequence[Job]) -> Html | None:
    """How many messages have their files, and of how many the file was not kept, and why."""
    kept = sum(job.progress.files for job in jobs)
    left_out = total_skipped(job.progress.skipped for job in jobs)
    counts = {
        "skipped-protected": left_out.protected,
        "skipped-expiring": left_out.expiring,
        "skipped-too-large": left_out.too_large,
        "skipped-gone": left_out.gone,
        "skipped-replaced": left_out.replaced,
        "skipped-unavailable": left_out.unavailable,
        "skipped-no-room": left_out.no_room,
    }
    facts = [texts(key, count=count) for key, count in counts.items() if count]
    lines = [texts("card-files", files=kept)] if kept else []
    if facts:
        lines.append(texts("card-skipped", facts=Html(texts("list-comma").join(facts))))
    return Html("\n".join(lines)) or None


def read_sources(texts: Texts, run: Run, jobs: Sequence[Job]) -> Html | None:
    """The sources that are read, a line each, however many jobs share one."""
    by_source: dict[str, list[Job]] = {}
    for job in of_step(jobs, Step.HISTORY):
        by_source.setdefault(job.source, []).append(job)
    if len(by_source) < 2:
        return None
    most = SHOWN_SOURCES if run.spec.steps == (Step.HISTORY,) else SHOWN_AMONG_STEPS
    lines = [_source(texts, source, its) for source, its in list(by_source.items())[:most]]
    if len(by_source) > most:
        lines.append(texts("and-more", count=len(by_source) - most))
    return Html("\n".join(lines))


def list_button(
    texts: Texts, run: Run, found: Mapping[Verdict, int]
) -> tuple[tuple[Choice, ...], ...]:
    """The way to the list of what was found, if there is one."""
    count = sum(found.values())
    if not count:
        return ()
    asks = run.asks and run.chosen_at is None
    key = "button-choose-groups" if asks else "button-found-groups"
    return ((Choice(texts.plain(key, count=count), f"f:open:{run.id}"),),)


def job_name(texts: Texts, job: Job) -> str:
    """What a job works on, as people call it."""
    if job.step is Step.SEARCH:
        place = place_name(texts, job.place or TELEGRAM_SEARCH)
        return texts.plain("card-search-source", words=job.source, place=place)
    return short(job.source)


def _unheard(texts: Texts, key: str, sources: Sequence[str]) -> Html:
    named = some(sources)
    detail = {"source": named}
    why = texts("card-why", reason=reason(texts, key, detail), advice=advice(texts, key, detail))
    if key == NO_READER:
        return Html(f"⚠️ {why}")
    return texts("card-unheard", sources=named, why=why)


def some(sources: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    named = ", ".join(sources[:SHOWN_NOTED])
    rest = len(sources) - SHOWN_NOTED
    return f"{named} +{rest}" if rest > 0 else named


def waiting_for(texts: Texts, jobs: Sequence[Job]) -> dict[str, str]:
    """What the reason of their wait may name: the first of these jobs."""
    named = list(dict.fromkeys(job_name(texts, job) for job in jobs))
    return {"source": some(named)} if named else {}


def _source(texts: Texts, source: str, jobs: Sequence[Job]) -> Html:
    states = [job.state for job in jobs]
    state = next((one for one in _LOUDEST if one in states), states[0])
    totals = [job.progress.total for job in jobs]
    known = None not in totals and state is JobState.RUNNING
    return texts(
        "card-source-of" if known else "card-source",
        mark=_MARKS[state],
        source=short(source),
        read=sum(job.progress.read for job in jobs),
        total=sum(total or 0 for total in totals),
    )
