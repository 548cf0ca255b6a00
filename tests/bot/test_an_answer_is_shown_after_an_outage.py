"""A lookup that is answered while MongoDB is away is shown when it is back."""

from types import SimpleNamespace

from bot.background import Background
from bot.features.newtask.watch import LookupWatch
from core.errors import StoreError
from db.database import Database


class Wizard:
    """Its store is away at first, then the answer is still to come, then it is there."""

    def __init__(self) -> None:
        self.told = [StoreError("away"), True, False]

    async def pending(self, _: object) -> bool:
        told = self.told.pop(0)
        if isinstance(told, StoreError):
            raise told
        return told


async def test_the_wizard_waits_through_an_outage(database: Database) -> None:
    drawn: list[int] = []
    wizard = Wizard()
    watch = LookupWatch(
        bot=None,
        dispatcher=None,
        wizard=wizard,
        changes=database.changes,
        background=Background(),
        lanes=SimpleNamespace(put=lambda person, _: drawn.append(person)),
    )
    await watch.wait(None, SimpleNamespace(from_user=SimpleNamespace(id=7)))
    assert wizard.told == []
    assert drawn == [7]
