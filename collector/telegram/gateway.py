"""The few Telegram verbs of one connected account, on Telethon."""

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from telethon.errors import AuthKeyNotFound
from telethon.tl import functions, types

from collector.gateway import Myself, Pace, Witness
from collector.telegram.client import CrewClient
from collector.telegram.connection import WriteGuard
from collector.telegram.errors import FOREIGN, map_telethon_errors, to_crew_error
from collector.telegram.families import family_of
from collector.telegram.files import FileVerbs
from collector.telegram.finding import FindingVerbs
from collector.telegram.joining import JoiningVerbs
from collector.telegram.lenient import (
    DescribedChannelRequest,
    FullGroupRequest,
    ResolveRequest,
    SearchRequest,
)
from collector.telegram.live import LiveVerbs
from collector.telegram.near import Nearest, queries
from collector.telegram.peers import bare, chat_of, display_name, input_peer, peer_of, username_of
from collector.telegram.reading import ReadingVerbs
from collector.telegram.session import AccountSession
from collector.telegram.settings import TelegramSettings
from collector.telegram.torn import DECODER
from core.chat import Chat, ChatKind, Peer
from core.errors import (
    FloodError,
    Retriable,
    SourceForbidden,
    SourceUnknown,
    Unexpected,
    WorkerUnfit,
)
from core.job import Family

log = structlog.get_logger(__name__)

GOODBYE = 3.0
"""Seconds for a connection to close in good order before it is cut."""

FETCHES = 2
"""Parts of files that an account fetches at once."""

PROBE_EVERY = (300.0, 600.0)
"""Seconds between proofs of an idle connection: an idle revoked account would not notice."""


