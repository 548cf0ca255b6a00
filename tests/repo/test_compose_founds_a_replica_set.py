"""The compose file fits the product, and its founding of the replica set works on a mongod."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from tree import ROOT
from waiting import wait_until

from app.embedded_mongo.binary import find_mongod, runnable
from app.embedded_mongo.launch import PORTS, choose_port
from core.settings import Settings, load_settings
from db.client import connect

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
FOUNDING = SERVICES["mongodb"]["healthcheck"]["test"][-1]


def configuration() -> dict[str, Any]:
    """The document that the health check gives to `rs.initiate`."""
    found = re.search(r"rs\.initiate\((\{.*\})\);", FOUNDING)
    assert found, FOUNDING
    return dict(json.loads(found[1]))


def started_as_in_compose(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """The packaged mongod with the words of the compose file: nobody has to sign in there."""
    words = SERVICES["mongodb"]["command"]
    binary = runnable(find_mongod(), folder)
    at_home = ["--dbpath", folder, "--bind_ip", "127.0.0.1", "--port", str(port)]
    named = ["--replSet", words[words.index("--replSet") + 1]]
    return subprocess.Popen([binary, *named, *at_home], stdout=subprocess.DEVNULL)


async def test_the_founding_works_on_a_real_mongod(tmp_path: Path) -> None:
    port = choose_port(0, PORTS)
    process = started_as_in_compose(tmp_path, port)
    try:
        async with connect(
            f"mongodb://127.0.0.1:{port}/?directConnection=true", timeout_ms=20_000
        ) as client:
            assert "setName" not in await client.admin.command("hello")
            document = configuration()
            assert document["members"][0]["host"] == "mongodb:27017"
            document["members"][0]["host"] = f"127.0.0.1:{port}"
            assert (await client.admin.command("replSetInitiate", document))["ok"] == 1

            async def healthy() -> bool:
                hello = await client.admin.command("hello")
                return bool(hello["isWritablePrimary"]) and hello["setName"] == "telecrew"

            await wait_until(healthy, timeout=20)
    finally:
        process.terminate()
        process.wait()


def test_the_name_of_the_set_is_the_same_everywhere() -> None:
    command = SERVICES["mongodb"]["command"]
    assert configuration()["_id"] == command[command.index("--replSet") + 1]
    for name in ("bot", "collector"):
        uri = urlsplit(SERVICES[name]["environment"]["MONGODB_URI"])
        assert parse_qs(uri.query)["replicaSet"] == [configuration()["_id"]]
        assert uri.netloc == configuration()["members"][0]["host"]


def test_mongodb_is_current_kept_and_reachable_by_the_services_alone() -> None:
    mongodb = SERVICES["mongodb"]
    assert mongodb["image"].startswith("mongo:8")
    assert any(volume.endswith(":/data/db") for volume in mongodb["volumes"])
    assert "ports" not in mongodb
    assert mongodb["networks"] == ["store"]
    assert COMPOSE["networks"]["store"]["internal"] is True


@pytest.mark.parametrize("name", ["bot", "collector"])
def test_a_service_is_of_our_image_waits_for_mongodb_and_is_watched(name: str) -> None:
    service = SERVICES[name]
    assert service["command"] == [name]
    assert service["build"] == "."
    assert service["depends_on"]["mongodb"]["condition"] == "service_healthy"
    port = service["environment"]["METRICS_PORT"]
    assert f"http://127.0.0.1:{port}/readyz" in service["healthcheck"]["test"][-1]
    assert any(volume.endswith(":/data") for volume in service["volumes"])


@pytest.mark.parametrize("name", ["bot", "collector"])
def test_the_environment_of_a_service_is_made_of_our_settings(name: str) -> None:
    environment = SERVICES[name]["environment"]
    assert {key.lower() for key in environment} <= Settings.model_fields.keys()
    given = {key: value for key, value in environment.items() if value}
    assert load_settings(None, **given).metrics_port == 9100


def test_the_bot_holds_no_session_keys() -> None:
    assert SERVICES["bot"]["environment"]["SESSION_KEYS"] == ""
    assert "SESSION_KEYS" not in SERVICES["collector"]["environment"]


def test_every_named_volume_is_declared() -> None:
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service["volumes"]}
    assert used == set(COMPOSE["volumes"])


def test_a_first_process_hands_signals_on_before_ours_heeds_any() -> None:
    assert SERVICES["bot"]["init"] is True
    assert SERVICES["collector"]["init"] is True


def test_the_image_runs_as_an_ordinary_user_and_gets_its_signals() -> None:
    steps = [
        line.split(maxsplit=1)
        for line in (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
        if line and line[0] not in "# "
    ]
    last = dict(steps)
    assert last["USER"] not in ("root", "0")
    assert json.loads(last["ENTRYPOINT"]) == ["telecrew"]
    assert json.loads(last["CMD"]) == ["run"]
    assert last["FROM"].startswith("python:3.11-slim")
    assert any("--require-hashes" in rest for word, rest in steps if word == "RUN")


def test_the_image_is_built_from_what_it_needs_and_no_secret() -> None:
    kept = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    assert kept >= {"app", "bot", "collector", "core", "db", "sandbox", "requirements.lock"}
    assert not kept & {".env", "data", ".git"}
    assert all((ROOT / name).exists() for name in kept - {"README.md"})
