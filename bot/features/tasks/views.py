"""The list of tasks, and the card of each."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.clock_line import clock_line
from bot.features.newtask.facts import facts, names
from bot.features.newtask.schedule import schedule_line
from bot.features.tasks.deletion import Loss
from bot.features.tasks.service import Ears, TaskPage, TaskService, TaskView
from bot.formatting import account_names, moment, shorten
from bot.i18n import Html, Texts
from bot.screen import Choice, Screen, pager, rows_of
from bot.titles import short, titled_task
from core.account import Account
from core.chat import Chat
from core.run import Intent, Run
from core.task import PolicyKind, Step, Task, TaskState
from core.trusted_clock import Verdict

SHOWN_SOURCES = 12

OVERDUE = timedelta(minutes=1)


class TaskCard:
    """Makes the card of a task, for whoever shows one."""

    def __init__(self, tasks: TaskService, zone: ZoneInfo) -> None:
        self._tasks = tasks
        self._zone = zone

    async def screen(self, texts: Texts, task: str) -> Screen:
        """The card. Raises Gone."""
        return card(texts, await self._tasks.view(task), self._zone)


def listing(texts: Texts, data: TaskPage, zone: ZoneInfo) -> Screen:
    """A page of tasks, each a button."""
    new: tuple[tuple[Choice, ...], ...] = ((Choice(texts.plain("button-new-task"), "new"),),)
    if data.earlier:
        new = ((Choice(texts.plain("button-earlier"), "e:page:0"),), *new)
    if not data.tasks:
        return Screen(texts("tasks-none"), new)
    lines = [
        _line(texts, titled_task(task, data.titles.get(task.id, {})), data, zone)
        for task in data.tasks
    ]
    buttons = [Choice(f"#{task.number}", f"t:open:{task.id}") for task in data.tasks]
    rows = [*rows_of(buttons, 3), *pager("t:page", data.page, data.pages)]
    waits = _clock(texts, data.tasks, data)
    title = texts("tasks-title", page=data.page + 1, pages=data.pages)
    text = Html("\n\n".join([title, *([waits] if waits else []), *lines]))
    return Screen(text, (*rows, *new))


def card(texts: Texts, data: TaskView, zone: ZoneInfo) -> Screen:
    """One task with what may be done about it."""
    task = titled_task(data.task, data.titles)
    running = data.run is not None and data.run.is_open()
    lines = [
        *facts(texts, task.spec, zone),
        texts("fact-account", value=_policy(texts, task, data.accounts)),
        texts("fact-when", value=schedule_line(texts, task.schedule, zone, data.now)),
    ]
    if data.times:
        shown = " · ".join(moment(time, zone, data.now) for time in data.times)
        lines.append(texts("fact-next", count=len(data.times), value=shown))
    if (waits := _clock(texts, [task], data)) is not None:
        lines.append(waits)
    if data.run is not None:
        lines.append(texts("fact-last-run", value=_last_run(texts, data.run, zone, data)))
    if data.used:
        lines.append(texts("fact-used", value=account_names(texts, data.used, data.accounts)))
    title = texts(
        "card-title", number=str(task.number), state=_state(texts, task, data.run, data.ears)
    )
    text = f"<b>{title}</b>\n{names(texts, task.spec, SHOWN_SOURCES)}\n\n" + "\n".join(lines)
    paused = data.run is not None and data.run.intent is Intent.PAUSE if running else _rests(task)
    buttons = _buttons(texts, task, running=running, failed=data.failed, paused=paused)
    return Screen(Html(text), buttons)


def confirm_delete(texts: Texts, loss: Loss) -> Screen:
    """Ask before a task goes: alone, or with its messages."""
    number = str(loss.task.number)
    parts = [texts("delete-confirm", number=number)]
    rows = [(Choice(texts.plain("button-delete-yes"), f"t:del2:{loss.task.id}"),)]
    if loss.messages:
        chats = _chats(texts, loss.chats)
        parts.append(texts("delete-messages", count=loss.messages, chats=chats))
        label = texts.plain("button-delete-messages", count=loss.messages)
        rows.append((Choice(label, f"t:del3:{loss.task.id}"),))
    if loss.shared:
        parts.append(texts("delete-shared", chats=_chats(texts, loss.shared)))
    if loss.earlier:
        parts.append(texts("delete-earlier", chats=_chats(texts, loss.earlier)))
        rows.append((Choice(texts.plain("button-earlier"), "e:page:0"),))
    if loss.left:
        left = _chats(texts, loss.left)
        parts.append(texts("delete-leaves", count=len(loss.left), chats=left))
    if loss.kept:
        parts.append(texts("delete-stays-in", chats=_chats(texts, loss.kept)))
    rows.append((Choice(texts.plain("button-back"), f"t:open:{loss.task.id}"),))
    return Screen(Html("\n\n".join(parts)), tuple(rows))


def confirm_messages(texts: Texts, loss: Loss) -> Screen:
    """Ask again before messages go with a task: with their number as it is now."""
    number, chats = str(loss.task.number), _chats(texts, loss.chats)
    label = texts.plain("button-delete-messages-yes", count=loss.messages)
    return Screen(
        texts("delete-confirm-messages", number=number, count=loss.messages, chats=chats),
        (
            (Choice(label, f"t:del4:{loss.task.id}"),),
            (Choice(texts.plain("button-back"), f"t:del:{loss.task.id}"),),
        ),
    )


def _chats(texts: Texts, chats: Sequence[Chat]) -> Html:
    named = ", ".join(shorten(chat.title, 40) for chat in chats[:SHOWN_SOURCES])
    return texts("card-sources", sources=named, more=max(len(chats) - SHOWN_SOURCES, 0))


def deleting(texts: Texts, task: Task) -> Screen:
    """While a run of it ends."""
    return Screen(texts("delete-stopping", number=str(task.number)))


def deleted(texts: Texts, task: Task, *, gone: bool) -> Screen:
    """The task is gone, or its run would not end."""
    if gone:
        row = (Choice(texts.plain("button-tasks"), "t:page:0"),)
        key = "delete-done-messages" if task.purge else "delete-done"
        return Screen(texts(key, number=str(task.number)), (row,))
    verb = "del4" if task.purge else "del2"
    again = (Choice(texts.plain("button-delete"), f"t:{verb}:{task.id}"),)
    return Screen(texts("delete-not-yet", number=str(task.number)), (again,))


def _clock(texts: Texts, tasks: Sequence[Task], data: TaskPage | TaskView) -> Html | None:
    """Why no schedule of these tasks fires: at once where a clock is wrong; where nobody has told
    the time yet, once one is overdue."""
    sign = data.clock
    dues = [one.next_due for one in tasks if one.next_due and one.state is TaskState.ACTIVE]
    if sign is None or not dues:
        return None
    if sign.verdict is Verdict.UNPROVEN and min(dues) > data.now - OVERDUE:
        return None
    return clock_line(texts, sign)


def _rests(task: Task) -> bool:
    return task.state is TaskState.PAUSED


def _line(texts: Texts, task: Task, data: TaskPage, zone: ZoneInfo) -> Html:
    run = data.runs.get(task.id)
    used = data.used.get(task.id, ())
    account = (
        account_names(texts, used, data.accounts) if used else _policy(texts, task, data.accounts)
    )
    about = task.spec.search.words if Step.SEARCH in task.spec.steps else ()
    about = (*about, *(short(source) for source in task.spec.sources))
    line = texts(
        "tasks-line",
        number=str(task.number),
        sources=shorten(", ".join(about[:2]), 48),
        more=max(len(about) - 2, 0),
        state=_state(texts, task, run, data.ears.get(task.id)),
        account=account,
    )
    if task.next_due is None or task.state is not TaskState.ACTIVE:
        return line
    due = texts("card-next", time=moment(task.next_due, zone, data.now))
    return Html(f"{line}\n{due}")


def _state(texts: Texts, task: Task, run: Run | None, ears: Ears | None) -> Html:
    if task.state is TaskState.DELETING:
        return texts("task-deleting")
    if task.state is TaskState.PAUSED and (run is None or not run.is_open()):
        return texts("task-paused")
    if run is None:
        return texts("task-scheduled" if task.next_due else "task-new")
    if ears is not None:
        shown = texts("state-deaf" if ears is Ears.NONE else "state-listening")
        return shown if ears is Ears.ALL else Html(f"🔇 {shown}")
    return texts(f"state-{run.status.state}")


def _policy(texts: Texts, task: Task, accounts: dict[int, Account]) -> Html:
    policy = task.spec.policy
    if policy.kind is PolicyKind.AUTO:
        return texts("account-balance")
    return account_names(texts, policy.accounts, accounts)


def _last_run(texts: Texts, run: Run, zone: ZoneInfo, data: TaskView) -> Html:
    state = texts(f"state-{run.status.state}")
    return texts("task-last-run", time=moment(run.created_at, zone, data.now), state=state)


def _buttons(
    texts: Texts, task: Task, *, running: bool, failed: bool, paused: bool
) -> tuple[tuple[Choice, ...], ...]:
    number = task.id
    delete = Choice(texts.plain("button-delete"), f"t:del:{number}")
    back = Choice(texts.plain("button-tasks"), "t:page:0")
    if task.state is TaskState.DELETING:
        return ((delete,), (back,))
    start = Choice(texts.plain("button-start"), f"t:start:{number}")
    first = () if running else (start,)
    if failed:
        first = (*first, Choice(texts.plain("button-retry"), f"t:retry:{number}"))
    rows = [first] if first else []
    if running or task.schedule.repeats() or task.next_due is not None:
        rest = "run" if running else "schedule"
        verb = "resume" if paused else "pause"
        key = f"button-resume-{rest}" if paused else f"button-pause-{rest}"
        rows.append((Choice(texts.plain(key), f"t:{verb}:{number}"),))
    edit = Choice(texts.plain("button-edit"), f"t:edit:{number}")
    clone = Choice(texts.plain("button-clone"), f"t:clone:{number}")
    stop = Choice(texts.plain("button-stop"), f"t:stop:{number}")
    ends = ((stop,), (delete,)) if running else ((delete,),)
    return (*rows, (edit, clone), (back,), *ends)
