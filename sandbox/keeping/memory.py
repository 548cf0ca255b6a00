"""Keeps a running sandbox's state in its folder, and gives it back to the next."""

from pathlib import Path

from sandbox.bot_api.door import BotApiDoor
from sandbox.bot_api.files import StoredFile
from sandbox.counters import Counters
from sandbox.keeping import bot_state
from sandbox.keeping.saver import Saver
from sandbox.keeping.store import Store

_COUNTERS, _ENDED = "counters", "ended"


class Memory:
    """Auth keys are written by the keyring through `store`, before anybody is told of them. The
    rest is written soon after it changes: a crash may lose its last second."""

    def __init__(self, folder: Path, counters: Counters) -> None:
        self.store = Store(folder)
        self._clean = self.store.read(_ENDED) == "cleanly"
        self.store.write(_ENDED, "not yet")
        self._counters = counters
        if state := self.store.read(_COUNTERS):
            counters.restore(state)
        self._door: BotApiDoor | None = None
        self._savers = [Saver(self._save_counters)]
        counters.changed = self._savers[0].touch

    async def attach(self, door: BotApiDoor) -> None:
        """Gives the bots what they had, and watches them."""
        files = [StoredFile(content=content, **known) for known, content in self.store.read_files()]
        for bot in door.bots.values():
            if state := self.store.read(f"bot:{bot.id}"):
                own = [file for file in files if bot.files.owns(file)]
                bot_state.restore(bot, state, own, clean=self._clean)
                if state["webhook"]:
                    await bot.webhook.start(*state["webhook"])
        self._save_bots(door)
        saver = Saver(lambda: self._save_bots(door))
        self._savers.append(saver)
        door.on_change(saver.touch)
        self._door = door

    def close(self) -> None:
        """The last word: nothing may change any more."""
        self._counters.changed = _nothing
        if self._door is not None:
            self._door.on_change(_nothing)
        for saver in self._savers:
            saver.finish()
        self.store.write(_ENDED, "cleanly")
        self.store.close()

    def _save_counters(self) -> None:
        self.store.write(_COUNTERS, self._counters.state())

    def _save_bots(self, door: BotApiDoor) -> None:
        written, kept = self.store.file_ids(), set()
        for bot in door.bots.values():
            for file in bot.files:
                kept.add(file.id)
                if file.id not in written:
                    self.store.write_file(file.id, bot_state.about(file), file.content)
            self.store.write(f"bot:{bot.id}", bot_state.described(bot))
        for file_id in written - kept:
            self.store.drop_file(file_id)


def _nothing() -> None:
    """Nobody watches any more."""
