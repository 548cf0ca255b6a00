"""Setting up a mongod that runs: its replica set, its one user, and the addresses of both.

No call goes without credentials. Before there is a user we are `__system`, whose password is the
key file: the exception that mongod makes for the first user would be open to anyone on the machine.
"""

from urllib.parse import quote

from app.embedded_mongo.failure import FolderInUse, NoAccess, StartFailed
from app.embedded_mongo.folder import Folder, Record
from app.embedded_mongo.launch import HOST, SET_NAME
from db import admin

USER = "telecrew"
ANSWER_MS = 20_000
WRITABLE_SECONDS = 60


def member_uri(folder: Folder, port: int) -> str:
    """The address of the set, with the user's credentials."""
    return _uri(folder, port, f"replicaSet={SET_NAME}&authSource=admin")


def direct_uri(folder: Folder, port: int) -> str:
    """The address of the server itself, with the user's credentials."""
    return _uri(folder, port, "directConnection=true&authSource=admin")


async def greet(folder: Folder, record: Record) -> None:
    """Sign in, found the set or correct its address, and wait until it takes writes."""
    try:
        await _settle(folder, record.port)
    except admin.AccessRefused as error:
        raise NoAccess(folder.password) from error
    except admin.Unreachable as error:
        holder = f"a mongod (process {record.pid}) that does not answer"
        raise FolderInUse(folder.root, holder) from error
    except (admin.AdminError, TimeoutError) as error:
        raise StartFailed("it cannot be set up", folder.log, str(error)) from error


async def _settle(folder: Folder, port: int) -> None:
    user = direct_uri(folder, port)
    try:
        await _be_at(user, f"{HOST}:{port}")
    except admin.AccessRefused:
        system = _system_uri(folder, port)
        await _be_at(system, f"{HOST}:{port}")
        await admin.add_root(system, user=USER, password=folder.password.read_text())


async def _be_at(uri: str, host: str) -> None:
    """Let the set have this one member, and take writes."""
    known = await admin.own_host(uri, timeout_ms=ANSWER_MS)
    if known is None:
        await admin.initiate(uri, set_name=SET_NAME, host=host)
    elif known != host:
        await admin.relocate(uri, host=host, seconds=WRITABLE_SECONDS)
    await admin.wait_writable(uri, seconds=WRITABLE_SECONDS)


def _uri(folder: Folder, port: int, options: str) -> str:
    password = quote(folder.password.read_text(), safe="")
    return f"mongodb://{USER}:{password}@{HOST}:{port}/?{options}"


def _system_uri(folder: Folder, port: int) -> str:
    key = folder.key_file.read_text().strip()
    options = "directConnection=true&authSource=local&authMechanism=SCRAM-SHA-256"
    return f"mongodb://__system:{key}@{HOST}:{port}/?{options}"
