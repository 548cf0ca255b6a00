"""`/healthz`, `/readyz` and `/metrics`, for whoever watches the process."""

import asyncio
import errno
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import structlog
from aiohttp import web

from app.health import Health
from app.metrics import LagWatch, Metrics
from core.settings import SettingsError

log = structlog.get_logger(__name__)

Refresh = Callable[[], Awaitable[None]]
"""Brings gauges up to date before they are read."""

REFRESH_SECONDS = 2.0
SHUTDOWN_SECONDS = 1.0


@asynccontextmanager
async def serve_observability(
    *,
    host: str,
    port: int,
    metrics: Metrics,
    health: Health,
    refreshes: Sequence[Refresh] = (),
) -> AsyncIterator[int]:
    """Serve on `host:port` (0: a free one) until the end of the block; yields the port.

    OSError when the port is taken or the address is none, which `unserved` explains.
    """
    application = web.Application()
    application.router.add_get("/healthz", _answer(health, vital_only=True))
    application.router.add_get("/readyz", _answer(health, vital_only=False))
    application.router.add_get("/metrics", _expose(metrics, refreshes))
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    watch = LagWatch(metrics)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        bound = int(runner.addresses[0][1])
        log.info("observability.serving", host=host, port=bound)
        watch.start()
        yield bound
    finally:
        watch.stop()
        await runner.cleanup()


def unserved(host: str, port: int, error: Exception) -> SettingsError:
    """Why nothing can be served there, and what to set."""
    why, mend = _why_not(error)
    return SettingsError(
        f"Health and metrics cannot be served at METRICS_HOST {host!r}, METRICS_PORT {port}: "
        f"{why}. {mend}"
    )


def _why_not(error: Exception) -> tuple[str, str]:
    code = error.errno if isinstance(error, OSError) else None
    match code:
        case errno.EADDRINUSE:
            return "the port is in use", "Choose another METRICS_PORT."
        case errno.EACCES | errno.EPERM:
            return "this user may not", "Choose a METRICS_PORT above 1023."
        case _:
            mend = "METRICS_HOST is an address of this machine, such as 127.0.0.1 or 0.0.0.0."
            return "no address of this machine", mend


def _answer(
    health: Health, *, vital_only: bool
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(_: web.Request) -> web.StreamResponse:
        report = await health.report(vital_only=vital_only)
        well = not any(report.values())
        notes = [] if vital_only else health.notes()
        body: dict[str, object] = {
            "status": ("degraded" if notes else "ok") if well else "failing",
            "checks": {name: reason or "ok" for name, reason in report.items()},
        }
        if notes:
            body["notes"] = notes
        return web.json_response(body, status=200 if well else 503)

    return handle


def _expose(
    metrics: Metrics, refreshes: Sequence[Refresh]
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(_: web.Request) -> web.StreamResponse:
        for refresh in refreshes:
            await _bring_up_to_date(refresh)
        metrics.tasks(len(asyncio.all_tasks()))
        return web.Response(body=metrics.text(), headers={"Content-Type": metrics.CONTENT_TYPE})

    return handle


async def _bring_up_to_date(refresh: Refresh) -> None:
    try:
        async with asyncio.timeout(REFRESH_SECONDS):
            await refresh()
    except Exception as error:  # noqa: BLE001 - the other figures are worth having
        log.warning("metrics.refresh_failed", error=error)
