"""The step `search`: ask a bot, or Telegram, for groups by words, and keep what is found."""

import asyncio
from collections.abc import Sequence

import structlog

from collector.context import JobContext
from core.answers import (
    BotMessage,
    Button,
    Find,
    finds,
    finds_nothing,
    is_busy,
    is_placeholder,
    next_page,
    wants_start,
    way_in,
)
from core.chat import Chat, Peer
from core.errors import Retriable, SourceForbidden
from core.found import FoundGroup
from core.job import Note
from core.links import is_invite
from core.options import TELEGRAM_SEARCH

log = structlog.get_logger(__name__)

RANKS = 10_000
"""Ranks that each search of a run has for itself, so that its finds stay together in the list."""

PATIENCE = 30.0
"""Seconds that a bot may take for an answer."""

SETTLED = 3.0
"""Seconds without a change after which a text that names no group counts as the answer."""

LEAST_LOOKS = 3
"""Looks at the dialog before a bot counts as silent: a slow pace may take its time for each."""

LOOK_AGAIN = 0.5
"""Seconds between two looks at the dialog, if the pace does not ask for more."""


async def search_groups(ctx: JobContext) -> None:
    """Find groups by the job's words at its place; each is kept as soon as its answer is there."""
    if ctx.job.place == TELEGRAM_SEARCH:
        await _search_telegram(ctx)
    else:
        bot = await _bot(ctx)
        async with ctx.gateway.conversation(bot):
            await _Conversation(ctx, bot, _Keeper(ctx)).search()
    await ctx.reporter.write()


class _Keeper:
    """Numbers what is found and stores it."""

    def __init__(self, ctx: JobContext) -> None:
        self._ctx = ctx
        self._seen: set[str] = set()

    async def keep(self, found: Sequence[tuple[Find, Chat | None]]) -> int:
        """Store what was not found before by this search; how many that were."""
        fresh = [(find, chat) for find, chat in found if find.source not in self._seen]
        groups = [await self._group(find, chat) for find, chat in fresh]
        await self._ctx.database.found.add(groups)
        self._ctx.reporter.found(len(self._seen))
        await self._ctx.reporter.write()
        return len(groups)

    async def _group(self, find: Find, chat: Chat | None) -> FoundGroup:
        ctx, place = self._ctx, len(self._seen)
        self._seen.add(find.source)
        seen = chat or await self._seen_before(find.source)
        return FoundGroup(
            run=ctx.job.run,
            task=ctx.job.task,
            source=find.source,
            rank=int(ctx.job.id.rpartition(":s")[2]) * RANKS + place,
            word=ctx.job.source,
            place=ctx.job.place or TELEGRAM_SEARCH,
            found_at=ctx.clock.now(),
            title=find.title if seen is None else seen.title,
            username=find.source[1:] if find.source[0] == "@" else None,
            chat=None if seen is None else seen.id,
            kind=find.kind if seen is None else seen.kind,
            members=find.members or (None if seen is None else seen.members),
            known=seen is not None and await ctx.database.messages.holds(seen.id),
        )

    async def _seen_before(self, source: str) -> Chat | None:
        """The chat of a name, or behind an invite, if the crew has seen it."""
        database = self._ctx.database
        if not is_invite(source):
            return await database.chats.named(source) if source[0] == "@" else None
        chat = await database.memberships.chat_behind(source)
        return None if chat is None else await database.chats.get(chat)


async def _search_telegram(ctx: JobContext) -> None:
    found = []
    for peer, chat in await ctx.gateway.search_chats(ctx.job.source):
        if chat.username is None:
            continue
        if peer is not None:
            await ctx.database.memberships.remember(ctx.account, peer, chat.username)
        found.append((Find(source=chat.source(), title=chat.title, members=chat.members), chat))
    await _Keeper(ctx).keep(found)


async def _bot(ctx: JobContext) -> Peer:
    name = ctx.job.place or ""
    known = await ctx.database.memberships.peer(ctx.account, name)
    if known is not None:
        return known
    peer = await ctx.gateway.find_bot(name)
    await ctx.database.memberships.remember(ctx.account, peer, name)
    return peer


