"""A collector that tells when it stored which message, by lines of JSON; settings as for all.

Each line that it hears asks for what was stored since the last: `[[chat, message, seconds], ...]`,
seconds of the monotonic clock at the receipt of the insert. `"stop"` ends it.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence

from app.crew import make_worker
from app.logs import configure_logs
from app.memory import share_heaps, spare_the_lasting
from app.metrics import Metrics
from app.store import open_store
from collector.identity import worker_identity
from collector.listening.recorder import Heard
from core.news import Arrived
from core.settings import load_settings


def main() -> None:
    configure_logs(level="WARNING")
    share_heaps()
    asyncio.run(collect())


async def collect() -> None:
    """Work until told to stop."""
    settings = load_settings(None)
    stored: list[tuple[int, int, float]] = []

    def note(batch: Sequence[Heard]) -> None:
        now = time.monotonic()
        for one in batch:
            if isinstance(one.news, Arrived):
                record = one.news.record
                stored.append((record["chat"], record["id"], now))

    async with open_store(settings) as store, asyncio.TaskGroup() as group:
        with worker_identity(settings.data_dir) as identity:
            worker = make_worker(settings, store, Metrics(), identity)
            worker.recorder.watcher = note
            works = (worker.run, store.database.changes.run)
            parts = [group.create_task(work()) for work in works]
            spare_the_lasting()
            while json.loads(await asyncio.to_thread(sys.stdin.readline) or '"stop"') != "stop":
                told, stored[:] = list(stored), []
                print(json.dumps(told), flush=True)
            for part in parts:
                part.cancel()
            await asyncio.wait(parts)


if __name__ == "__main__":
    main()
