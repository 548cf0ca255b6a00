"""`telecrew demo`: the whole product against a local Telegram, with nothing to configure."""

import asyncio
import fcntl
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

from app.ending import ENDING
from app.login import login
from app.store import open_store
from app.tour import answers, invitations, sign_in, write_settings
from collector.telegram.vault import SessionVault, mask_phone
from core.clock import SystemClock
from core.errors import CrewError
from core.settings import Settings, load_settings
from sandbox.people import Person
from sandbox.seed import demo_world
from sandbox.server import Sandbox, SandboxConfig
from sandbox.world import World

SIGNED_IN = 3
"""Accounts of the demo's crew that sign in; the rest stay signed out, so that this can be seen."""

ENV_FILE = "demo.env"
"""In the demo's folder: settings that point other commands at it."""

DEMO_PACE = (
    "history=6/1,resolve=2/1/0,info=5/1,search=2/1,bot=2/1,join=1/2/0,dialogs=1/2,media=20/1"
)
"""Much faster than Telegram would bear, so that nobody waits for what a demo is to show."""

GOODBYE_SECONDS = 6.0
LIVES = 5
"""How often a killed service is started again."""

NEWEST_AGE = timedelta(minutes=10)
"""How old the newest message of the demo is when it starts."""


class DemoBroken(CrewError):
    """The service behind the demo ended; the message says how."""


def fresh_world() -> World:
    """The demo's chats, written up to now: "the last 7 days" finds something."""
    return demo_world(newest=SystemClock().now() - NEWEST_AGE)


class _Owner:
    """Answers the questions of a sign-in as the owner of the account would."""

    def __init__(self, person: Person) -> None:
        self._code: str = person.login_code
        self._password: str = person.password or ""

    def ask(self, question: str, *, secret: bool = False) -> str:
        """The password where it is asked for, else the code."""
        return self._password if secret or "assword" in question else self._code

    def say(self, text: str) -> None:
        """Nobody watches."""


async def demo(
    *,
    port: int,
    data_dir: Path | None,
    say: Callable[[str], None],
    metrics_port: int = 0,
    traffic: float = 0.0,
) -> None:
    """Sandbox, embedded MongoDB, bot and collector, until cancelled."""
    try:
        async with _folder(data_dir) as folder:
            config = SandboxConfig(http_port=port, data_dir=folder / "sandbox", traffic=traffic)
            say("Starting a local Telegram, MongoDB and the service …")
            async with Sandbox(fresh_world(), config) as sandbox:
                environment = _environment(sandbox, folder, metrics_port)
                settings = load_settings(None, **environment)
                env_file = folder / ENV_FILE
                await asyncio.to_thread(write_settings, env_file, environment)
                async with open_store(settings):
                    await _sign_in_crew(settings, sandbox)
                    await _keep_serving(_tour(sandbox, env_file), sandbox, environment, say)
    except asyncio.CancelledError:
        say("Stopped.")
        raise


def _tour(sandbox: Sandbox, env_file: Path) -> list[str]:
    """What can be tried, a line each."""
    lines = [
        f"Chat page: {sandbox.chat_page_url}",
        "Open it, press Start, then try: /newtask @crypto_daily @dushu_club",
        "Invite links to try with /newtask, too:",
        *invitations(sandbox.world),
    ]
    for person in sandbox.world.accounts[SIGNED_IN:]:
        lines.append(f"{person.name} is not signed in yet. To do it, paste this into a terminal:")
        lines.append(f"  {sign_in(person, env_file)}")
        lines.append(f"and answer with {answers(person)}.")
    return [*lines, "Ctrl-C stops everything."]


async def _keep_serving(
    lines: list[str],
    sandbox: Sandbox,
    environment: dict[str, str],
    say: Callable[[str], None],
) -> None:
    """Run the service until cancelled; one that is killed is started again, as systemd would.
    `lines` are said once it answers."""
    for life in range(LIVES):
        async with _service(environment) as service:
            await _answering(sandbox, service)
            for line in lines if life == 0 else ():
                say(line)
            await service.wait()
        say(f"The service ended with status {service.returncode}; it is started again.")
    raise DemoBroken(f"The service ended {LIVES} times. LOG_LEVEL=INFO shows more.")


async def _sign_in_crew(settings: Settings, sandbox: Sandbox) -> None:
    people = sandbox.world.accounts
    for person in people[:SIGNED_IN]:
        await login(settings, _Owner(person), person.phone)
    async with open_store(settings) as store:
        known = {account.phone for account in await store.database.accounts.all()}
        for person in people[SIGNED_IN:]:
            masked = mask_phone(person.phone or "")
            if masked not in known:
                await store.database.accounts.add_signed_out(
                    name=person.name, phone=masked, now=SystemClock().now()
                )


def _environment(sandbox: Sandbox, folder: Path, metrics_port: int) -> dict[str, str]:
    key_file = folder / "session.key"
    if not key_file.exists():
        key_file.touch(mode=0o600)
        key_file.write_text(SessionVault.new_key())
    return {
        **sandbox.environment(),
        "SESSION_KEYS": key_file.read_text(),
        "DATA_DIR": str(folder.absolute()),
        "MONGODB_URI": "",
        "PACE": os.environ.get("PACE", DEMO_PACE),
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
        "METRICS_PORT": str(metrics_port),
    }


@asynccontextmanager
async def _service(environment: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """`telecrew run`, as a user would start it: it knows of the sandbox by its settings only."""
    inherited = {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "app.cli",
        "run",
        "--no-env-file",
        env={**inherited, **environment},
        start_new_session=True,
    )
    withdraw = ENDING.at_the_latest(partial(_kill, process))
    try:
        yield process
    finally:
        await _end(process)
        withdraw()


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(GOODBYE_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _kill(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()


async def _answering(sandbox: Sandbox, service: asyncio.subprocess.Process) -> None:
    """Until the bot fetches its updates."""
    before = sandbox.bot_api.polls
    while sandbox.bot_api.polls == before:
        if service.returncode is not None:
            raise DemoBroken(f"The service ended with status {service.returncode}.")
        await asyncio.sleep(0.05)


@asynccontextmanager
async def _folder(data_dir: Path | None) -> AsyncIterator[Path]:
    if data_dir is not None:
        await asyncio.to_thread(data_dir.mkdir, parents=True, exist_ok=True)
        with _alone(data_dir):
            yield data_dir
        return
    with tempfile.TemporaryDirectory(prefix="telecrew-demo-") as folder:
        yield Path(folder)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two demos in one folder would share a database, but not a Telegram."""
    with (folder / "demo.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoBroken(f"Another demo runs in {folder}. Stop it, or name another.") from None
        yield
