"""Health and metrics over HTTP: what is well, what is not and why, and all the figures."""

import asyncio
import re
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from waiting import wait_until

from app.health import Health
from app.metrics import Metrics
from app.observability import serve_observability
from collector.meter import Meter
from collector.telegram.skim.skimmer import Skimmer
from db.client import connect, database_of
from db.database import Database


@dataclass
class Watched:
    port: int
    metrics: Metrics
    health: Health
    session: aiohttp.ClientSession
    by_state: dict[str, int]

    async def get(self, path: str) -> tuple[int, dict[str, object]]:
        async with self.session.get(f"http://127.0.0.1:{self.port}{path}") as answer:
            return answer.status, await answer.json()

    async def figures(self) -> dict[str, float]:
        """Each sample as `name{label=value}`."""
        async with self.session.get(f"http://127.0.0.1:{self.port}/metrics") as answer:
            assert answer.status == 200
            assert answer.content_type == "text/plain"
            text = await answer.text()
        return {
            sample.name + "".join(f"{{{k}={v}}}" for k, v in sample.labels.items()): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }


@pytest.fixture
async def watched() -> AsyncIterator[Watched]:
    metrics, health, by_state = Metrics(), Health(), {"ready": 2}

    async def refresh() -> None:
        metrics.accounts(by_state)
        if by_state.get("broken"):
            raise ConnectionError("gone")

    serving = serve_observability(
        host="127.0.0.1", port=0, metrics=metrics, health=health, refreshes=[refresh]
    )
    async with serving as port, aiohttp.ClientSession() as session:
        yield Watched(port, metrics, health, session, by_state)


async def well() -> str | None:
    return None


async def unwell() -> str | None:
    return "no connection"


async def test_a_process_without_checks_is_alive_and_ready(watched: Watched) -> None:
    for path in ("/healthz", "/readyz"):
        assert await watched.get(path) == (200, {"status": "ok", "checks": {}})


async def test_what_fails_is_named_with_its_reason(watched: Watched) -> None:
    watched.health.add("mongodb", well)
    watched.health.add("bot", unwell)
    assert await watched.get("/readyz") == (
        503,
        {"status": "failing", "checks": {"mongodb": "ok", "bot": "no connection"}},
    )
    assert (await watched.get("/healthz"))[0] == 200


async def test_a_vital_check_that_fails_asks_for_a_restart(watched: Watched) -> None:
    watched.health.add("loop", unwell, vital=True)
    assert (await watched.get("/healthz"))[0] == 503
    watched.health.add("loop", well, vital=True)
    assert (await watched.get("/healthz"))[0] == 200


async def test_a_check_that_hangs_or_raises_has_failed_and_holds_up_no_other(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.health.CHECK_SECONDS", 0.05)

    async def hangs() -> str | None:
        await asyncio.Event().wait()
        return None

    async def raises() -> str | None:
        raise ConnectionResetError("secret detail")

    for name, check in {"well": well, "hangs": hangs, "raises": raises}.items():
        watched.health.add(name, check)
    status, body = await watched.get("/readyz")
    assert status == 503
    assert body["checks"] == {
        "well": "ok",
        "hangs": "no answer within 0.05 s",
        "raises": "failed: ConnectionResetError",
    }


async def test_a_database_that_is_away_makes_it_not_ready(watched: Watched, mongo_uri: str) -> None:
    for uri, status in ((mongo_uri, 200), ("mongodb://127.0.0.1:1/", 503)):
        async with connect(uri, timeout_ms=100) as client:
            database = Database(database_of(client, "any"))

            async def ping(database: Database = database) -> str | None:
                await database.ping()
                return None

            watched.health.add("mongodb", ping)
            assert (await watched.get("/readyz"))[0] == status


async def test_the_figures_of_the_collector_are_counted(watched: Watched) -> None:
    meter: Meter = watched.metrics
    meter.stored(100)
    meter.stored(20)
    meter.called("history")
    meter.waited("history", 1.5)
    meter.waited("history", 2.0)
    watched.metrics.jobs({"queued": 3, "running": 1})
    figures = await watched.figures()
    assert figures["telecrew_messages_stored_total"] == 120
    assert figures["telecrew_calls_total{family=history}"] == 1
    assert figures["telecrew_waits_total{family=history}"] == 2
    assert figures["telecrew_wait_seconds_total{family=history}"] == 3.5
    assert figures["telecrew_jobs{state=queued}"] == 3
    watched.metrics.jobs({"running": 1})
    assert "telecrew_jobs{state=queued}" not in await watched.figures()


async def test_gauges_are_brought_up_to_date_when_read(watched: Watched) -> None:
    assert (await watched.figures())["telecrew_accounts{state=ready}"] == 2
    watched.by_state["ready"] = 5
    assert (await watched.figures())["telecrew_accounts{state=ready}"] == 5
    watched.by_state["broken"] = 1
    assert (await watched.figures())["telecrew_accounts{state=broken}"] == 1


async def test_the_process_shows_its_memory_cpu_and_open_files(watched: Watched) -> None:
    figures = await watched.figures()
    assert figures["process_resident_memory_bytes"] > 10_000_000
    assert figures["process_cpu_seconds_total"] > 0
    assert figures["process_open_fds"] > 3


async def test_a_blocked_loop_shows_as_lag(watched: Watched) -> None:
    time.sleep(0.6)  # noqa: ASYNC251 - blocking the loop is the point

    async def lagged() -> bool:
        return (await watched.figures())["telecrew_loop_lag_seconds_sum"] > 0.5

    await wait_until(lagged)
    assert 0.5 < (await watched.figures())["telecrew_loop_lag_worst_seconds"] < 5


async def test_tasks_that_are_not_done_are_counted(watched: Watched) -> None:
    before = (await watched.figures())["telecrew_asyncio_tasks"]
    async with asyncio.TaskGroup() as group:
        sleepers = [group.create_task(asyncio.sleep(60)) for _ in range(7)]
        assert (await watched.figures())["telecrew_asyncio_tasks"] == before + 7
        for sleeper in sleepers:
            sleeper.cancel()
    assert (await watched.figures())["telecrew_asyncio_tasks"] == before


async def test_two_processes_of_one_program_do_not_share_figures() -> None:
    first, second = Metrics(), Metrics()
    first.stored(1)
    assert re.search(rb"^telecrew_messages_stored_total 0\.0$", second.text(), re.MULTILINE)


async def test_a_taken_port_is_an_error_of_the_start() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        serving = serve_observability(
            host="127.0.0.1", port=taken.getsockname()[1], metrics=Metrics(), health=Health()
        )
        with pytest.raises(OSError, match="address already in use"):
            await serving.__aenter__()


async def test_an_error_inside_the_block_passes_as_it_is() -> None:
    with pytest.raises(KeyError):
        async with serve_observability(
            host="127.0.0.1", port=0, metrics=Metrics(), health=Health()
        ):
            raise KeyError("ours")


async def test_pages_are_counted_as_they_were_read(watched: Watched) -> None:
    skimmer = Skimmer()
    watched.metrics.watch_skimming(skimmer)
    skimmer.page(b"1234", 0, 1, "")
    figures = await watched.figures()
    assert figures["telecrew_pages_skimmed_total"] == 0
    assert figures["telecrew_pages_decoded_total{constructor=31323334}"] == 1
