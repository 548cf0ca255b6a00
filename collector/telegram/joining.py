"""Entering and leaving chats."""

from typing import Any

from telethon.errors import UserAlreadyParticipantError
from telethon.tl import functions, types
from telethon.tl.types import messages

from collector.telegram.lenient import ChannelsRequest, ChatsRequest
from collector.telegram.peers import bare, chat_of, input_peer, peer_of
from collector.telegram.verbs import Verbs
from core.chat import Chat, ChatKind, Peer
from core.errors import CrewError, NotUnderstood, SourceForbidden
from core.membership import Invite, Slots

DIALOGS_PAGE = 100
MOST_DIALOG_PAGES = 12
DEFAULT_LIMITS = (500, 1000)
"""Channels that an account may be in, without and with Premium, where Telegram tells none."""


class JoiningVerbs(Verbs):
    """Each raises JoinPending where an administrator has to agree first."""

    async def join(self, peer: Peer) -> Chat:
        """Enter a public chat; raises AccountFull, SourceForbidden, JoinPending."""
        request = functions.channels.JoinChannelRequest(input_peer(peer))
        try:
            entered = _entered(await self._call(request), peer.chat)
        except CrewError as error:
            if not isinstance(error.__cause__, UserAlreadyParticipantError):
                raise
            entered = None
        return entered[1] if entered is not None else Chat(id=peer.chat, kind=peer.kind, title="")

    async def inside(self, peer: Peer) -> bool:
        """Whether the account is in the chat now."""
        if peer.kind is ChatKind.GROUP:
            request = ChatsRequest([bare(peer.chat)])
        else:
            channel = types.InputChannel(bare(peer.chat), peer.access_hash)
            request = ChannelsRequest([channel])
        found = await self._call(request)
        return any(
            not getattr(entity, "left", True) or getattr(entity, "creator", False)
            for entity in found.chats
        )

    async def check_invite(self, source: str) -> Invite:
        """What is behind `+HASH`, without entering; raises SourceUnknown."""
        found = await self._call(functions.messages.CheckChatInviteRequest(source[1:]))
        if isinstance(found, types.ChatInviteAlready):
            return _known(found.chat, inside=True)
        if isinstance(found, types.ChatInvitePeek):
            return _known(found.chat, inside=False)
        broadcast = bool(found.channel and found.broadcast)
        group = ChatKind.SUPERGROUP if found.megagroup or found.channel else ChatKind.GROUP
        return Invite(
            title=found.title,
            kind=ChatKind.CHANNEL if broadcast else group,
            members=found.participants_count,
            approval=bool(found.request_needed),
        )

    async def accept_invite(self, source: str) -> tuple[Peer, Chat]:
        """Enter by `+HASH`; raises SourceUnknown, AccountFull, SourceForbidden, JoinPending."""
        try:
            result = await self._call(functions.messages.ImportChatInviteRequest(source[1:]))
        except CrewError as error:
            if not isinstance(error.__cause__, UserAlreadyParticipantError):
                raise
            invite = await self.check_invite(source)
            if invite.entered is None:
                raise
            return invite.entered
        entered = _entered(result, None)
        if entered is None:
            raise SourceForbidden(reason="join_by_app")
        return entered

    async def leave(self, peer: Peer) -> None:
        """Leave a chat; to have left before is fine."""
        if peer.kind is ChatKind.GROUP:
            me = types.InputUserSelf()
            await self._call(functions.messages.DeleteChatUserRequest(bare(peer.chat), me))
        else:
            await self._call(functions.channels.LeaveChannelRequest(input_peer(peer)))

    async def slots(self) -> Slots:
        """How many channels and supergroups the account is in, and how many it may be in."""
        return Slots(used=await self._channels(), limit=await self._limit())

    async def _limit(self) -> int:
        config = await self._call(functions.help.GetAppConfigRequest(hash=0))
        values = {item.key: item.value for item in getattr(config.config, "value", ())}
        plain, premium = (
            int(getattr(values.get(f"channels_limit_{name}"), "value", default))
            for name, default in zip(("default", "premium"), DEFAULT_LIMITS, strict=True)
        )
        try:
            (user,) = await self._call(functions.users.GetUsersRequest([types.InputUserSelf()]))
        except NotUnderstood:
            return plain
        return premium if getattr(user, "premium", False) else plain

    async def _channels(self) -> int:
        seen: set[int] = set()
        offset: tuple[Any, int, Any] = (None, 0, types.InputPeerEmpty())
        for _ in range(MOST_DIALOG_PAGES):
            page = await self._call(_dialogs(offset))
            before = len(seen)
            seen |= {
                dialog.peer.channel_id
                for dialog in page.dialogs
                if isinstance(dialog.peer, types.PeerChannel)
            }
            following = _after(page)
            if isinstance(page, messages.Dialogs) or following is None or len(seen) == before:
                break
            offset = following
        return len(seen)


def _dialogs(offset: tuple[Any, int, Any]) -> Any:
    date, message, peer = offset
    return functions.messages.GetDialogsRequest(
        offset_date=date, offset_id=message, offset_peer=peer, limit=DIALOGS_PAGE, hash=0
    )


def _after(page: Any) -> tuple[Any, int, Any] | None:
    """Where the next page of dialogs begins: behind the last one whose message is known."""
    if not page.dialogs:
        return None
    last = page.dialogs[-1]
    date = next((one.date for one in page.messages if one.id == last.top_message), None)
    entities = [peer_of(chat) for chat in page.chats]
    wanted = getattr(last.peer, "channel_id", None)
    peer = next((p for p in entities if p is not None and bare(p.chat) == wanted), None)
    return None if peer is None else (date, last.top_message, input_peer(peer))


def _entered(result: Any, wanted: int | None) -> tuple[Peer, Chat] | None:
    """The chat that an answer says was entered; None for one that only Telegram's app can enter."""
    if isinstance(result, messages.ChatInviteJoinResultWebView):
        raise SourceForbidden(reason="join_by_app")
    updates = getattr(result, "updates", result)
    for entity in getattr(updates, "chats", ()):
        peer, chat = peer_of(entity), chat_of(entity)
        if peer is not None and chat is not None and wanted in (None, chat.id):
            return peer, chat
    return None


def _known(entity: Any, *, inside: bool) -> Invite:
    peer, chat = peer_of(entity), chat_of(entity)
    if peer is None or chat is None:
        raise SourceForbidden(reason="source_forbidden")
    return Invite(
        title=chat.title,
        kind=chat.kind,
        members=chat.members,
        entered=(peer, chat) if inside else None,
    )
