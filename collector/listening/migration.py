"""A basic group that is listened to becomes a supergroup: the listening goes on there."""

from dataclasses import replace

import structlog

from collector.crew import Crew
from collector.gateway import Gateway
from collector.jobs.kin import BECAME
from collector.listening.watch import Watch
from core.chat import Chat, Peer
from core.claim import Came, claim_of
from core.subscription import Subscription
from db.subscriptions import Begun

log = structlog.get_logger(__name__)


class Migration:
    """Of one connected account. A crash in between is made good when the group is opened again."""

    def __init__(self, account: int, gateway: Gateway, crew: Crew) -> None:
        self._account = account
        self._gateway = gateway
        self._database = crew.database
        self._clock = crew.clock

    async def has_happened(self, one: Subscription) -> bool:
        """Whether the end of the group is stored, and came while it was listened to."""
        newest = await self._database.messages.latest(one.chat, one.box, limit=1)
        return any(last.action == BECAME and last.id > one.begin for last in newest)

    async def follow(self, watch: Watch) -> bool:
        """Listen to the supergroup for the same runs, from its first message on, and to the group
        no longer; False while the account is not shown what it became.
        """
        kin = await self._gateway.kin(watch.peer)
        if kin.successor is None:
            return False
        peer, chat = kin.successor
        await self._link(watch, peer, chat)
        one = await self._database.subscriptions.get(watch.one.chat, watch.one.box)
        if one is None:
            return True
        now = self._clock.now()
        await self._database.claims.take(
            claim_of(task, chat.id, Came.MIGRATED, now) for task in one.tasks()
        )
        for want in one.wants:
            begun = Begun(
                chat=chat.id, box=chat.box(self._account), source=chat.source(), want=want
            )
            await self._database.subscriptions.want(begun)
        await self._database.subscriptions.keep(one, ())
        log.info("chat.migrated", chat=one.chat, to=chat.id)
        return True

    async def _link(self, watch: Watch, peer: Peer, chat: Chat) -> None:
        """What the account was to the group it is to the supergroup."""
        chats, memberships = self._database.chats, self._database.memberships
        await chats.save(replace(chat, migrated_from=watch.one.chat))
        await chats.save(replace(watch.chat, migrated_to=chat.id))
        known = await memberships.of_chat(self._account, watch.one.chat)
        task = None if known is None else known.for_task
        now = self._clock.now()
        await memberships.joined(self._account, peer, str(chat.id), now, task=task)
