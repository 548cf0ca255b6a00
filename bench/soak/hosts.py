"""Several hosts on one machine: network namespaces on a switch of their own, and broken lines.

Needs root and iproute2. Nothing of it can be reached from outside, and nothing outside from it.
"""

import asyncio
import itertools
import os
from collections.abc import Sequence
from typing import Self

NETWORK = "10.77.0"
HUB = "hub"
"""Where the switch is, and whoever looks at it all: address .1."""

NUMBERS = itertools.count()


class CommandFailed(RuntimeError):
    """A command of the system's ended with an error; the message is what it said."""


async def command(*words: str) -> str:
    """Run a command of the system's; what it prints."""
    process = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said = (await process.communicate())[0].decode()
    if process.returncode:
        raise CommandFailed(f"{' '.join(words)}: {said.strip()}")
    return said


class Hosts:
    """`async with Hosts(["one", "two"]) as hosts`; names have at most eight letters.

    `tag`: the hosts that another process has made, to work with and not to end.
    """

    def __init__(self, names: Sequence[str], tag: str | None = None) -> None:
        self.tag = tag or f"tc{os.getpid()}x{next(NUMBERS)}"
        self._addresses = {HUB: f"{NETWORK}.1"} | {
            name: f"{NETWORK}.{number}" for number, name in enumerate(names, start=11)
        }

    async def __aenter__(self) -> Self:
        try:
            await self._make()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        for name in reversed(self._addresses):
            if self._space(name) in await command("ip", "netns", "list"):
                await command("ip", "netns", "delete", self._space(name))

    def address(self, name: str) -> str:
        """The address of a host in the others' eyes."""
        return self._addresses[name]

    def inside(self, name: str) -> tuple[str, ...]:
        """The words before a command that is to run on a host."""
        return ("ip", "netns", "exec", self._space(name))

    async def cut(self, name: str) -> None:
        """Pull the cable: nobody reaches the host, it reaches nobody, and nobody is told."""
        await self._at(HUB, "link", "set", f"p-{name}", "down")

    async def mend(self, name: str) -> None:
        """Put the cable back."""
        await self._at(HUB, "link", "set", f"p-{name}", "up")

    async def part(self, one: str, other: str) -> None:
        """Between these two nothing passes any more; everybody else reaches both."""
        for here, there in ((one, other), (other, one)):
            await self._at(here, "route", "add", "blackhole", f"{self.address(there)}/32")

    async def join(self, one: str, other: str) -> None:
        """The end of `part`."""
        for here, there in ((one, other), (other, one)):
            await self._at(here, "route", "delete", "blackhole", f"{self.address(there)}/32")

    async def _make(self) -> None:
        await self._space_of(HUB)
        await self._at(HUB, "link", "add", "switch", "type", "bridge")
        await self._at(HUB, "address", "add", f"{self.address(HUB)}/24", "dev", "switch")
        await self._at(HUB, "link", "set", "switch", "up")
        for name in [name for name in self._addresses if name != HUB]:
            await self._space_of(name)
            pair = ("link", "add", f"p-{name}", "type", "veth", "peer", "name", "eth0")
            await self._at(HUB, *pair, "netns", self._space(name))
            await self._at(HUB, "link", "set", f"p-{name}", "master", "switch", "up")
            await self._at(name, "address", "add", f"{self.address(name)}/24", "dev", "eth0")
            await self._at(name, "link", "set", "eth0", "up")

    async def _space_of(self, name: str) -> None:
        await command("ip", "netns", "add", self._space(name))
        await self._at(name, "link", "set", "lo", "up")

    async def _at(self, name: str, *words: str) -> None:
        await command("ip", "-n", self._space(name), *words)

    def _space(self, name: str) -> str:
        return f"{self.tag}-{name}"
