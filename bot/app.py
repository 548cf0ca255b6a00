"""The control bot as a whole: who gets what, in which order it starts and stops."""

import asyncio
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramNotFound,
    TelegramUnauthorizedError,
)
from aiogram.fsm.storage.base import BaseStorage, DefaultKeyBuilder
from aiogram.fsm.storage.memory import SimpleEventIsolation
from aiogram.utils.token import TokenValidationError
from aiogram_dialog import setup_dialogs

from bot import errors
from bot.away import AwayNotice
from bot.background import Background
from bot.cards import Cards
from bot.features.accounts import router as accounts_router
from bot.features.accounts.service import AccountService
from bot.features.earlier import router as earlier_router
from bot.features.earlier.service import EarlierService
from bot.features.found import router as found_router
from bot.features.found.service import FoundService
from bot.features.home import hints
from bot.features.home import router as home_router
from bot.features.home.service import HomeService
from bot.features.newtask import dialog as newtask_dialog
from bot.features.newtask import router as newtask_router
from bot.features.newtask.service import WizardService
from bot.features.newtask.watch import LookupWatch
from bot.features.queue import router as queue_router
from bot.features.queue.service import QueueService
from bot.features.runs import router as runs_router
from bot.features.runs.export import Exporter
from bot.features.runs.service import RunService
from bot.features.tasks import router as tasks_router
from bot.features.tasks.deletion import Deletions
from bot.features.tasks.service import TaskService
from bot.features.tasks.views import TaskCard
from bot.features.workers import router as workers_router
from bot.features.workers.service import WorkerService
from bot.groups import TellsWhere
from bot.holders import Holders
from bot.i18n import Locales
from bot.known import KnownOperators
from bot.lanes import Lanes
from bot.menu import set_menu
from bot.middlewares import OnlyOperators
from bot.notifier import Notifier
from bot.polling import Polling, TokenRejected
from bot.role import OnlyInRole, Role
from bot.session import make_bot
from bot.settings import BotSettings
from bot.storage import DialogStorage
from core.bot_role import RoleLost
from core.clock import Clock, SystemClock
from core.told_once import ToldOnce
from core.trusted_clock import TimeSource, TrustedClock
from db.database import Database
from db.fsm import FSM_COLLECTION, fsm_client

__all__ = ["BotSettings", "ControlBot", "include_features", "serve"]

log = structlog.get_logger(__name__)

WITNESSES = (TimeSource.MONGODB, TimeSource.BOT_API)
"""Who has to agree with the clock of a process that has no accounts."""

START_RETRY_SECONDS = 3.0


