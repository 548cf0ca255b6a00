"""A running sandbox: one world, one MTProto port, one HTTP port."""

import asyncio
import gc
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from sandbox.bot_api.door import BotApiDoor
from sandbox.control import Control
from sandbox.counters import Counters
from sandbox.faults import Faults
from sandbox.keeping.memory import Memory
from sandbox.live import Live
from sandbox.mtproto.door import MtprotoDoor
from sandbox.mtproto.rsa_key import PUBLIC_NAME, RsaKey
from sandbox.mtproto.society import Society
from sandbox.search.rules import SearchRules
from sandbox.society_control import SocietyControl
from sandbox.world import World

T = TypeVar("T")

API_ID = 20_402
API_HASH = "0123456789abcdef0123456789abcdef"
DC_ID = 2


def tune() -> None:
    """For a process that is a sandbox and nothing else, once its world is made: the collector of
    garbage looks at what lives long less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxConfig:
    """Port 0 means a free one. `data_dir` keeps the RSA key; None: a folder that goes with the
    sandbox. `keep_state`: it keeps auth keys, the bots' chats and updates and what was counted,
    too, for the next sandbox on it. `compress`: MTProto answers over 512 bytes are gzipped.
    `traffic`: new messages a second in all, from the start."""

    host: str = "127.0.0.1"
    mtproto_port: int = 0
    media_port: int = 0
    http_port: int = 0
    data_dir: Path | None = None
    keep_state: bool = False
    compress: bool = False
    traffic: float = 0.0


class Sandbox:
    """Runs between `async with`; `world`, `faults` and `counters` can be used before and after."""

    api_id = API_ID
    api_hash = API_HASH

    def __init__(self, world: World, config: SandboxConfig | None = None) -> None:
        self.world = world
        self.config = config or SandboxConfig()
        self.faults = Faults()
        self.counters = Counters()
        self.live = Live(world)
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._folder: Path | None = None
        self._memory: Memory | None = None

    async def __aenter__(self) -> Self:
        self._folder = await wholly(self._make_folder)
        try:
            rsa_key = await wholly(RsaKey.load_or_make, self._folder)
        except BaseException:
            if self._temporary is not None:
                self._temporary.cleanup()
            raise
        if self.config.keep_state:
            self._memory = await wholly(Memory, self._folder, self.counters)
        self.mtproto = MtprotoDoor(
            self.world,
            self.counters,
            self.faults,
            rsa_key=rsa_key,
            api_id=API_ID,
            api_hash=API_HASH,
            compress=self.config.compress,
            key_store=self._memory.store if self._memory else None,
        )
        self.live.sent_at = self.mtproto.room.sent_at
        self.faults.wire(
            cut=self.mtproto.cut,
            revoke=self.mtproto.keyring.revoke,
            stall=self.mtproto.stall,
            heal=self.mtproto.heal,
        )
        self.bot_api = BotApiDoor(self.world, self.counters)
        try:
            if self._memory:
                await self._memory.attach(self.bot_api)
            await self.mtproto.start(*self._addresses)
            self._http_port = await self._start_http()
            if self.config.traffic:
                self.live.start(self.config.traffic)
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stop()

    @property
    def _addresses(self) -> tuple[str, int, int]:
        return self.config.host, self.config.mtproto_port, self.config.media_port

    @property
    def telegram_dc(self) -> str:
        """`TELEGRAM_DC`: ID@HOST:PORT."""
        return f"{DC_ID}@{self.config.host}:{self.mtproto.port}"

    @property
    def rsa_key_path(self) -> Path:
        """The server's public key: PKCS#1, PEM."""
        if self._folder is None:
            raise RuntimeError("the sandbox is not running")
        return self._folder / PUBLIC_NAME

    @property
    def bot_api_url(self) -> str:
        return f"http://{self.config.host}:{self._http_port}"

    @property
    def chat_page_url(self) -> str:
        return f"{self.bot_api_url}/"

    @property
    def society(self) -> Society:
        """Lets in who asked to join, puts out, speaks in basic groups, migrates them."""
        return self.mtproto.society

    @property
    def search_rules(self) -> SearchRules:
        """What goes wrong with search bots."""
        return self.mtproto.search_desk.rules

    @property
    def same_ports(self) -> SandboxConfig:
        """The configuration of a sandbox that takes this one's place after it."""
        door = self.mtproto
        return replace(
            self.config,
            mtproto_port=door.port,
            media_port=door.media_port,
            http_port=self._http_port,
        )

    def environment(self) -> dict[str, str]:
        """The settings that point the product at this sandbox."""
        return {
            "TELEGRAM_DC": self.telegram_dc,
            "TELEGRAM_RSA_KEY": str(self.rsa_key_path),
            "API_ID": str(API_ID),
            "API_HASH": API_HASH,
            "BOT_API_URL": self.bot_api_url,
            "BOT_TOKEN": self.world.control_bot.token,
            "ADMINS": str(self.world.operator.id),
            "SEARCH_BOTS": ",".join(bot.username for bot in self.world.search_bots.values()),
        }

    def _make_folder(self) -> Path:
        if self.config.data_dir is None:
            if self.config.keep_state:
                raise ValueError("keep_state needs a data_dir")
            self._temporary = tempfile.TemporaryDirectory(prefix="sandbox-")
            return Path(self._temporary.name)
        self.config.data_dir.mkdir(parents=True, exist_ok=True)
        return self.config.data_dir

    async def _start_http(self) -> int:
        app = web.Application()
        Control(self.world, self.counters, self.faults, self.live).add_routes(app)
        SocietyControl(self.world, self.mtproto).add_routes(app)
        self.bot_api.add_routes(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.config.host, self.config.http_port)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def _stop(self) -> None:
        self.live.stop()
        await self.mtproto.stop()
        await self.bot_api.close()
        if hasattr(self, "_runner"):
            await self._runner.cleanup()
        if self._memory is not None:
            self._memory.close()
            self._memory = None
        if self._temporary is not None:
            await asyncio.to_thread(self._temporary.cleanup)
            self._temporary = None


async def wholly(work: Callable[..., T], *given: Any) -> T:
    """What `work` returns, done in a thread; one that is cancelled waits until it is over, since
    nothing stops a thread that writes files.
    """
    doing = asyncio.get_running_loop().run_in_executor(None, work, *given)
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.wait([doing])
        raise
