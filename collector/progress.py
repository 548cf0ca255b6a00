"""The counts of one job, written at most once a second by the one who holds it."""

from dataclasses import replace

from core.clock import Clock
from core.errors import LeaseGone
from core.job import FinalCounts, Job, JobKey, Note, Progress, Wait
from core.media import Skip
from core.span import Counted
from db.jobs import Jobs

INTERVAL = 1.0
SHOWN_WAIT = 10.0
"""Waits longer than this are shown to people."""


class Reporter:
    """Gathers a job's progress; raises LeaseGone when the job is somebody else's."""

    def __init__(self, job: Job, jobs: Jobs, clock: Clock) -> None:
        self._key: JobKey = job.key()
        self._jobs = jobs
        self._clock = clock
        self._progress = job.progress
        self._read_before = job.progress.read
        self._got_on = False
        self._chat = job.chat
        self._top_id = job.top_id
        self._note = job.note
        self._written_at = clock.elapsed()
        self._wait: Wait | None = None

    @property
    def progress(self) -> Progress:
        """The counts so far, those of earlier attempts included."""
        return self._progress

    def opened(self, *, chat: int, top_id: int | None) -> None:
        """The source is this chat; its newest id is fixed for the run."""
        self._chat = chat
        self._top_id = top_id

    def resume(self, counted: Counted) -> None:
        """What earlier attempts of a reading counted, as its spans tell: they know it better than
        the job, which is written less often."""
        new, known = counted.new, counted.known
        self._progress = replace(self._progress, read=new + known, new=new, known=known)
        self._read_before = self._progress.read

    def already(self, known: int) -> None:
        """Messages in the range that were stored and proven before, and are not read."""
        before = self._progress
        self._progress = replace(before, read=before.read + known, known=before.known + known)
        self._read_before += known

    def expect(self, more: int | None) -> None:
        """How many messages are still to come, as far as Telegram tells."""
        total = None if more is None else self._progress.read + more
        self._progress = replace(self._progress, total=total)

    async def stored(self, *, new: int, known: int) -> None:
        """Count what a receipt confirmed."""
        before = self._progress
        read = before.read + new + known
        total = None if before.total is None else max(before.total, read)
        self._progress = replace(
            before, read=read, new=before.new + new, known=before.known + known, total=total
        )
        if self._clock.elapsed() - self._written_at >= INTERVAL:
            await self.write()

    def undecoded(self, messages: int) -> None:
        """So many more are stored and not understood."""
        self._got_on = True
        more = self._progress.undecoded + messages
        self._progress = replace(self._progress, undecoded=more)

    def found(self, groups: int) -> None:
        """How many groups the search has found so far."""
        self._progress = replace(self._progress, found=groups)

    def got_on(self) -> None:
        """There is progress that no count shows: another part of a file."""
        self._got_on = True

    async def kept(self) -> None:
        """One more message has its file."""
        self._got_on = True
        self._progress = replace(self._progress, files=self._progress.files + 1)
        if self._clock.elapsed() - self._written_at >= INTERVAL:
            await self.write()

    async def skipped(self, why: Skip) -> None:
        """The file of one more message is not kept."""
        self._got_on = True
        before = self._progress.skipped
        skipped = replace(before, **{str(why): getattr(before, why) + 1})
        self._progress = replace(self._progress, skipped=skipped)
        if self._clock.elapsed() - self._written_at >= INTERVAL:
            await self.write()

    def note(self, note: Note | None) -> None:
        """What is worth saying of the job should it go well."""
        self._note = note

    def finished(self) -> None:
        """What was read is all there was; it is written with the job's end."""
        self._progress = replace(self._progress, total=self._progress.read)

    async def done(self) -> bool:
        """End the job well, with its counts; False when it is somebody else's."""
        final = FinalCounts(
            progress=self._progress, chat=self._chat, top_id=self._top_id, note=self._note
        )
        return await self._jobs.done(self._key, self._clock.now(), final)

    async def write(self) -> None:
        """Store the counts now."""
        if not await self.try_write():
            raise LeaseGone(f"job {self._key.job}")

    async def try_write(self) -> bool:
        """Store the counts now; False when the job is somebody else's."""
        self._written_at = self._clock.elapsed()
        return await self._jobs.progress(
            self._key,
            self._progress,
            chat=self._chat,
            top_id=self._top_id,
            note=self._note,
            moved=self._got_on or self._progress.read > self._read_before,
        )

    async def waits(self, wait: Wait | None) -> None:
        """Show a long wait, or its end."""
        if wait is not None and wait.until is not None and not self._is_long(wait):
            wait = None
        if wait != self._wait:
            self._wait = wait
            await self._jobs.wait(self._key, wait)

    def _is_long(self, wait: Wait) -> bool:
        if wait == self._wait or wait.until is None:
            return True
        return (wait.until - self._clock.now()).total_seconds() > SHOWN_WAIT
