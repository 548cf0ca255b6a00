"""The steps of the pipeline, each a coroutine over a JobContext."""

from collections.abc import Awaitable, Callable, Mapping

from collector.context import JobContext
from collector.jobs.history import collect_history
from collector.jobs.join import join_source
from collector.jobs.listen import open_chat
from collector.jobs.media import collect_media
from collector.jobs.search import search_groups
from core.task import Step

JOBS: Mapping[Step, Callable[[JobContext], Awaitable[None]]] = {
    Step.SEARCH: search_groups,
    Step.JOIN: join_source,
    Step.HISTORY: collect_history,
    Step.LISTEN: open_chat,
    Step.MEDIA: collect_media,
}
"""What to run for each step."""
