"""What goes wrong, and for whom: scripted by tests and by the control routes."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.file_faults import FileFaults
from sandbox.mtproto.rpc import RpcError
from sandbox.object_faults import ObjectFaults
from sandbox.rules import (
    Blackhole,
    Blanks,
    Delay,
    EmptyPage,
    Limit,
    Rule,
    ServerError,
    Silence,
    Slowness,
    Strikes,
)
from sandbox.scenery import Scenery
from sandbox.update_faults import UpdateFaults

BANNED = "USER_DEACTIVATED_BAN"
REVOKED = "SESSION_REVOKED"
FAR = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens to one call: an error, a delay in seconds, or no answer ever."""

    error: RpcError | None = None
    delay: float = 0.0
    silent: bool = False


def _nobody(*_: object) -> int:
    return 0


class Faults:
    """Methods have Telegram's names (`messages.getHistory`), accounts their ids; None is any.
    `updates` are the faults of what is pushed, `files` those of files, `objects` constructors that
    no client knows."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rules: list[Rule] = []
        self.scenery = Scenery()
        self.updates = UpdateFaults(clock)
        self.files = FileFaults(clock)
        self.objects = ObjectFaults()
        self._denied: dict[tuple[int | None, int], str] = {}
        self._strikes = Strikes()
        self.banned: set[int] = set()
        self._cut: Callable[[int | None], int] = _nobody
        self._revoke: Callable[[int, str], int] = _nobody
        self._stall: Callable[[int | None], int] = _nobody
        self._heal: Callable[[int | None], int] = _nobody

    def wire(
        self,
        *,
        cut: Callable[[int | None], int],
        revoke: Callable[[int, str], int],
        stall: Callable[[int | None], int] = _nobody,
        heal: Callable[[int | None], int] = _nobody,
    ) -> None:
        """The door says how connections are cut, stalled and healed, and keys revoked."""
        self._cut, self._revoke, self._stall, self._heal = cut, revoke, stall, heal

    def limit(
        self,
        method: str | None,
        *,
        calls: int,
        seconds: float,
        account: int | None = None,
        wait: int | None = None,
        escalate: bool = False,
        most: int = 3600,
        forgive: float = 600.0,
    ) -> None:
        """A flood limit in a sliding window, kept for each account. `wait`: a fixed FLOOD_WAIT
        instead of the time until the window has room. `escalate`: it doubles, up to `most`, with
        each flood and each call inside one, of any escalating limit; `forgive` seconds after the
        last wait is over all is forgotten."""
        self._rules.append(
            Limit(
                account=account,
                method=method,
                calls=calls,
                seconds=seconds,
                wait=wait,
                strikes=self._strikes if escalate else None,
                most=most,
                forgive=forgive,
            )
        )

    def flood(
        self,
        seconds: int,
        *,
        account: int | None = None,
        method: str | None = None,
        times: int = 1,
        escalate: bool = False,
    ) -> None:
        """The next `times` calls get FLOOD_WAIT_`seconds`; with `escalate` each is told twice as
        many as the one before."""
        steps = [seconds << step for step in range(times)] if escalate else [seconds]
        each = 1 if escalate else times
        for wait in steps:
            self.fail(f"FLOOD_WAIT_{wait}", code=420, account=account, method=method, times=each)

    def fail(
        self,
        message: str = "RPC_CALL_FAIL",
        *,
        code: int = 500,
        account: int | None = None,
        method: str | None = None,
        times: int | None = 1,
        every: int = 1,
    ) -> None:
        """The next `times` calls (all when None) get this error; `every`: only each such one."""
        if every < 1:
            raise ValueError("every: 1 or more")
        self._rules.append(
            ServerError(
                account=account,
                method=method,
                times=times,
                code=code,
                message=message,
                every=every,
            )
        )

    def delay(
        self, seconds: float, *, account: int | None = None, method: str | None = None
    ) -> None:
        """Answers come this much later."""
        self._rules.append(Delay(account=account, method=method, seconds=seconds))

    def silence(self, account: int | None = None, *, method: str | None = None) -> None:
        """Calls are received and never answered."""
        self._rules.append(Silence(account=account, method=method))

    def empty_pages(
        self, times: int = 1, *, account: int | None = None, chat_id: int | None = None
    ) -> None:
        """The next `times` pages of history are empty, whatever exists."""
        self.scenery.add(EmptyPage(account=account, chat_id=chat_id, times=times))

    def empty_messages(
        self,
        chat_id: int,
        *,
        oldest: int = 1,
        newest: int = FAR,
        holes_only: bool = False,
        account: int | None = None,
        times: int | None = None,
    ) -> None:
        """Every id of the range is on pages of history as `MessageEmpty`: those that do not exist,
        and, unless `holes_only`, those that do. On `times` pages, or all."""
        if not 1 <= oldest <= newest:
            raise ValueError("oldest and newest: a range of ids")
        self.scenery.add(
            Blanks(
                account=account,
                times=times,
                chat_id=chat_id,
                oldest=oldest,
                newest=newest,
                holes_only=holes_only,
            )
        )

    def deny(
        self, chat_id: int, *, account: int | None = None, error: str = "CHANNEL_PRIVATE"
    ) -> None:
        """The account can no longer see the chat."""
        self._denied[account, chat_id] = error

    def cut(self, account: int | None = None) -> int:
        """Breaks connections now. Returns how many."""
        return self._cut(account)

    def half_open(self, account: int | None = None, *, new: bool = True) -> int:
        """The connections of now are neither read nor written any more, and stay; `clear` breaks
        them. Later ones work, unless `new` is false. Returns how many."""
        if not new:
            self.blackhole(account)
        return self._stall(account)

    def blackhole(self, account: int | None = None, *, times: int | None = None) -> None:
        """The next `times` new connections (all when None) are accepted and never answered; an
        account's are known by their first message."""
        self.scenery.add(Blackhole(account=account, times=times))

    def slow(self, bytes_per_second: float, *, account: int | None = None) -> None:
        """Answers trickle."""
        if bytes_per_second <= 0:
            raise ValueError("bytes_per_second: more than 0")
        self.scenery.add(Slowness(account=account, bytes_per_second=bytes_per_second))

    def revoke(self, account: int) -> int:
        """Ends the account's sessions, as its owner can from another device. Returns how many."""
        return self._revoke(account, REVOKED)

    def ban(self, account: int) -> int:
        """The account is gone for good: its keys are refused, and so is a new sign-in."""
        self.banned.add(account)
        return self._revoke(account, BANNED)

    def clear(self, account: int | None = None) -> None:
        """Ends all faults, or those of one account. What was revoked stays revoked."""
        if account is None:
            self._rules, self._denied, self.banned = [], {}, set()
            self._strikes = Strikes()
        else:
            self._rules = [rule for rule in self._rules if rule.account != account]
            self._denied = {key: error for key, error in self._denied.items() if key[0] != account}
            self._strikes.forget(account)
            self.banned.discard(account)
        self.scenery.clear(account)
        self.updates.clear(account)
        self.files.clear(account)
        self.objects.clear(account)
        self._heal(account)

    def denied(self, account: int | None, chat_id: int) -> str | None:
        """The error for this chat, or None."""
        return self._denied.get((account, chat_id)) or self._denied.get((None, chat_id))

    def judge(self, account: int | None, method: str) -> Verdict:
        """What is to happen to a call that just came."""
        delay, error = 0.0, None
        for rule in self._rules:
            if rule.spent or not rule.fits(account, method):
                continue
            if isinstance(rule, Silence):
                return Verdict(silent=True)
            if isinstance(rule, Delay):
                delay += rule.seconds
            elif error is None:
                error = self._error(rule, account)
        self._rules = [rule for rule in self._rules if not rule.spent]
        return Verdict(error=error, delay=delay)

    def _error(self, rule: Rule, account: int | None) -> RpcError | None:
        if isinstance(rule, Limit):
            wait = rule.refuse(account, self._clock())
            return RpcError(420, f"FLOOD_WAIT_{wait}") if wait else None
        if isinstance(rule, ServerError) and rule.strikes():
            return RpcError(rule.code, rule.message)
        return None
