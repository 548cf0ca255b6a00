"""From settings to the parts of a collector."""

from collections.abc import Callable
from datetime import timedelta

from app.metrics import Metrics
from app.store import Store, files_of
from collector.crew import Crew
from collector.gateway import Gateway, Pace, Witness
from collector.listening.options import RARER, ListenOptions
from collector.run_keeper import RunKeeper
from collector.sink import Sink
from collector.telegram.gateway import TelethonGateway
from collector.telegram.libraries import require_libraries, require_skimmer
from collector.telegram.settings import TelegramSettings
from collector.telegram.vault import SessionVault
from collector.worker import Worker, WorkerLimits
from core.account import Account
from core.clock import SystemClock
from core.corrected_clock import CorrectedClock
from core.lease_watch import underway
from core.settings import Settings
from core.trusted_clock import TrustedClock

CALL_TIMEOUT = 30.0


def telegram_settings(settings: Settings) -> TelegramSettings:
    """The application and the servers to connect to."""
    return TelegramSettings(
        api_id=settings.api_id,
        api_hash=settings.api_hash.get_secret_value(),
        dc=settings.telegram_dc,
        rsa_key=settings.telegram_rsa_key,
        skim=settings.skim,
    )


def session_vault(settings: Settings) -> SessionVault:
    """What seals and opens sessions."""
    return SessionVault([key.get_secret_value() for key in settings.session_keys])


def make_worker(
    settings: Settings, store: Store, meter: Metrics, identity: str, trusted: TrustedClock
) -> Worker:
    """A worker that holds `identity`."""
    require_libraries()
    if settings.skim:
        meter.watch_skimming(require_skimmer())
    clock = CorrectedClock(SystemClock(), trusted.telegram_reading)
    crew = Crew(
        database=store.database,
        sink=Sink(store.database.messages, meter),
        keeper=RunKeeper(
            store.database, clock, most_runs=settings.max_runs, keep_runs=settings.keep_runs
        ),
        clock=clock,
        trusted=trusted,
        meter=meter,
        budgets=settings.pace.allowances(),
        make_gateway=_gateway_maker(settings, trusted),
        jobs_per_account=settings.jobs_per_account,
        folder=files_of(settings),
        listening=_listening(settings),
    )
    limits = WorkerLimits(
        id=identity,
        lease_seconds=settings.lease_seconds,
        accounts=settings.worker_accounts,
        jobs=settings.worker_jobs,
    )
    return Worker(crew, limits)


def _listening(settings: Settings) -> ListenOptions:
    soonest = settings.listen_check_seconds
    return ListenOptions(
        depth_messages=settings.listen_depth_messages,
        depth_age=timedelta(hours=settings.listen_depth_hours),
        soonest=soonest,
        rarest=soonest * RARER,
    )


def _gateway_maker(
    settings: Settings, witness: Witness
) -> Callable[[Account, bytes, Pace, Callable[[], bool]], Gateway]:
    vault, telegram = session_vault(settings), telegram_settings(settings)

    def make(account: Account, sealed: bytes, pace: Pace, may_write: Callable[[], bool]) -> Gateway:
        session = vault.open(account.telegram_id or 0, sealed)
        return TelethonGateway(
            session,
            telegram,
            account=account.id,
            pace=pace,
            may_write=may_write,
            call_timeout=CALL_TIMEOUT,
            witness=witness,
            underway=underway(settings.lease_seconds),
        )

    return make
