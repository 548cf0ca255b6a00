"""Shows the answer of a lookup in an open wizard, without anybody waiting for it."""

import structlog
from aiogram import Bot, Dispatcher
from aiogram.types import Chat, User
from aiogram_dialog import DialogManager, ShowMode
from aiogram_dialog.api.entities import DialogAction, DialogUpdate, DialogUpdateEvent

from bot.background import Background
from bot.features.newtask.draft import Draft
from bot.features.newtask.service import WizardService
from bot.lanes import Lanes
from core.errors import StoreError
from core.told_once import ToldOnce
from db.changes import Changes

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.25


class LookupWatch:
    """Waits for answers in the background and has the wizard drawn again in its operator's lane."""

    def __init__(
        self,
        *,
        bot: Bot,
        dispatcher: Dispatcher,
        wizard: WizardService,
        changes: Changes,
        background: Background,
        lanes: Lanes,
    ) -> None:
        self._bot = bot
        self._dispatcher = dispatcher
        self._wizard = wizard
        self._changes = changes
        self._background = background
        self._lanes = lanes

    def follow(self, manager: DialogManager, draft: Draft) -> None:
        """Keep the wizard's page up to date until every source was answered, or time is up."""
        context = manager.current_context()
        data = manager.middleware_data
        event = DialogUpdateEvent(
            from_user=data["event_from_user"],
            chat=data["event_chat"],
            action=DialogAction.UPDATE,
            data={},
            intent_id=context.id,
            stack_id=manager.current_stack().id,
            thread_id=None,
            business_connection_id=None,
            show_mode=ShowMode.EDIT,
        )
        name = f"lookup-{draft.lookups[-1]}" if draft.lookups else ""
        if name:
            self._background.start(name, self.wait(draft, event))

    async def wait(self, draft: Draft, event: DialogUpdateEvent) -> None:
        """Until it may be drawn again; through outages of the store too."""
        trouble = ToldOnce()
        while True:
            mark = self._changes.mark()
            if not await self._pending(draft, trouble):
                break
            await self._changes.wait("lookups", since=mark, timeout=POLL_SECONDS)
        self._lanes.put(event.from_user.id, lambda: self._redraw(event))

    async def _pending(self, draft: Draft, trouble: ToldOnce) -> bool:
        """Whether an answer is still to come; an outage of the store is none."""
        try:
            return await self._wizard.pending(draft)
        except StoreError as error:
            if trouble.failed("store"):
                log.warning("lookup.unseen", error=str(error))
            return True

    async def _redraw(self, event: DialogUpdateEvent) -> None:
        update = DialogUpdate(aiogd_update=event.as_(self._bot)).as_(self._bot)
        user: User = event.from_user
        chat: Chat = event.chat
        await self._dispatcher.propagate_event(
            update_type="update",
            event=update,
            bot=self._bot,
            event_from_user=user,
            event_chat=chat,
            event_thread_id=None,
            **self._dispatcher.workflow_data,
        )
