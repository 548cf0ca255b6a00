"""Asks MongoDB for its time, and says when this machine's clock is believed, and when not."""

import asyncio

import structlog

from core.trusted_clock import Judgement, TimeSource, TrustedClock, Verdict, told
from db.database import Database

log = structlog.get_logger(__name__)

LOOK = 2.0
ASK = 20.0
"""Seconds between two looks at this machine's clock, and between two at MongoDB's."""


class TimeWatch:
    """One process's; `run` until cancelled."""

    def __init__(self, database: Database, trusted: TrustedClock) -> None:
        self._database = database
        self._trusted = trusted
        self._asked_at = float("-inf")
        self._said: Verdict | None = None

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self._database.outage.attempt("time", self._look)
            await asyncio.sleep(LOOK)

    async def _look(self) -> None:
        judged = self._trusted.judge()
        waits = judged.verdict is not Verdict.AGREED
        if waits or self._trusted.elapsed() - self._asked_at >= ASK:
            await self._ask()
            judged = self._trusted.judge()
        self._say(judged)

    async def _ask(self) -> None:
        sent = self._trusted.elapsed()
        moment = await self._database.time()
        received = self._trusted.elapsed()
        self._asked_at = received
        self._trusted.heard(
            TimeSource.MONGODB, moment.timestamp(), sent=sent, received=received, precision=0.001
        )

    def _say(self, judged: Judgement) -> None:
        if judged.verdict is self._said:
            return
        self._said = judged.verdict
        match judged.verdict:
            case Verdict.AGREED:
                log.info("clock.agreed")
            case Verdict.UNPROVEN:
                log.info("clock.unproven", missing=judged.source)
            case Verdict.WRONG:
                ahead = None if judged.ahead is None else round(judged.ahead)
                log.error("clock.wrong", than=judged.source, ahead=ahead, why=told(judged))
