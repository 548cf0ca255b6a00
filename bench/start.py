"""`start.*`: from `telecrew run` to the bot's first answer, with the embedded MongoDB."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Figure, compared
from bench.process import child
from bench.stage import Stage
from collector.telegram.vault import SessionVault
from sandbox.seed import small_world
from sandbox.server import Sandbox

NAMES = ("start",)
ROUNDS, QUICK_ROUNDS = 2, 1
PATIENCE = 60.0


async def measure(stage: Stage, wanted: Sequence[str]) -> list[Figure]:  # noqa: ARG001
    """Seconds on a new and on a used `DATA_DIR`; the used is compared with the new."""
    new, used = [], []
    for _ in range(QUICK_ROUNDS if stage.quick else ROUNDS):
        folder, key = stage.folder / stage.fresh("data"), SessionVault.new_key()
        new.append(await _start(folder, key))
        used.append(await _start(folder, key))
    figure = compared("start.used", used, new, "seconds")
    return [Figure(name="start.new", value=figure.baseline or 0.0, unit="seconds"), figure]


async def _start(folder: Path, key: str) -> float:
    """Seconds until `/start`, sent at once, is answered."""
    async with Sandbox(small_world(chats={"alpha_chat": 10}, accounts=1)) as sandbox:
        given = {
            **sandbox.environment(),
            "DATA_DIR": str(folder),
            "SESSION_KEYS": key,
            "LOG_LEVEL": "WARNING",
        }
        began = time.perf_counter()
        words = ("app.cli", "run", "--no-env-file")
        async with child(*words, environment=given, talks=False):
            human = sandbox.bot_api.person(sandbox.world.operator.id)
            sent = await human.send("/start")
            async with asyncio.timeout(PATIENCE):
                await human.wait_for_message(lambda seen: seen.by_bot and seen.id > sent, PATIENCE)
            return time.perf_counter() - began
