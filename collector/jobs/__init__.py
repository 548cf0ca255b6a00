"""The steps of the pipeline, each a coroutine over a JobContext."""

from collections.abc import Awaitable, Callable, Mapping

from collector.context import JobContext
from collector.jobs.history import collect_history
from core.task import Step

JOBS: Mapping[Step, Callable[[JobContext], Awaitable[None]]] = {Step.HISTORY: collect_history}
"""What to run for each step."""
