"""What the process counts, in Prometheus' terms."""

import asyncio
from collections import Counter as CounterOf
from collections.abc import Iterator, Mapping
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

LAG_SECONDS = 0.05
"""How often the loop is looked at: a stall is longer than the lag that it causes by no more."""

LAG_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


class Skimming(Protocol):
    """What reads pages, and counts how."""

    pages: int
    fallbacks: CounterOf[str]


class Metrics:
    """A process's figures in a registry of its own. No method waits or raises."""

    CONTENT_TYPE = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._stored = Counter(
            "telecrew_messages_stored",
            "Messages that were new to the store",
            registry=self.registry,
        )
        self._calls = Counter(
            "telecrew_calls", "Calls sent to Telegram", ["family"], registry=self.registry
        )
        self._waits = Counter(
            "telecrew_waits", "Calls that had to wait", ["family"], registry=self.registry
        )
        self._waited = Counter(
            "telecrew_wait_seconds", "How long calls waited", ["family"], registry=self.registry
        )
        self._accounts = Gauge(
            "telecrew_accounts", "Accounts by state", ["state"], registry=self.registry
        )
        self._jobs = Gauge("telecrew_jobs", "Jobs by state", ["state"], registry=self.registry)
        self._lag = Histogram(
            "telecrew_loop_lag_seconds",
            "How late the event loop is",
            buckets=LAG_BUCKETS,
            registry=self.registry,
        )
        self._worst_lag = Gauge(
            "telecrew_loop_lag_worst_seconds",
            "How late the event loop was at most since the start",
            registry=self.registry,
        )
        self._worst = 0.0
        self._tell_of_news()
        self._tasks = Gauge(
            "telecrew_asyncio_tasks", "Asyncio tasks that are not done", registry=self.registry
        )

    def _tell_of_news(self) -> None:
        self._news = Counter(
            "telecrew_live_news",
            "Messages, edits and deletions that were stored as they happened",
            registry=self.registry,
        )
        self._news_lag = Histogram(
            "telecrew_live_seconds",
            "From hearing the first of a batch to its receipt",
            buckets=LAG_BUCKETS,
            registry=self.registry,
        )
        self._news_waiting = Gauge(
            "telecrew_live_waiting", "News that wait for the store", registry=self.registry
        )

    def stored(self, messages: int) -> None:
        """Messages that were new to the store."""
        self._stored.inc(messages)

    def recorded(self, news: int, *, seconds: float, waiting: int) -> None:
        """News of chats that are listened to were stored."""
        self._news.inc(news)
        self._news_lag.observe(seconds)
        self._news_waiting.set(waiting)

    def called(self, family: str) -> None:
        """A call to Telegram was allowed to go out."""
        self._calls.labels(family).inc()

    def waited(self, family: str, seconds: float) -> None:
        """A call had to wait, by pace or by flood."""
        self._waits.labels(family).inc()
        self._waited.labels(family).inc(seconds)

    def accounts(self, by_state: Mapping[str, int]) -> None:
        """How many accounts are in each state; states not named have none."""
        _replace(self._accounts, by_state)

    def jobs(self, by_state: Mapping[str, int]) -> None:
        """How many jobs are in each state; states not named have none."""
        _replace(self._jobs, by_state)

    def watch_skimming(self, skimmer: Skimming) -> None:
        """Show what it counts; once a process."""
        self.registry.register(_Pages(skimmer))

    def lagged(self, seconds: float) -> None:
        """The event loop came back to a timer that late."""
        self._lag.observe(max(seconds, 0.0))
        if seconds > self._worst:
            self._worst = seconds
            self._worst_lag.set(seconds)

    def tasks(self, count: int) -> None:
        """How many asyncio tasks of the process are not done."""
        self._tasks.set(count)

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self.registry)


class _Pages(Collector):
    """A skimmer's own counts, read when somebody asks: counting costs each page nothing more."""

    def __init__(self, skimmer: Skimming) -> None:
        self._skimmer = skimmer

    def collect(self) -> Iterator[Metric]:
        yield CounterMetricFamily(
            "telecrew_pages_skimmed", "Pages read from their bytes", value=self._skimmer.pages
        )
        decoded = CounterMetricFamily(
            "telecrew_pages_decoded",
            "Pages left to Telethon, by what was not known",
            labels=["constructor"],
        )
        for constructor, count in self._skimmer.fallbacks.items():
            decoded.add_metric([constructor], count)
        yield decoded


class LagWatch:
    """Notes how late the running loop comes back to a timer, from `start` to `stop`."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_at(loop.time() + LAG_SECONDS, self._note)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _note(self) -> None:
        if self._timer is not None:
            self._metrics.lagged(asyncio.get_running_loop().time() - self._timer.when())
        self.start()


def _replace(gauge: Gauge, values: Mapping[str, int]) -> None:
    gauge.clear()
    for state, count in values.items():
        gauge.labels(state).set(count)
