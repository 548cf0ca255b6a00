"""Clients of other makers read the local Telegram: what they see must be what is there."""

import asyncio
import json
import shutil
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from telethon.extensions import BinaryReader
from telethon.tl import types
from telethon.tl.alltlobjects import LAYER

from bench.soak.chapter import Chapter, Fact
from sandbox import files
from sandbox.chat import Chat
from sandbox.content.library import Library
from sandbox.people import Person
from sandbox.seed import small_world
from sandbox.server import Sandbox

NAME = "foreign"
CLIENTS = Path(__file__).parent / "clients"
MESSAGES = 1_500
QUICK = 300
PATIENCE = 180.0
INSTALLING = 600.0
SCHEMA = "compiler/api/source/main_api.tl"
"""In kurigram's sources: the schema of the layer that the sandbox speaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """`older`: its own layer is another one, so that it is given the schema of ours."""

    name: str
    command: tuple[str, ...]
    older: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a client brought home, or what it said when it could not."""

    messages: list[list[Any]]
    sha256: str
    said: str
    seconds: float


async def run(quick: bool) -> Chapter:  # noqa: FBT001
    """Install them at their pinned versions, then each in turn."""
    count = QUICK if quick else MESSAGES
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        place = Path(folder)
        clients = await install(place)
        facts = await read_all(clients, place, count)
    return Chapter(
        title="Clients of other makers",
        text=(
            "GramJS, mtcute and kurigram, as they are published, sign in, one of them with a "
            f"two-step password, read {count:,} messages and fetch a file over a second "
            f"connection. GramJS and mtcute speak older layers than the sandbox's {LAYER}: they "
            "are tried as they are, and with its schema."
        ),
        facts=tuple(facts),
    )


async def install(place: Path) -> list[Client]:
    """The clients, in a folder of their own beside their readers and the schema."""
    home = place / "clients"
    await asyncio.to_thread(shutil.copytree, CLIENTS, home)
    wanted = home / "requirements.txt"
    python = str(place / "venv" / "bin" / "python")
    await command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=home)
    await command(sys.executable, "-m", "venv", str(place / "venv"), cwd=home)
    pip = (python, "-m", "pip", "--disable-pip-version-check", "--quiet")
    await command(*pip, "install", "--require-hashes", "-r", str(wanted), cwd=home)
    sources = ("--no-deps", "--no-binary", "kurigram", "--dest", str(place))
    only = home / "sources.txt"
    await asyncio.to_thread(only.write_text, wanted.read_text().partition("    #")[0])
    await command(*pip, "download", *sources, "--require-hashes", "-r", str(only), cwd=home)
    await asyncio.to_thread(unpack_schema, place)
    return [
        Client(name="GramJS", command=("node", "gramjs.cjs"), older=True),
        Client(name="mtcute", command=("node", "mtcute.mjs"), older=True),
        Client(name="kurigram", command=(python, "kurigram_reader.py"), older=False),
    ]


def unpack_schema(place: Path) -> None:
    (sources,) = place.glob("kurigram-*.tar.gz")
    with tarfile.open(sources) as packed:
        (name,) = [one for one in packed.getnames() if one.endswith(SCHEMA)]
        text = packed.extractfile(name).read()  # type: ignore[union-attr]
    assert f"// LAYER {LAYER}\n".encode() in text, "the schema is of another layer"
    (place / "schema.tl").write_bytes(text)


