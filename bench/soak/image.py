"""The image without Docker: the steps of the Dockerfile, carried out in a Debian of their own.

Needs root, debootstrap and the network. The Debian is the one that the image's base is made of,
with its own Python of the same version.
"""

import asyncio
import json
import os
import re
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.soak.hosts import command

ROOT = Path(__file__).parents[2]
DEBIAN = "bookworm"
PACKAGES = "python3,python3-venv,ca-certificates"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
"""With those of a proxy that this machine may be behind."""

STEP = re.compile(r"^([A-Z]+) +(.*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A root folder, and how a process begins in it. `steps`: how many were carried out."""

    root: Path
    env: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    user: str = "root"
    entrypoint: tuple[str, ...] = ()
    steps: int = 0

    def words(self, role: str, settings: dict[str, str]) -> tuple[str, ...]:
        """The command that begins a role in it, as its user and with these settings alone."""
        given = [f"{name}={value}" for name, value in {**self.env, **settings}.items()]
        begin = f"cd {self.workdir} && exec {shlex.join((*self.entrypoint, role))}"
        user = ("chroot", f"--userspec={self.user}:{self.user}", str(self.root))
        return (*user, "/usr/bin/env", "-i", *given, "/bin/sh", "-c", begin)


class Builder:
    """Builds the stages of the Dockerfile that a target needs, each in a folder of its own."""

    def __init__(self, folder: Path, context: Path = ROOT) -> None:
        self._folder = folder
        self._context = context
        self._stages = stages((context / "Dockerfile").read_text())
        self._built: dict[str, Image] = {}

    async def build(self, target: str) -> Image:
        """The image of a stage, and of what it is made of."""
        if target in self._built:
            return self._built[target]
        base, steps = self._stages[target]
        root = self._folder / target
        if base in self._stages:
            image = await self.build(base)
            await command("cp", "-a", str(image.root), str(root))
            image = replace(image, root=root)
        else:
            await command("cp", "-a", str(await self._debian()), str(root))
            image = Image(root=root, env={"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"})
        for word, rest in steps:
            image = replace(await self._step(image, word, rest), steps=image.steps + 1)
        self._built[target] = image
        return image

    async def _debian(self) -> Path:
        root = self._folder / "debian"
        if not root.exists():
            words = ("debootstrap", "--variant=minbase", f"--include={PACKAGES}", DEBIAN, str(root))
            await command(*words)
            (root / "usr/local/bin/python").symlink_to("/usr/bin/python3")
            for file in (CERTIFICATES, Path("/etc/resolv.conf")):
                shutil.copyfile(file, root / file.relative_to("/"))
        return root

    async def _step(self, image: Image, word: str, rest: str) -> Image:
        match word:
            case "RUN":
                await self._run(image, rest)
            case "COPY":
                await self._copy(image, shlex.split(rest))
            case "WORKDIR":
                (image.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
                return replace(image, workdir=rest)
            case "ENV":
                pairs = dict(pair.split("=", 1) for pair in shlex.split(rest))
                path = image.env["PATH"]
                new = {name: value.replace("$PATH", path) for name, value in pairs.items()}
                return replace(image, env={**image.env, **new})
            case "USER":
                return replace(image, user=rest)
            case "ENTRYPOINT":
                return replace(image, entrypoint=tuple(json.loads(rest)))
        return image

    async def _run(self, image: Image, line: str) -> None:
        given = {**image.env, "PIP_CERT": str(CERTIFICATES), "LC_ALL": "C.UTF-8"}
        env = [f"{name}={value}" for name, value in given.items()]
        inside = ("chroot", str(image.root), "/usr/bin/env", "-i", *env)
        await command("nice", *inside, "/bin/sh", "-c", f"cd {image.workdir} && {line}")

    async def _copy(self, image: Image, words: Sequence[str]) -> None:
        *options, source, to = words
        inside = Path(image.workdir) / to
        target = image.root / inside.relative_to("/")
        for option in options:
            stage = await self.build(option.removeprefix("--from="))
            await command("cp", "-a", str(stage.root / source.lstrip("/")), str(target))
            return
        kept = self._context_files() if source == "." else [source]
        for name in kept:
            await command("cp", "-r", str(self._context / name), str(target))

    def _context_files(self) -> list[str]:
        """What .dockerignore lets into the build."""
        lines = (self._context / ".dockerignore").read_text().splitlines()
        return [line[1:] for line in lines if line.startswith("!")]


def stages(dockerfile: str) -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """By name: the image that a stage begins with, and its steps."""
    found: dict[str, tuple[str, list[tuple[str, str]]]] = {}
    steps: list[tuple[str, str]] = []
    for line in dockerfile.replace("\\\n", " ").splitlines():
        if (parsed := STEP.match(line)) is None:
            continue
        word, rest = parsed.groups()
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            steps = []
            found[name] = (base, steps)
        else:
            steps.append((word, rest))
    return found


async def size_mb(root: Path) -> int:
    """How much an image holds, in megabytes."""
    return int((await command("du", "-sm", str(root))).split()[0])


def have_tools() -> bool:
    """Whether this machine can build one."""
    return os.geteuid() == 0 and shutil.which("debootstrap") is not None


async def ended_after(process: asyncio.subprocess.Process, patience: float) -> float:
    """Seconds until it has ended. Raises TimeoutError."""
    began = asyncio.get_running_loop().time()
    await asyncio.wait_for(process.wait(), patience)
    return asyncio.get_running_loop().time() - began
