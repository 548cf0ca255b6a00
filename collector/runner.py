"""One account: connect, watch, run its jobs, and leave cleanly."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import structlog

from collector.backoff import Backoff
from collector.context import JobContext
from collector.crew import Crew
from collector.first_error import first_error
from collector.gateway import Gateway
from collector.guard import Guard
from collector.listening.ear import Ear
from collector.listening.recorder import Recorder
from collector.pacer import Pacer
from collector.progress import Reporter
from collector.promise import Promise
from collector.setbacks import Setbacks
from collector.shield import obey_cancellation
from core.account import LIMIT_LASTS, Account, AccountState
from core.errors import AccountLimited, AccountLost, CrewError, StoreError
from core.job import Family, Job, Wait
from core.planning import Hand
from core.subscription import Subscription

log = structlog.get_logger(__name__)


class Runner:
    """Holds one leased account while it may. `run` ends when the account is dead or given up."""

    def __init__(
        self,
        account: Account,
        token: int,
        crew: Crew,
        may_write: Callable[[], bool],
        recorder: Recorder,
        setbacks: Setbacks,
    ) -> None:
        self.account = account
        self.token = token
        self._crew = crew
        self._may_write = may_write
        self._recorder = recorder
        self._setbacks = setbacks
        self._data_centre: int | None = None
        self._silent = 0.0
        self._ear: Ear | None = None
        self._pacer = Pacer(account.id, crew.budgets, crew.database.budgets, crew.clock, crew.meter)
        self._gateway: Gateway | None = None
        self._group: asyncio.TaskGroup | None = None
        self._running: dict[str, tuple[Guard, asyncio.Task[None]]] = {}
        self._reserved: set[str] = set()
        self._entering = asyncio.Lock()
        self._dead: asyncio.Future[None] | None = None
        self._last_claim_at = account.last_claim_at
        self._backoff = Backoff()
        self._limited_until = account.limited_until(crew.clock.now())
        self.leaving_since: float | None = None
        """Since when it takes no more jobs: another worker is to have the account."""
        self.listens = 0
        self.trouble: str | None = None
        """Why the last connection failed or ended, a reason key; None while connected."""

    @property
    def gateway(self) -> Gateway | None:
        """The connected gateway, None while there is none."""
        return self._gateway

    @property
    def pacer(self) -> Pacer:
        """The account's pace."""
        return self._pacer

    def jobs(self) -> int:
        """How many jobs run here, those just being claimed included."""
        return len(self._running) + len(self._reserved)

    def hand(self) -> Hand | None:
        """What the account could take now; None while it is not connected or is to leave."""
        if self._gateway is None or self._is_dead() or self.leaving_since is not None:
            return None
        running = self.jobs()
        return Hand(
            account=self.account.id,
            running=running,
            free=self._crew.jobs_per_account - running,
            last_claim_at=self._last_claim_at,
            rests=self.rest() is not None,
            room=self._pacer.room(),
        )

    def rest(self) -> datetime | None:
        """Until when the account should get no automatic work: a long flood, or a limit."""
        limited = self._limited_until
        if limited is not None and limited > self._crew.clock.now():
            return limited
        return self._pacer.long_rest(Family.HISTORY)

    def _is_dead(self) -> bool:
        return self._dead is None or self._dead.done()

    def knows_job(self, job: str) -> bool:
        """Whether the job runs here, or is just being claimed for here."""
        return job in self._running or job in self._reserved

    def held_up(self, calls: Iterable[Family], *, automatic: bool) -> Wait | None:
        """Why a job that calls these families first is not begun here, if that takes long."""
        if automatic and (rest := self.rest()) is not None:
            return Wait(why="flood", until=rest)
        return self._pacer.held_up(calls)

    async def claim(self, job: Job, calls: Iterable[Family] = ()) -> bool:
        """Take a job from the queue and start it; False when somebody else was quicker.

        The caller remembers when, and derives the job's run. `calls`: the families that it calls
        first, which are kept for it.
        """
        self._reserved.add(job.id)
        promise = self._pacer.promise(calls)
        try:
            now = self._crew.clock.now()
            claimed = await self._crew.database.jobs.claim(job.id, self.account.id, self.token, now)
            if claimed is None:
                return False
            log.debug("job.claimed", job=job.id)
            self._last_claim_at = now
            if not self._start(claimed, promise):
                await self._crew.database.jobs.release(claimed.key())
                return False
        finally:
            self._reserved.discard(job.id)
            if job.id not in self._running:
                promise.drop()
        return True

    def leave(self) -> None:
        """Take nothing more: another worker is to have the account."""
        self.leaving_since = self._crew.clock.elapsed()

    def stop_run(self, run: str) -> None:
        """Cancel the jobs of a run that the operator stopped."""
        for guard, task in self._running.values():
            if guard.run_id == run and not guard.stopped:
                guard.stopped = True
                task.cancel()

    def pause_run(self, run: str) -> None:
        """Set aside the jobs of a run that the operator paused."""
        for guard, task in self._running.values():
            if guard.run_id == run and not (guard.stopped or guard.paused):
                guard.paused = True
                task.cancel()

    def listen(self, ours: Sequence[Subscription]) -> None:
        """Listen to these chats and no others; to none while there is no connection."""
        self.listens = len(ours)
        if self._ear is not None:
            self._ear.watch(ours)

    async def run(self) -> None:
        """Live until the account is dead, its lease is gone, or this is cancelled."""
        with structlog.contextvars.bound_contextvars(account=self.account.id):
            loss = await self._live_once()
            while loss is None:
                obey_cancellation()
                await asyncio.sleep(self._backoff.pause())
                loss = await self._live_once()
            await self._bury(loss)

    async def _live_once(self) -> AccountLost | None:
        """One connection, to its end; the loss of the account if that was it."""
        loss: AccountLost | None = None
        began = self._crew.clock.elapsed()
        try:
            await self._live()
        except* AccountLost as group:
            loss = first_error(group, AccountLost)
        except* CrewError as group:
            error = first_error(group, CrewError)
            if self._failed(error, error.reason):
                log.warning("account.disconnected", reason=error.reason, error=str(error))
        except* Exception as group:
            if self._failed(first_error(group, Exception), "unexpected"):
                log.exception("account.broken")
        self._backoff.lived(self._crew.clock.elapsed() - began)
        return loss

    def _failed(self, error: Exception, why: str) -> bool:
        """Remember why there is no connection; whether that is news."""
        self.trouble = why
        return self._setbacks.failed(self.account.id, error, self._data_centre, silent=self._silent)

    async def show_waits(self) -> None:
        """Let the jobs say what they wait for."""
        for guard, task in list(self._running.values()):
            await guard.show_wait(self._pacer.waiting(task))

    async def _live(self) -> None:
        session = await self._crew.database.accounts.session(self.account.id)
        if session is None:
            raise AccountLost(reason="never_signed_in")
        await self._pacer.load(sure=(sure := self._crew.trusted.knows_telegram()))
        gateway = self._crew.make_gateway(self.account, session, self._pacer, self._may_write)
        self._data_centre = gateway.data_centre
        try:
            with self._pacer.promise(()).held():
                await gateway.connect()
            if not sure:
                await self._pacer.load()
            await self._work(gateway)
        finally:
            self._gateway, self._silent = None, gateway.silent_for()
            await gateway.disconnect()

    async def _work(self, gateway: Gateway) -> None:
        self._dead = asyncio.get_running_loop().create_future()
        self.trouble = None
        self._setbacks.connected(self.account.id, gateway.data_centre, gateway.silent_for)
        log.info("account.connected")
        async with asyncio.TaskGroup() as group:
            self._group, self._gateway = group, gateway
            await self._crew.database.changes.hint()
            group.create_task(self._until_dead(self._dead))
            ear = self._ear = Ear(self.account.id, self.token, gateway, self._crew, self._recorder)
            group.create_task(ear.run())
            try:
                await gateway.watch()
            finally:
                self._gateway = self._ear = None
                if not self._may_write():
                    await gateway.disconnect()

    @staticmethod
    async def _until_dead(dead: "asyncio.Future[None]") -> None:
        await dead

    def _start(self, job: Job, promise: Promise) -> bool:
        if self._gateway is None or self._group is None or self._is_dead():
            return False
        reporter = Reporter(job, self._crew.database.jobs, self._crew.clock)
        ctx = JobContext(
            job=job,
            account=self.account.id,
            gateway=self._gateway,
            sink=self._crew.sink,
            reporter=reporter,
            database=self._crew.database,
            clock=self._crew.clock,
            trusted=self._crew.trusted,
            folder=self._crew.folder,
            entering=self._entering,
        )
        guard = Guard(ctx, self._crew)
        task = self._group.create_task(self._guarded(guard, promise), name=f"job {job.id}")
        self._running[job.id] = (guard, task)
        task.add_done_callback(lambda _: self._ended(job.id, guard, promise))
        return True

    def _ended(self, job: str, guard: Guard, promise: Promise) -> None:
        self._running.pop(job, None)
        promise.drop()
        error = guard.account_error
        if isinstance(error, AccountLost) and self._dead is not None and not self._dead.done():
            self._dead.set_exception(error)

    async def _guarded(self, guard: Guard, promise: Promise) -> None:
        with promise.held():
            await guard.run()
        if isinstance(guard.account_error, AccountLimited):
            await self._limit(guard.account_error)

    async def _limit(self, error: AccountLimited) -> None:
        """Take no automatic work for a while; people see why, and then it is tried again."""
        until = self._crew.clock.now() + LIMIT_LASTS
        self._limited_until = until
        frozen = error.reason == "account_frozen"
        state = AccountState.FROZEN if frozen else AccountState.LIMITED
        log.warning("account.limited", reason=error.reason, until=until)
        with contextlib.suppress(StoreError):
            await self._crew.database.accounts.set_state(
                self.account.id, state, reason=error.reason, until=until, token=self.token
            )

    async def _bury(self, error: AccountLost) -> None:
        state = AccountState.BANNED if error.banned else AccountState.LOST
        log.error("account.lost", reason=error.reason, state=state)
        with contextlib.suppress(StoreError):
            await self._crew.database.accounts.set_state(
                self.account.id, state, reason=error.reason, token=self.token
            )
