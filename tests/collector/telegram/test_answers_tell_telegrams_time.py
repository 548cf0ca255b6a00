"""Each answer to an account tells Telegram's time, whatever this machine's clock says."""

import time
from dataclasses import dataclass, field

import pytest
from service import CLOCK, Unpaced, signed_in_before, telegram
from telethon.network import mtprotostate
from waiting import wait_until

from collector.telegram.gateway import TelethonGateway
from core.trusted_clock import TimeSource, TrustedClock, Verdict
from sandbox.server import Sandbox

DAY = 86_400.0


@dataclass
class Heard:
    """What a witness is told."""

    answers: list[tuple[float, float, float]] = field(default_factory=list)

    def elapsed(self) -> float:
        return CLOCK.elapsed()

    def telegram(self, unix: float, *, sent: float, received: float) -> None:
        self.answers.append((unix, sent, received))


def gateway_of(sandbox: Sandbox, witness: object) -> TelethonGateway:
    person = sandbox.world.accounts[0]
    return TelethonGateway(
        signed_in_before(sandbox, person).session,
        telegram(sandbox),
        account=1,
        pace=Unpaced(),
        may_write=lambda: True,
        witness=witness,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("ahead", [0.0, 100.0, 31 * DAY, -DAY, -3_653 * DAY])
async def test_a_connection_hears_the_true_time(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, ahead: float
) -> None:
    class Wrong:
        @staticmethod
        def time() -> float:
            return time.time() + ahead

    monkeypatch.setattr(mtprotostate, "time", Wrong)
    heard = Heard()
    gateway = gateway_of(sandbox, heard)
    began = time.time()
    try:
        await gateway.connect()
    finally:
        await gateway.disconnect()
    assert heard.answers
    for unix, sent, received in heard.answers:
        assert began - 1 <= unix <= time.time() + 1
        assert 0 <= received - sent < 30


async def test_an_idle_connection_hears_it_with_every_ping(sandbox: Sandbox) -> None:
    heard = Heard()
    gateway = gateway_of(sandbox, heard)
    try:
        await gateway.connect()
        before = len(heard.answers)
        gateway._connected()._sender._keepalive_ping(7)
        await wait_until(lambda: len(heard.answers) > before)
    finally:
        await gateway.disconnect()


async def test_an_account_makes_a_right_clock_proven(sandbox: Sandbox) -> None:
    trusted = TrustedClock(CLOCK, (TimeSource.TELEGRAM,))
    assert trusted.judge().verdict is Verdict.UNPROVEN
    gateway = gateway_of(sandbox, trusted)
    try:
        await gateway.connect()
    finally:
        await gateway.disconnect()
    assert trusted.judge().verdict is Verdict.AGREED