class ControlBot:
    """Answers operators and keeps their cards alive. `ready` is set once updates are fetched."""

    def __init__(
        self,
        settings: BotSettings,
        database: Database,
        *,
        clock: Clock | None = None,
        trusted: TrustedClock | None = None,
    ) -> None:
        self.ready = asyncio.Event()
        self.username: str | None = None
        self._settings = settings
        self._database = database
        self._clock = clock or SystemClock()
        self._holders = Holders(database, self._clock)
        self._trusted = trusted or TrustedClock(self._clock, WITNESSES)
        self.role = Role(
            database.bot_role,
            database.outage,
            self._clock,
            worker=settings.worker,
            seconds=settings.lease_seconds,
        )
        self._known = KnownOperators(database, self._clock)
        self._locales = Locales(settings.language)
        self._zone = ZoneInfo(settings.time_zone)

    async def run(self) -> None:
        """Until cancelled. Raises TokenRejected when Telegram does not know the token, BotElsewhere
        when another process serves the chats of this store.
        """
        for admin in self._settings.admins:
            ensure = partial(self._database.operators.ensure_admin, admin)
            await self._database.outage.insist("admins", ensure)
        try:
            bot = make_bot(
                self._settings.token,
                self._settings.api_url,
                self._trusted,
                OnlyInRole(self.role),
            )
        except TokenValidationError as error:
            raise TokenRejected from error
        async with bot.session, fsm_client(self._settings.mongo_uri) as client:
            storage = DialogStorage(
                self._database.outage,
                client,
                key_builder=DefaultKeyBuilder(with_destiny=True),
                db_name=self._settings.mongo_db,
                collection_name=FSM_COLLECTION,
            )
            while True:
                await self.role.obtain()
                try:
                    await self._in_role(bot, storage)
                finally:
                    self.ready.clear()
                    await self.role.give_back()

    async def _in_role(self, bot: Bot, storage: BaseStorage) -> None:
        """Serve until another process has the role."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.role.keep(), name="role")
                await self._greet(bot)
                await self._serve(bot, storage)
        except BaseExceptionGroup as errors:
            if errors.subgroup(TokenRejected) is not None:
                raise TokenRejected from errors
            _, others = errors.split(RoleLost)
            if others is not None:
                raise others from None
        log.warning("bot.role_lost")

    async def _serve(self, bot: Bot, storage: BaseStorage) -> None:
        background = Background()
        away = AwayNotice(bot, self._database, self._known, self._locales, self._clock)
        await self._database.outage.insist("operators", self._known.load)
        try:
            async with asyncio.TaskGroup() as group:
                background.open(group)
                lanes = Lanes(group)
                cards = self._cards(bot)
                cards.open(group)
                dispatcher = self._dispatcher(bot, storage, lanes, background, cards)
                await dispatcher.emit_startup(bot=bot)
                notifier = Notifier(cards, self._database.changes, self._database.outage)
                group.create_task(notifier.run(), name="notifier")
                menu = set_menu(bot, self._locales, self._settings.language)
                group.create_task(menu, name="menu")
                background.start("deletions", self._finish_deletions(dispatcher))
                background.start("exports", dispatcher["exporter"].finish_left_over(self._locales))
                polling = Polling(bot, dispatcher, lanes, self._database, away, self._known)
                await polling.resume()
                self.ready.set()
                log.info("bot.ready", username=self.username)
                group.create_task(self._known.run(), name="operators")
                group.create_task(away.run(), name="away")
                await polling.run()
        except* TokenRejected as group_error:
            raise TokenRejected from group_error

    async def _greet(self, bot: Bot) -> None:
        trouble = ToldOnce()
        while True:
            try:
                me = await bot.me()
                await bot.delete_webhook()
            except (TelegramUnauthorizedError, TelegramNotFound) as error:
                raise TokenRejected from error
            except TelegramAPIError as error:
                if trouble.failed(type(error).__name__):
                    log.warning("bot.unreachable", error=error.message)
                await asyncio.sleep(START_RETRY_SECONDS)
            else:
                if (told := trouble.worked()) is not None:
                    log.info("bot.reached", **told)
                self.username = me.username
                return

    async def _finish_deletions(self, dispatcher: Dispatcher) -> None:
        for service in (dispatcher["earlier"], dispatcher["deletions"]):
            await self._database.outage.insist("deletions", service.finish_all)

    def _cards(self, bot: Bot) -> Cards:
        return Cards(
            bot=bot,
            database=self._database,
            locales=self._locales,
            zone=self._zone,
            clock=self._clock,
            holders=self._holders,
        )

    def _shared(self) -> dict[str, Any]:
        return {"locales": self._locales, "zone": self._zone, "clock": self._clock}

    def _services(self) -> dict[str, Any]:
        """What handlers ask for by name, as far as it needs no connection to the bot's server."""
        runs = RunService(self._database, self._clock)
        tasks = TaskService(self._database, self._clock, runs)
        return {
            "tasks": tasks,
            "queue": QueueService(self._database, self._clock),
            "workers": WorkerService(self._database, self._clock),
            "deletions": Deletions(self._database, self._clock, runs, self._holders),
            "earlier": EarlierService(self._database, self._clock),
            "runs": runs,
            "found": FoundService(self._database, self._clock),
            "wizard": self._wizard(),
            "home": HomeService(self._database),
            "accounts": AccountService(self._database),
            "task_card": TaskCard(tasks, self._zone),
        }

    def _wizard(self) -> WizardService:
        bots = self._settings.search_bots
        return WizardService(self._database, self._clock, self._zone, bots)

    def _dispatcher(
        self,
        bot: Bot,
        storage: BaseStorage,
        lanes: Lanes,
        background: Background,
        cards: Cards,
    ) -> Dispatcher:
        isolation = SimpleEventIsolation()
        dispatcher = Dispatcher(storage=storage, events_isolation=isolation, disable_fsm=True)
        gate = OnlyOperators(self._database.operators, self._locales, self._known)
        dispatcher.update.outer_middleware(gate)
        dispatcher.update.outer_middleware(dispatcher.fsm)
        dispatcher.update.outer_middleware(TellsWhere())
        dispatcher.workflow_data.update(
            self._services(), background=background, cards=cards, **self._shared()
        )
        services = dispatcher.workflow_data
        services["exporter"] = Exporter(
            bot=bot,
            runs=services["runs"],
            background=background,
            folder=self._settings.data_dir / "exports",
            clock=self._clock,
        )
        services["lookup_watch"] = LookupWatch(
            bot=bot,
            dispatcher=dispatcher,
            wizard=services["wizard"],
            changes=self._database.changes,
            background=background,
            lanes=lanes,
        )
        include_features(dispatcher)
        setup_dialogs(dispatcher, events_isolation=SimpleEventIsolation())
        return dispatcher


def include_features(dispatcher: Dispatcher) -> None:
    """Every router in its order: commands, buttons, the wizard, what is left."""
    dispatcher.include_routers(
        errors.router(),
        hints.nowhere(),
        home_router.router(),
        tasks_router.router(),
        earlier_router.router(),
        queue_router.router(),
        workers_router.router(),
        runs_router.router(),
        found_router.router(),
        accounts_router.router(),
        newtask_router.router(),
        hints.strays(),
        newtask_dialog.pages(),
        hints.rest(),
    )


async def serve(settings: BotSettings, database: Database, *, clock: Clock | None = None) -> None:
    """Run the bot until cancelled."""
    await ControlBot(settings, database, clock=clock).run()