async def command(*words: str, cwd: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *words, cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, timely = await output(process, INSTALLING)
    if process.returncode or not timely:
        raise RuntimeError(f"{words[0]} ended with {process.returncode}: {said[-2000:]}")


async def output(process: asyncio.subprocess.Process, seconds: float) -> tuple[str, bool]:
    """(what it said until it ended, whether it ended in time). It has ended then."""
    try:
        async with asyncio.timeout(seconds):
            return (await process.communicate())[0].decode(errors="replace"), True
    except TimeoutError:
        return f"nothing within {seconds:g} s", False
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def read_all(clients: list[Client], place: Path, count: int) -> list[Fact]:
    world = small_world(
        chats={"alpha_chat": count, "files_chat": 40},
        passwords={2: "correct horse"},
        libraries={"files_chat": Library(distinct=30, least=1_200_000, most=3_000_000, photos=0)},
    )
    facts: list[Fact] = []
    async with Sandbox(world) as sandbox:
        for number, client in enumerate(clients):
            person = sandbox.world.accounts[number]
            if client.older:
                facts.append(refused(client, await read(client, sandbox, person, place, own=True)))
            seen = await read(client, sandbox, person, place)
            facts += compared(client, seen, sandbox)
        wrong = len(sandbox.counters.key_violations)
        facts.append(
            Fact(promise="no key is used wrongly", figure=f"{wrong} times", held=wrong == 0)
        )
    return facts


async def read(
    client: Client, sandbox: Sandbox, person: Person, place: Path, *, own: bool = False
) -> Seen:
    """Have it read. `own`: in the layer that is its own."""
    out = place / "seen.json"
    out.unlink(missing_ok=True)
    lifted = place / "schema.tl" if client.older and not own else None
    given = json.dumps(circumstances(sandbox, person, out, lifted))
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *client.command,
        given,
        cwd=place / "clients",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await output(process, PATIENCE)
    took = time.monotonic() - began
    found = json.loads(out.read_text()) if out.exists() else {"messages": [], "sha256": ""}
    return Seen(messages=found["messages"], sha256=found["sha256"], said=said.strip(), seconds=took)


def circumstances(
    sandbox: Sandbox, person: Person, out: Path, schema: Path | None
) -> dict[str, object]:
    """What a reader is told."""
    public = load_pem_public_key(sandbox.rsa_key_path.read_bytes()).public_numbers()
    return {
        "host": sandbox.config.host,
        "port": sandbox.mtproto.port,
        "mediaPort": sandbox.mtproto.media_port,
        "key": str(sandbox.rsa_key_path),
        "fingerprint": str(sandbox.mtproto.rsa_key.fingerprint),
        "modulus": str(public.n),
        "exponent": public.e,
        "apiId": sandbox.api_id,
        "apiHash": sandbox.api_hash,
        "phone": f"+{person.phone}",
        "code": person.login_code,
        "password": person.password or "",
        "chat": "alpha_chat",
        "files": "files_chat",
        "file": first_file(sandbox).id,
        "layer": LAYER,
        "schema": str(schema) if schema else None,
        "out": str(out),
    }


def refused(client: Client, seen: Seen) -> Fact:
    name = "CONNECTION_LAYER_INVALID"
    held = name in seen.said and not seen.messages
    figure = name if held else seen.said[-200:] or "nothing was said"
    return Fact(promise=f"{client.name} is told that its layer is not spoken", figure=figure,
                held=held)  # fmt: skip


def compared(client: Client, seen: Seen, sandbox: Sandbox) -> list[Fact]:
    truth = [told(one) for one in written(sandbox.world.chat("alpha_chat"))][::-1]
    file = files.content_of(first_file(sandbox))
    same = seen.messages == truth
    what = f"{len(seen.messages):,} of {len(truth):,} in {seen.seconds:.1f} s"
    if not seen.messages:
        what = seen.said[-200:] or "nothing was said"
    return [
        Fact(promise=f"{client.name} reads every message as it is", figure=what, held=same),
        Fact(
            promise=f"{client.name} fetches the file as it is",
            figure=f"{file.size:,} bytes",
            held=seen.sha256 == file.sha256,
        ),
    ]


def first_file(sandbox: Sandbox) -> types.Message:
    """The first message that has a document."""
    for one in written(sandbox.world.chat("files_chat")):
        if isinstance(getattr(one, "media", None), types.MessageMediaDocument):
            return one
    raise LookupError("no message has a file")


def written(chat: Chat) -> list[Any]:
    """The chat's messages, oldest first."""
    found = []
    for one in chat.ids():
        with BinaryReader(chat.written(one).raw) as reader:
            found.append(reader.tgread_object())
    return found


def told(message: Any) -> list[Any]:
    return [message.id, int(message.date.timestamp()), getattr(message, "message", None) or ""]
