"""Where collected messages go: bounded, batched, idempotent majority writes."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from collector.meter import Meter
from core.errors import StoreError
from core.record import Record
from db.messages import Messages
from db.stamps import Stamps

BATCH = 500
LINGER = 0.05
"""Seconds that a page waits for others: a batch costs the process little more than a page."""

WRITERS = 2
QUEUE = 64
"""Pages that may wait for a writer; then `put` makes its caller wait."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """All messages of a put are stored, acknowledged by a majority.

    `repeated`: the ids of those that were stored already, maybe by an earlier try of this very put.
    """

    new: int
    known: int
    repeated: tuple[int, ...] = ()


@dataclass(slots=True)
class _Parcel:
    messages: Sequence[Record]
    receipt: "asyncio.Future[Receipt]"


class Sink:
    """Joins the pages of all jobs into batches. `run` must be running while anybody puts."""

    def __init__(self, messages: Messages, meter: Meter) -> None:
        self._messages = messages
        self._meter = meter
        self._stamps = Stamps()
        self._parcels: asyncio.Queue[_Parcel] = asyncio.Queue(QUEUE)
        self._gathering = asyncio.Lock()

    async def put(
        self, messages: Sequence[Record], owner: str | None = None
    ) -> "asyncio.Future[Receipt]":
        """Hand over messages; waits while the sink is full. Await the future for the receipt. The
        messages will say that `owner` stored them: `Messages.stored_by`.

        The future raises StoreError when the write failed; nothing of the batch is proven then.
        """
        if owner is not None:
            self._stamps.put(messages, owner)
        parcel = _Parcel(messages, asyncio.get_running_loop().create_future())
        await self._parcels.put(parcel)
        return parcel.receipt

    async def run(self) -> None:
        """Write for ever."""
        async with asyncio.TaskGroup() as writers:
            for _ in range(WRITERS):
                writers.create_task(self._write_for_ever())

    async def _write_for_ever(self) -> None:
        while True:
            async with self._gathering:
                parcels = await self._gather()
            await self._write(parcels)

    async def _gather(self) -> list[_Parcel]:
        """What is written next: a batch, or less when no more comes."""
        first = await self._parcels.get()
        parcels, count = [first], len(first.messages)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER):
                while count < BATCH:
                    parcels.append(await self._parcels.get())
                    count += len(parcels[-1].messages)
        return parcels

    async def _write(self, parcels: Sequence[_Parcel]) -> None:
        try:
            batch = [message for parcel in parcels for message in parcel.messages]
            stored = await self._messages.add_records(batch)
        except StoreError as error:
            for parcel in parcels:
                _settle(parcel.receipt, error)
            return
        self._meter.stored(stored.new)
        start = 0
        for parcel in parcels:
            repeated = tuple(
                message["id"]
                for place, message in enumerate(parcel.messages, start)
                if place in stored.repeated
            )
            new, known = len(parcel.messages) - len(repeated), len(repeated)
            _settle(parcel.receipt, Receipt(new, known, repeated))
            start += len(parcel.messages)


def _settle(future: "asyncio.Future[Receipt]", outcome: Receipt | StoreError) -> None:
    if future.done():
        return
    if isinstance(outcome, StoreError):
        future.set_exception(outcome)
        future.exception()
    else:
        future.set_result(outcome)