class TelethonGateway(ReadingVerbs, FindingVerbs, JoiningVerbs, LiveVerbs, FileVerbs):
    """Implements `collector.gateway.Gateway`. `account` is the crew's number, not Telegram's id."""

    def __init__(
        self,
        session: bytes,
        settings: TelegramSettings,
        *,
        account: int,
        pace: Pace,
        may_write: Callable[[], bool],
        call_timeout: float = 30.0,
        probe_every: tuple[float, float] = PROBE_EVERY,
        witness: Witness | None = None,
        underway: float | None = None,
    ) -> None:
        super().__init__()
        self._session = AccountSession.from_bytes(session)
        self._signed_in_at = (self._session.server_address, self._session.port)
        self._settings = settings
        self._account = account
        self._pace = pace
        self._guard = WriteGuard(may_write, underway=underway)
        self._call_timeout = call_timeout
        self._probe_every = probe_every
        self._witness = witness
        self._client: CrewClient | None = None
        self.fetching = asyncio.Semaphore(FETCHES)
        self.moved: dict[str, int] = {}

    @property
    def data_centre(self) -> int:
        """Where the account's key is good, or where the settings say that everything is."""
        dc = self._settings.dc
        return dc.id if dc.kind == "custom" else self._session.dc_id or dc.id

    def silent_for(self) -> float:
        """Seconds since anything came from Telegram."""
        return self._guard.silent_for()

    @property
    def decoder(self) -> str:
        """The version that reads what Telegram answers."""
        return DECODER

    @property
    def writes_refused(self) -> int:
        """How often something was to be sent after the lease had ended."""
        return self._guard.refused

    async def connect(self) -> Myself:
        """Connect and prove the key; raises AccountLost, Retriable. Disconnect even after that."""
        await self.disconnect()
        client = self._client = CrewClient(
            self._session,
            self._settings,
            pace=self._pace,
            guard=self._guard,
            call_timeout=self._call_timeout,
            witness=self._witness,
        )
        with map_telethon_errors(Family.CONNECT):
            with self._strange_server():
                await client.connect()
            if client.refusal is not None:
                raise client.refusal
        return myself(client.me)

    async def disconnect(self) -> None:
        """Close the connection; never raises, returns within a few seconds."""
        client, self._client = self._client, None
        if client is not None:
            await close(client)

    async def watch(self) -> None:
        """Return never; raises AccountLost or Retriable when the connection died for good."""
        client = self._connected()
        while True:
            error = await client.trouble(random.uniform(*self._probe_every))  # noqa: S311
            if error is not None:
                raise to_crew_error(error, Family.CONNECT)
            await self._probe()

    async def resolve(self, username: str) -> tuple[Peer, Chat]:
        """What `@name` is; raises SourceUnknown, SourceForbidden (`not_a_chat`: a user, a bot)."""
        name = username.removeprefix("@")
        try:
            result = await self._call(ResolveRequest(name))
        except SourceUnknown as error:
            raise SourceUnknown(reason=error.reason, source=f"@{name}") from error
        if isinstance(result.peer, types.PeerUser):
            raise SourceForbidden(reason="not_a_chat", source=f"@{name}")
        wanted = getattr(result.peer, "channel_id", None) or getattr(result.peer, "chat_id", None)
        for entity in result.chats:
            peer, chat = peer_of(entity), chat_of(entity)
            if entity.id == wanted and peer is not None and chat is not None:
                return peer, chat
        raise SourceForbidden(reason="source_forbidden", source=f"@{name}")

    async def describe(self, peer: Peer) -> Chat:
        """The chat in full. Telegram tells no top id and no count of messages here: ask a page."""
        if peer.kind is ChatKind.GROUP:
            request = FullGroupRequest(bare(peer.chat))
        else:
            request = DescribedChannelRequest(input_peer(peer))
        result = await self._call(request)
        full = result.full_chat
        for entity in result.chats:
            chat = chat_of(entity) if entity.id == full.id else None
            if chat is not None:
                return _with_members(chat, full)
        raise SourceForbidden(reason="source_forbidden")

    async def suggest(self, username: str) -> list[Chat]:
        """Public chats whose name is near to a mistyped one, best first, at most five."""
        nearest = Nearest(username)
        for query in queries(username):
            try:
                found = await self._call(SearchRequest(q=query, limit=20))
            except (SourceUnknown, Unexpected) as error:
                log.info("suggest.refused", why=str(error))
                continue
            nearest.add(chat for entity in found.chats if (chat := chat_of(entity)) is not None)
            if nearest.good_enough():
                break
        return nearest.best()

    def session(self) -> bytes:
        """What must be kept to connect again; plain, so encrypt it before it leaves the process."""
        return self._session.to_bytes()

    @contextmanager
    def _strange_server(self) -> Iterator[None]:
        """A server that is not the one of the sign-in and knows no such key may be a wrong one."""
        try:
            yield
        except AuthKeyNotFound as error:
            if self._signed_in_at == (self._session.server_address, self._session.port):
                raise
            raise WorkerUnfit(
                "TELEGRAM_DC names another server", reason="server_differs"
            ) from error

    def _box(self, peer: Peer) -> str:
        return Chat(id=peer.chat, kind=peer.kind, title="").box(self._account)

    def _connected(self) -> CrewClient:
        if self._client is None:
            raise Retriable("not connected")
        return self._client

    async def _call(self, request: Any) -> Any:
        client = self._connected()
        with map_telethon_errors(family_of(request)):
            return await client(request)

    async def _probe(self) -> None:
        """Ask for anything that needs a live key. A server in trouble is no dead connection."""
        try:
            await self._call(functions.updates.GetStateRequest())
        except FloodError as flood:
            log.info("connection.unproven", why=flood.reason, seconds=flood.seconds)
        except Retriable as error:
            if error.reason != "server":
                raise
            log.info("connection.unproven", why=error.reason)


async def close(client: CrewClient) -> None:
    """Disconnect a client in good order if it may still write and that is quick, else by force;
    never raises."""
    client.abort_unless_ours()
    try:
        async with asyncio.timeout(GOODBYE):
            await client.disconnect()
    except FOREIGN as error:
        log.info("connection.cut", why=type(error).__name__)
        client.abort()


def myself(user: Any) -> Myself:
    """Who the account is, of Telegram's own user."""
    return Myself(
        telegram_id=user.id, name=display_name(user) or str(user.id), username=username_of(user)
    )


def _with_members(chat: Chat, full: Any) -> Chat:
    members = getattr(full, "participants_count", None)
    if members is None:
        members = len(getattr(getattr(full, "participants", None), "participants", None) or ())
    return Chat(
        id=chat.id,
        kind=chat.kind,
        title=chat.title,
        username=chat.username,
        members=members or chat.members,
    )
