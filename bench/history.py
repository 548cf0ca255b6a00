"""`history.N`: messages stored per CPU-second, beside a plain Telethon script, N clients each."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from telethon.crypto import AuthKey
from telethon.sessions import StringSession

from bench.figures import Figure, compared
from bench.process import Child, child
from bench.stage import Collector, Pass, Stage
from bench.telegram import Person, Telegram, handles, local_telegram, numbered
from collector.telegram.session import AccountSession
from db.client import MongoDatabase

NAMES = ("history.1", "history.1.decoded", "history.20")
MESSAGES, QUICK_MESSAGES = 50_000, 6_000
PAIRS, FEWER_PAIRS, QUICK_PAIRS = 7, 3, 2
WARM_UP = 300


@dataclass(frozen=True, slots=True)
class Script:
    """The plain script, connected."""

    process: Child
    collection: MongoDatabase

    async def collect(self, sources: Sequence[Sequence[str]]) -> Pass:
        """Every client reads its sources."""
        cpu, began = self.process.cpu(), time.perf_counter()
        messages = await self.process.ask(sources)
        wall = time.perf_counter() - began
        return Pass(messages=messages, cpu=self.process.cpu() - cpu, wall=wall)


async def measure(stage: Stage, wanted: Sequence[str]) -> list[Figure]:
    """The figures of each of the wanted names, by CPU and by wall time."""
    figures = []
    for name in wanted:
        figures += await _measure(stage, name, clients=int(name.split(".")[1]))
    return figures


async def _measure(stage: Stage, name: str, *, clients: int) -> list[Figure]:
    total = QUICK_MESSAGES if stage.quick else MESSAGES
    chats = numbered(clients, total // clients)
    everything = {**chats, **{f"warm_{one}": WARM_UP for one in chats}}
    sources = handles(chats)
    async with (
        local_telegram(everything, accounts=2 * clients) as telegram,
        stage.crew(telegram, telegram.people[:clients]) as crew,
        crew.collector(SKIM="off" if name.endswith("decoded") else "on") as collector,
        plain_script(stage, telegram, telegram.people[clients:], collector.bare) as script,
    ):
        await _warm_up(collector, script, [f"@warm_{one}" for one in chats])
        pairs = [
            await _pair(collector, script, sources, ours_first=number % 2 == 0)
            for number in range(_pairs(stage, name))
        ]
    ours, plain = zip(*pairs, strict=True)
    return [
        compared(name, _by_cpu(ours), _by_cpu(plain), "messages/CPU-second"),
        compared(f"{name}.wall", _by_wall(ours), _by_wall(plain), "messages/second"),
    ]


def _pairs(stage: Stage, name: str) -> int:
    if stage.quick:
        return QUICK_PAIRS
    return FEWER_PAIRS if name.endswith("decoded") else PAIRS


async def _warm_up(collector: Collector, script: Script, sources: Sequence[str]) -> None:
    """Connect, resolve, fill every cache; and see that both store the same."""
    await collector.collect(sources)
    await script.collect([[one] for one in sources])
    await _same(collector.bare)
    await _forget(collector, script)


async def _pair(
    collector: Collector, script: Script, sources: Sequence[str], *, ours_first: bool
) -> tuple[Pass, Pass]:
    await _forget(collector, script)
    if ours_first:
        ours = await collector.collect(sources)
        plain = await script.collect([[one] for one in sources])
    else:
        plain = await script.collect([[one] for one in sources])
        ours = await collector.collect(sources)
    if ours.messages != plain.messages:
        raise RuntimeError(f"{ours.messages} messages here, {plain.messages} there")
    return ours, plain


async def _forget(collector: Collector, script: Script) -> None:
    await collector.forget()
    await script.collection.delete_many({})


async def _same(bare: MongoDatabase) -> None:
    """RuntimeError unless both collections hold the same documents."""
    order = [("chat", 1), ("id", 1)]
    ours = bare["messages"].find({}, {"_id": 0}).sort(order)
    plain = bare["plain"].find({}, {"_id": 0}).sort(order)
    found, expected = await plain.to_list(None), await ours.to_list(None)
    if found != expected:
        pairs = zip(expected, found, strict=False)
        different = next(((a, b) for a, b in pairs if a != b), (len(expected), len(found)))
        raise RuntimeError(f"not the same is stored: {different}")


def _by_cpu(passes: Sequence[Pass]) -> list[float]:
    return [one.by_cpu for one in passes]


def _by_wall(passes: Sequence[Pass]) -> list[float]:
    return [one.by_wall for one in passes]


@asynccontextmanager
async def plain_script(
    stage: Stage, telegram: Telegram, people: Sequence[Person], bare: MongoDatabase
) -> AsyncIterator[Script]:
    """The script with these people's accounts, writing into `plain` of the same database."""
    collection = bare["plain"]
    await collection.create_index([("chat", 1), ("box", 1), ("id", 1)], unique=True)
    settings = telegram.client_settings
    sessions = [_string((await telegram.sign_in(person)).session) for person in people]
    given = {
        "api_id": settings.api_id,
        "api_hash": settings.api_hash,
        "rsa_key": await asyncio.to_thread((settings.rsa_key or Path()).read_text),
        "sessions": sessions,
        "uri": stage.mongo.uri,
        "database": bare.name,
    }
    async with child("bench.plain_script") as process:
        await process.ask(given)
        yield Script(process, collection)


def _string(session: bytes) -> str:
    """The session in Telethon's own form."""
    ours, plain = AccountSession.from_bytes(session), StringSession()
    plain.set_dc(ours.dc_id, ours.server_address, ours.port)
    plain.auth_key = AuthKey((ours.auth_key or AuthKey(None)).key)
    return str(plain.save())