def _is_answer(message: BotMessage) -> bool:
    """Whether nothing more will come: groups, what is to be pressed, or a plain no."""
    if finds(message) or finds_nothing(message) or is_busy(message) or _is_challenge(message):
        return True
    return bool(message.buttons) and not is_placeholder(message)


def _is_challenge(message: BotMessage) -> bool:
    """Whether the bot wants something of a newcomer before it answers."""
    if finds(message) or finds_nothing(message):
        return False
    return wants_start(message) or way_in(message) is not None


class _Conversation:
    """One search at one bot: a greeting where it wants one, the words, and page after page."""

    def __init__(self, ctx: JobContext, bot: Peer, keeper: _Keeper) -> None:
        self._ctx = ctx
        self._bot = bot
        self._keeper = keeper

    async def search(self) -> None:
        """Keep all groups of the answer's first pages; raises Retriable for a bot that is busy."""
        words, pages = self._ctx.job.source, await self._pages()
        answer = await self._ask(words)
        if not finds(answer) and await self._greet(answer):
            answer = await self._ask(words)
            if _is_challenge(answer):
                raise SourceForbidden(reason="bot_guarded", source=words)
        if is_busy(answer):
            raise Retriable(reason="bot_busy")
        await self._keep(answer)
        for _ in range(pages - 1):
            button = next_page(answer)
            if button is None:
                break
            turned = await self._turn(answer, button)
            if turned is None:
                log.info("search.page_missing", bot=self._ctx.job.place)
                self._ctx.reporter.note(Note.PAGES_MISSING)
                break
            await self._keep(turned)
            answer = turned

    async def _greet(self, answer: BotMessage) -> bool:
        """Do what the bot wants of a newcomer; False when it wants nothing."""
        door = way_in(answer)
        if door is not None:
            await self._press(answer, door)
        elif wants_start(answer):
            await self._ask("/start", settled=0.0)
        else:
            return False
        log.info("search.greeted", bot=self._ctx.job.place)
        return True

    async def _pages(self) -> int:
        run = await self._ctx.database.runs.get(self._ctx.job.run)
        return 1 if run is None else run.spec.search.pages

    async def _keep(self, answer: BotMessage) -> int:
        return await self._keeper.keep([(find, None) for find in finds(answer)])

    async def _ask(self, words: str, *, settled: float = SETTLED) -> BotMessage:
        """Say the words and wait for the answer; raises Retriable when none comes in time."""
        sent = await self._ctx.gateway.say(self._bot, words)
        last: BotMessage | None = None
        began = since = self._ctx.clock.elapsed()
        looks = 0
        while (now := self._ctx.clock.elapsed()) < began + PATIENCE or looks < LEAST_LOOKS:
            looks += 1
            heard = await self._ctx.gateway.heard(self._bot, sent)
            full = [one for one in heard if _is_answer(one)]
            if full:
                return full[-1]
            if not heard or heard[-1] != last:
                last, since = heard[-1] if heard else None, now
            elif now - since >= settled and not is_placeholder(heard[-1]):
                return heard[-1]
            await asyncio.sleep(LOOK_AGAIN)
        raise Retriable(reason="bot_silent")

    async def _press(self, message: BotMessage, button: Button) -> None:
        """Press a button; a bot that forgets to confirm it may have heard it all the same."""
        try:
            await self._ctx.gateway.press(self._bot, message.id, button.data or b"")
        except Retriable as error:
            if error.reason != "bot_silent":
                raise

    async def _turn(self, message: BotMessage, button: Button) -> BotMessage | None:
        """Turn to the next page: the bot edits its message, or writes a new one."""
        await self._press(message, button)
        deadline, looks = self._ctx.clock.elapsed() + PATIENCE, 0
        while self._ctx.clock.elapsed() < deadline or looks < LEAST_LOOKS:
            looks += 1
            for heard in reversed(await self._ctx.gateway.heard(self._bot, message.id - 1)):
                if heard != message and is_busy(heard):
                    return None
                if heard != message and _is_answer(heard):
                    return heard
            await asyncio.sleep(LOOK_AGAIN)
        return None
