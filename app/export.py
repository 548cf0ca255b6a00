"""`telecrew export`: a chat's messages as JSON Lines or CSV, streamed."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from app.new_file import new_file
from app.store import Store, open_store
from app.terminal import complain, progress
from core.chat import Chat
from core.errors import CrewError
from core.export import ExportFormat, body, head
from core.foreign import one_line
from core.links import BadSource, is_invite, parse_source
from core.message import Message
from core.settings import Settings

BATCH = 500


class ChatUnknown(CrewError):
    """Nothing was collected under this name; the message lists what was."""


async def export_chat(
    settings: Settings,
    text: str,
    *,
    kind: ExportFormat,
    out: Path | None,
    since: datetime | None,
    until: datetime | None,
) -> None:
    """Export with a progress bar on standard error; a file is complete or not there at all."""
    async with open_store(settings, founds=False) as store:
        chat = await find_chat(store, text)
        total = await store.database.tallies.of_chat(chat.id)
        with ExitStack() as stack:
            bar = stack.enter_context(progress())
            task = bar.add_task(one_line(chat.title), total=total)
            file = stack.enter_context(_output(out))
            await export(
                store,
                chat,
                kind=kind,
                out=file,
                since=since,
                until=until,
                advance=lambda count: bar.advance(task, count),
            )
        await _tell_what_is_not_in_it(store, chat, since, until)


async def _tell_what_is_not_in_it(
    store: Store, chat: Chat, since: datetime | None, until: datetime | None
) -> None:
    """What is stored and cannot be written, on standard error."""
    undecoded = store.database.undecoded
    left = 0
    for box in await undecoded.boxes(chat.id):
        left += await undecoded.count(chat.id, box, since=since, until=until)
    if left:
        what = "1 stored message is" if left == 1 else f"{left} stored messages are"
        complain(f"{what} left out: not understood by this version, read again by a newer one.")


@contextmanager
def _output(path: Path | None) -> Iterator[BinaryIO]:
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with new_file(path) as file:
        yield file


async def find_chat(store: Store, text: str) -> Chat:
    """The collected chat that a name, link or id means; raises ChatUnknown."""
    chats = store.database.chats
    chat = await chats.get(int(text)) if text.lstrip("-").isdigit() else None
    source = parse_source(text)
    if chat is None and not isinstance(source, BadSource):
        chat = await _of_source(store, source)
    if chat is not None:
        return chat
    known = [f"{one.source()} ({one.title})" for one in await chats.all(limit=20)]
    listed = ", ".join(known) if known else "nothing yet; start a task with /newtask"
    raise ChatUnknown(f"No chat {text} was collected. Collected are: {listed}.")


async def _of_source(store: Store, source: str) -> Chat | None:
    """Raises ChatUnknown where several chats had the name: only an id says which is meant."""
    database = store.database
    if source.startswith("@"):
        had = await database.chats.all_named(source)
        if len(had) > 1:
            listed = ", ".join(f"{one.id} ({one.title})" for one in had)
            raise ChatUnknown(f"Several chats had the name {source}: {listed}. Name one by its id.")
        return had[0] if had else None
    if is_invite(source):
        behind = await database.memberships.chat_behind(source)
        return None if behind is None else await database.chats.get(behind)
    return await database.chats.get(int(source))


async def export(
    store: Store,
    chat: Chat,
    *,
    kind: ExportFormat,
    out: BinaryIO,
    since: datetime | None = None,
    until: datetime | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> int:
    """Write the chat's messages, oldest first; how many. `advance` is told of every batch.

    A basic group, whose messages each account numbers for itself, is written account by account.
    """
    written = 0
    out.write(head(kind))
    batch: list[Message] = []
    messages = store.database.messages
    for box in sorted(await messages.boxes(chat.id)):
        async for message in messages.stream(chat.id, box, since=since, until=until):
            batch.append(message)
            if len(batch) == BATCH:
                written += _write(out, kind, batch, advance)
    return written + _write(out, kind, batch, advance)


def _write(
    out: BinaryIO, kind: ExportFormat, batch: list[Message], advance: Callable[[int], None]
) -> int:
    out.write(body(kind, batch))
    count = len(batch)
    batch.clear()
    advance(count)
    return count
