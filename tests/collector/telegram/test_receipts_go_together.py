"""Telegram hears that its answers came: many at once, and none late."""

from collections.abc import Iterator
from contextlib import contextmanager

from telethon.network.mtprotosender import MTProtoSender
from telethon.tl.types import MsgsAck
from waiting import wait_until

from collector.telegram import acks
from collector.telegram.gateway import TelethonGateway


@contextmanager
def told(gateway: TelethonGateway) -> Iterator[list[list[int]]]:
    """The receipts that go out, packet by packet."""
    client = gateway._client
    assert client is not None
    sender: MTProtoSender = client._sender
    found: list[list[int]] = []
    append = sender._send_queue.append

    def note(state: object) -> None:
        request = getattr(state, "request", None)
        if isinstance(request, MsgsAck):
            found.append(list(request.msg_ids))
        append(state)

    sender._send_queue.append = note
    try:
        yield found
    finally:
        sender._send_queue.append = append


async def test_answers_are_acknowledged_together_and_soon(gateway: TelethonGateway) -> None:
    peer, _ = await gateway.resolve("@chess_club")
    with told(gateway) as packets:
        for _ in range(40):
            await gateway.page(peer, limit=1)

        async def all_told() -> bool:
            return len({one for packet in packets for one in packet}) >= 40

        await wait_until(all_told, timeout=acks.LONGEST + 2)
    assert len(packets) <= 2 + 40 // acks.MOST
    assert max(map(len, packets)) <= acks.MOST + 1


async def test_what_is_due_is_said_once() -> None:
    woken: list[bool] = []
    mine = acks.Acks(lambda: woken.append(bool(mine)))
    for number in range(acks.MOST - 1):
        mine.add(number)
    assert not mine
    mine.add(acks.MOST)
    assert mine
    mine.clear()
    assert not mine
    assert woken == []
    mine.add(1)
    mine._fall_due()
    assert woken == [True]
    mine.clear()
    assert (bool(mine), len(mine)) == (False, 0)
