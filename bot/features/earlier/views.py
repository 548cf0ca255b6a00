"""The list of what earlier tasks left behind, and the page of each chat."""

from collections.abc import Sequence

from bot.features.earlier.service import Leftover, LeftoverPage
from bot.formatting import shorten
from bot.i18n import Html, Texts
from bot.screen import Choice, Screen, pager, rows_of
from core.task import Task


def listing(texts: Texts, data: LeftoverPage) -> Screen:
    """A page of chats, each a button."""
    back = (Choice(texts.plain("button-tasks"), "t:page:0"),)
    if not data.chats:
        return Screen(texts("earlier-none"), (back,))
    lines = [_line(texts, place, one) for place, one in enumerate(data.chats, start=1)]
    buttons = [
        Choice(f"{place}. {shorten(one.chat.title, 20)}", f"e:open:{one.chat.id}")
        for place, one in enumerate(data.chats, start=1)
    ]
    title = texts("earlier-title", page=data.page + 1, pages=data.pages)
    text = Html("\n\n".join([title, texts("earlier-about"), "\n".join(lines)]))
    rows = [*rows_of(buttons, 2), *pager("e:page", data.page, data.pages)]
    return Screen(text, (*rows, back))


def page(texts: Texts, data: Leftover) -> Screen:
    """One chat, to keep or to delete."""
    keep = Choice(texts.plain("button-earlier-keep"), f"e:keep:{data.chat.id}")
    delete = Choice(texts.plain("button-delete"), f"e:del:{data.chat.id}")
    first = ((delete,),) if data.kept else ((keep,), (delete,))
    lines = [_about(texts, data)]
    if data.tasks:
        lines.append(texts("earlier-also", tasks=_numbers(data.tasks)))
    lines.append(texts("earlier-kept" if data.kept else "earlier-undecided"))
    return Screen(Html("\n".join(lines)), (*first, (_back(texts, "e:page:0"),)))


def confirm(texts: Texts, data: Leftover) -> Screen:
    """Ask again before messages go."""
    back = (_back(texts, f"e:open:{data.chat.id}"),)
    title, count = _title(data), data.messages
    if data.tasks:
        label = texts.plain("button-earlier-leave")
        tasks = _numbers(data.tasks)
        text = texts("earlier-confirm-shared", tasks=tasks, title=title, count=count)
    else:
        label = texts.plain("button-earlier-delete", count=count)
        text = texts("earlier-confirm", title=title, count=count)
    return Screen(text, ((Choice(label, f"e:del2:{data.chat.id}"),), back))


def deleting(texts: Texts, data: Leftover) -> Screen:
    """While its messages go."""
    return Screen(texts("earlier-deleting", title=_title(data), count=data.messages))


def deleted(texts: Texts, data: Leftover, *, gone: bool) -> Screen:
    """They are gone, or the tasks' own."""
    key = "earlier-deleted" if gone else "earlier-left"
    text = texts(key, title=_title(data), count=data.messages)
    return Screen(text, ((_back(texts, "e:page:0"),),))


def _line(texts: Texts, place: int, data: Leftover) -> Html:
    mark = "📌" if data.kept else "❔"
    return Html(f"{mark} {place}. {_about(texts, data)}")


def _about(texts: Texts, data: Leftover) -> Html:
    return texts("earlier-chat", title=_title(data), count=data.messages)


def _title(data: Leftover) -> str:
    return shorten(data.chat.title, 40)


def _numbers(tasks: Sequence[Task]) -> str:
    return ", ".join(f"#{task.number}" for task in tasks)


def _back(texts: Texts, action: str) -> Choice:
    return Choice(texts.plain("button-back"), action)
