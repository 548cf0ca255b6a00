"""Bot and collector as a process: start together, stop together, lose nothing on the way out."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import structlog

from app.clock import trusted_clock
from app.health import Health
from app.memory import share_heaps, spare_the_lasting, sweep_garbage
from app.metrics import Metrics
from app.observability import serve_observability, unserved
from app.schema_watch import SchemaWatch
from app.store import RISKY, Store, open_store
from core.clock import SystemClock
from core.errors import StoreError
from core.lease_watch import MARGIN
from core.redaction import Redaction
from core.settings import Role, Settings
from core.trusted_clock import TrustedClock, told
from db.time_watch import TimeWatch

log = structlog.get_logger(__name__)

START_PATIENCE = 60.0
"""Seconds in which a MongoDB that is away, such as one that starts at the same time, may come."""

Part = Callable[[], Awaitable[None]]
"""Something that works until it is cancelled."""


async def serve(settings: Settings, *roles: Role) -> None:
    """Run the roles until cancelled; then everything is handed back in order.

    Raises SettingsError, MongoFailure, StoreError, SchemaMismatch, or TokenRejected, each with what
    to do.
    """
    settings.require_for(*roles)
    share_heaps()
    metrics, health = Metrics(), Health(Redaction(settings.secrets()))
    async with AsyncExitStack() as stack:
        store = await _open_store(stack, settings, roles, _patience())
        await tell_risky_default(store)
        health.add("mongodb", _answers(store))
        trusted = trusted_clock(*roles)
        health.add("clock", _clock(trusted))
        parts = [*_always(store, roles), TimeWatch(store.database, trusted).run]
        if "collector" in roles:
            parts.append(_collector(stack, settings, store, metrics, health, trusted))
        if "bot" in roles:
            parts.append(_bot(stack, settings, store, health, trusted))
        await stack.enter_async_context(_observed(settings, store, metrics, health))
        spare_the_lasting()
        log.info("service.started", roles=list(roles))
        await _until_cancelled(parts)


def _always(store: Store, roles: tuple[Role, ...]) -> list[Part]:
    """What every process does beside its roles."""
    database = store.database
    watch = SchemaWatch(database.schema, database.outage, beside="collector" in roles)
    return [store.supervise, database.changes.run, sweep_garbage, watch.run]


def _patience() -> Callable[[], bool]:
    """Whether a service that starts waits on for its MongoDB."""
    now = asyncio.get_running_loop().time
    deadline = now() + START_PATIENCE
    return lambda: now() < deadline


async def _open_store(
    stack: AsyncExitStack, settings: Settings, roles: tuple[Role, ...], waits: Callable[[], bool]
) -> Store:
    """The store, while what the roles need is loaded."""
    loop = asyncio.get_running_loop()
    loaded = loop.run_in_executor(None, _load, roles)
    try:
        return await stack.enter_async_context(open_store(settings, waits=waits))
    finally:
        await loaded


def _load(roles: tuple[Role, ...]) -> None:
    """Import what the roles need and nothing else, since it stays in memory. It takes seconds: it
    has to be over before anything has a deadline, and away from the loop."""
    if "collector" in roles:
        importlib.import_module("app.crew")
        importlib.import_module("collector.watchdog")
    if "bot" in roles:
        importlib.import_module("bot.app")
        importlib.import_module("bot.i18n").Locales()


async def tell_risky_default(store: Store) -> None:
    """Our own writes wait for a majority; whatever else writes there by the default does not."""
    with suppress(StoreError):
        default = await store.database.default_writes()
        if str(default) in RISKY:
            log.warning("mongo.risky_default", w=default, advice="telecrew doctor")


def _collector(
    stack: AsyncExitStack,
    settings: Settings,
    store: Store,
    metrics: Metrics,
    health: Health,
    trusted: TrustedClock,
) -> Part:
    from app.crew import make_worker
    from collector.identity import worker_identity
    from collector.watchdog import Watchdog

    patience = settings.lease_seconds * (1 - MARGIN)
    stack.enter_context(Watchdog(SystemClock(), patience=patience).watching())
    identity = stack.enter_context(worker_identity(settings.data_dir))
    worker = make_worker(settings, store, metrics, identity, trusted)
    health.add("collector", worker.trouble)
    health.add_notes(worker.notes)
    return worker.run


def _bot(
    stack: AsyncExitStack,
    settings: Settings,
    store: Store,
    health: Health,
    trusted: TrustedClock,
) -> Part:
    from bot.app import BotSettings, ControlBot
    from collector.identity import worker_identity

    bot = ControlBot(
        BotSettings(
            token=settings.bot_token.get_secret_value(),
            mongo_uri=store.uri,
            mongo_db=store.name,
            data_dir=settings.data_dir,
            api_url=settings.bot_api_url,
            admins=settings.admins,
            language=settings.language,
            time_zone=str(settings.time_zone),
            search_bots=settings.search_bots,
            worker=stack.enter_context(worker_identity(settings.data_dir, "bots")),
            lease_seconds=settings.lease_seconds,
        ),
        store.database,
        trusted=trusted,
    )

    async def polls() -> str | None:
        if (other := bot.role.waits_for) is not None:
            return f"{other.lease.worker} on {other.host} has the bot's role"
        return None if bot.ready.is_set() else "the bot does not fetch updates yet"

    health.add("bot", polls)
    return bot.run


@asynccontextmanager
async def _observed(
    settings: Settings, store: Store, metrics: Metrics, health: Health
) -> AsyncIterator[None]:
    if not settings.metrics_port:
        yield
        return

    async def count() -> None:
        metrics.jobs(await store.database.jobs.count_by_state())
        metrics.accounts(await store.database.accounts.count_by_state())

    host, port = settings.metrics_host, settings.metrics_port
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(
                serve_observability(
                    host=host, port=port, metrics=metrics, health=health, refreshes=[count]
                )
            )
        except (OSError, UnicodeError) as error:
            raise unserved(host, port, error) from None
        yield


def _clock(trusted: TrustedClock) -> Callable[[], Awaitable[str | None]]:
    """Ready while nobody disagrees; a worker without a connected account has nobody to ask."""

    async def check() -> str | None:
        judged = trusted.judge()
        return told(judged) if judged.timed is None else None

    return check


def _answers(store: Store) -> Callable[[], Awaitable[str | None]]:
    async def ping() -> str | None:
        try:
            await store.database.ping()
        except StoreError as error:
            return f"MongoDB does not answer: {error}"
        return None

    return ping


async def _until_cancelled(parts: list[Part]) -> None:
    async def run(part: Part) -> None:
        await part()

    try:
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(run(part))
    except asyncio.CancelledError:
        log.info("service.stopped")
        raise
