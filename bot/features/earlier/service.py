"""What earlier tasks left behind, and what the operator decides about it. No Telegram in here."""

from dataclasses import dataclass

from bot.access import require
from bot.errors import Gone
from bot.ownership import Ownership
from core.chat import Chat
from core.claim import EARLIER, Claim
from core.clock import Clock
from core.operator import Operator, Role
from core.task import Task
from db.database import Database

SIZE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """A chat that an earlier task collected. `kept`: the operator said that it stays; `tasks`: a
    few of those that collected it too, whose messages are not to be told apart.
    """

    chat: Chat
    messages: int
    kept: bool
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftoverPage:
    """A page of the list, from 0."""

    chats: tuple[Leftover, ...]
    page: int
    pages: int


class EarlierService:
    """Nothing goes by itself: a chat stays until somebody says that it is to go."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._ownership = Ownership(database, clock)

    async def page(self, page: int) -> LeftoverPage:
        """One page; a number beyond the last gives the last."""
        await self._ownership.build()
        pages = max(-(-await self._database.claims.count_earlier() // SIZE), 1)
        page = min(page, pages - 1)
        claims = await self._database.claims.earlier(skip=page * SIZE, limit=SIZE)
        chats = tuple([await self._of(claim) for claim in claims])
        return LeftoverPage(chats=chats, page=page, pages=pages)

    async def get(self, chat: int) -> Leftover:
        """One chat. Raises Gone."""
        claim = await self._database.claims.get(EARLIER, chat)
        if claim is None:
            raise Gone("error-earlier-gone")
        return await self._of(claim)

    async def keep(self, operator: Operator, chat: int) -> Leftover:
        """It stays, and nobody is asked again. Raises Gone."""
        require(operator, Role.OPERATOR)
        await self._database.claims.keep(chat)
        return await self.get(chat)

    async def begin(self, operator: Operator, chat: int) -> Leftover:
        """It is to go; `finish` does it. Raises Gone."""
        require(operator, Role.OPERATOR)
        return await self.get(chat)

    async def finish(self, chat: int) -> bool:
        """Remove what is stored of it; False where tasks collected it too: it is theirs alone from
        now on."""
        if await self._ownership.delete(EARLIER, chat):
            return True
        await self._database.claims.drop(EARLIER, chat)
        return False

    async def finish_all(self) -> None:
        """Go on with what was begun before the bot was stopped."""
        for chat in await self._database.claims.purges_of(EARLIER):
            await self.finish(chat)

    async def _of(self, claim: Claim) -> Leftover:
        owners = await self._ownership.owners(claim.chat, but=EARLIER)
        return Leftover(
            chat=await self._ownership.chat(claim.chat),
            messages=await self._database.tallies.of_chat(claim.chat),
            kept=claim.kept,
            tasks=owners.tasks,
        )
