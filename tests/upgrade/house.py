"""What a test of an upgrade works with: old and new processes on one store, and the operator."""

import asyncio
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from process_side import Service
from service import stored_ids, world_ids
from waiting import wait_until

from bench.nursery import Nursery
from core.run import OPEN_STATES, Run
from db.client import MongoDatabase
from db.database import Database
from sandbox.bot_api.person import Human, Seen
from sandbox.people import Person
from sandbox.server import Sandbox

PATIENCE = 40.0


def kept() -> dict[str, str]:
    """What a process needs of this one's environment."""
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


async def command(release: Path, settings: dict[str, str], *words: str, typed: str = "") -> str:
    """What a command of a release prints; it must succeed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.cli", *words),
        env={**kept(), **settings},
        cwd=release,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(typed.encode()), 60)
    assert process.returncode == 0, said.decode()
    return said.decode()


async def signed_in_by(release: Path, settings: dict[str, str], person: Person) -> None:
    """`telecrew login` of that release."""
    await command(release, settings, "login", person.phone or "", typed=f"{person.login_code}\n")


@dataclass(kw_only=True)
class House:
    """`old`: the folder of the last release. What is started is ended with the test."""

    sandbox: Sandbox
    database: Database
    bare: MongoDatabase
    settings: dict[str, str]
    folder: Path
    nursery: Nursery
    old: Path
    services: list[Service] = field(default_factory=list)

    async def start(
        self, role: str = "run", *, release: Path | None = None, **settings: str
    ) -> Service:
        """A process of today's program, or of another release."""
        given = self.settings | settings
        log = self.folder / f"{role}-{len(self.services)}.log"
        if release is None:
            service = Service(given, role, log=log, nursery=self.nursery)
        else:
            service = Service(given, role, log=log, folder=release)
        await service.start()
        self.services.append(service)
        return service

    async def end(self) -> None:
        """Kill what still runs."""
        for service in self.services:
            if service.alive:
                await service.kill()

    @property
    def human(self) -> Human:
        """The operator in front of the bot."""
        return self.sandbox.bot_api.person(self.sandbox.world.operator.id)

    async def says(self, text: str, *words: str) -> Seen:
        """What the bot answers to a text: the first new message that shows all of these words."""
        sent = await self.human.send(text)
        return await self.human.wait_for_message(
            lambda seen: seen.id > sent and all(word in seen.text for word in words), PATIENCE
        )

    async def taps(self, message: int, button: str) -> str:
        """Press a button, by the beginning of its text, once it is there; the toast."""

        def label() -> str | None:
            rows = self.human.message(message).buttons
            return next((text for row in rows for text in row if button in text), None)

        found = await wait_until(label, timeout=PATIENCE)
        query = await self.human.press(message, found)
        await self.human.answered(query, PATIENCE)
        return query.text

    async def shows(self, message: int, *words: str) -> Seen:
        """A message once it shows all of these words."""
        return await self.human.wait_for_message(
            lambda seen: seen.id == message and all(word in seen.text for word in words), PATIENCE
        )

    async def run_of(self, source: str) -> Run:
        """The newest run of the task that names this source."""

        async def newest() -> Run | None:
            task = await self.bare["tasks"].find_one(
                {"$or": [{"spec.sources": source}, {"spec.sources.name": source}]}
            )
            if task is None:
                return None
            found = await self.bare["runs"].find_one({"task": task["_id"]}, sort=[("_id", -1)])
            return None if found is None else await self.database.runs.get(found["_id"])

        return await wait_until(newest, timeout=PATIENCE)

    async def ended(self, source: str) -> Run:
        """The newest run of a source's task, once it is over."""

        async def over() -> Run | None:
            run = await self.run_of(source)
            return None if run.status.state in OPEN_STATES else run

        return await wait_until(over, timeout=90, every=0.1)

    def lets_in(self, name: str) -> None:
        """Every account is inside this chat from now on."""
        world = self.sandbox.world
        for person in world.accounts:
            world.membership.enter(person.id, world.chat(name).id)

    async def is_whole(self, *names: str) -> None:
        """What is stored of these chats is what is in the world."""
        for name in names:
            assert await stored_ids(self.database, self.sandbox, name) == world_ids(
                self.sandbox, name
            )
