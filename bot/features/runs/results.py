"""What a run left: its newest messages, its export, and who may do what failed."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.formatting import shorten
from bot.i18n import Html, Texts
from bot.screen import Choice, Screen
from core.account import Account
from core.chat import Chat
from core.message import Message
from core.run import Run

SNIPPET = 160


def latest(texts: Texts, found: Sequence[tuple[Chat, Message]], zone: ZoneInfo) -> Screen:
    """The newest stored messages."""
    if not found:
        return Screen(texts("latest-none"))
    blocks = [_quoted(texts, chat, message, zone) for chat, message in found]
    return Screen(Html("\n\n".join([texts("latest-title"), *blocks])))


def export_formats(texts: Texts, run: str) -> Screen:
    """Which file it shall be."""
    row = (
        Choice(texts.plain("button-csv"), f"r:csv:{run}"),
        Choice(texts.plain("button-jsonl"), f"r:jsonl:{run}"),
    )
    return Screen(texts("export-choose"), (row,))


def other_accounts(texts: Texts, run: Run, crew: Sequence[Account]) -> Screen:
    """Who may do what failed; those that cannot work are named with the reason."""
    ready = [one for one in crew if one.can_work()]
    rows = [
        (
            Choice(
                texts.plain(
                    "account-choice",
                    name=shorten(one.name, 24),
                    number=str(one.id),
                    running=one.running,
                ),
                f"r:use:{run.id}:{one.id}",
            ),
        )
        for one in ready
    ]
    if ready:
        rows.append((Choice(texts.plain("account-balance"), f"r:use:{run.id}:auto"),))
    if not run.is_open():
        rows.append((Choice(texts.plain("button-back"), f"r:card:{run.id}"),))
    key = "run-choose-account" if ready else "wizard-account-nobody"
    return Screen(texts(key, number=str(run.number)), tuple(rows))


def _quoted(texts: Texts, chat: Chat, message: Message, zone: ZoneInfo) -> Html:
    said = message.text or " · ".join(one.text for one in message.texts)
    body = said or (message.media.kind if message.media else message.action or "")
    link = f"https://t.me/{chat.username}/{message.id}" if chat.username else ""
    head = texts(
        "latest-head",
        sender=shorten((message.sender and message.sender.name) or chat.title, 32),
        time=message.date.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        chat=shorten(chat.title, 32),
    )
    number = f'<a href="{link}">#{message.id}</a>' if link else f"#{message.id}"
    quote = texts("latest-text", text=shorten(body, SNIPPET))
    mark = f" · {texts('latest-deleted')}" if message.deleted_at else ""
    return Html(f"{head} · {number}{mark}\n{quote}")
