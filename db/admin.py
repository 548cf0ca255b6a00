"""The few calls that set up and look at a MongoDB server itself, not at the product's data."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    InvalidURI,
    OperationFailure,
    PyMongoError,
)

from db.client import connect

AUTHENTICATION_FAILED = 18
ALREADY_INITIALIZED = 23
UNAUTHORIZED = 13
NOT_YET_INITIALIZED = 94
USER_EXISTS = 51003
NO_REPLICA_SET = 51300
ASKS_TO_CONFIRM = 7
"""The first release that wants it confirmed that there is no way back."""

POLL_SECONDS = 0.01


class AdminError(Exception):
    """The server refused an administrative call.

    Unreachable     nobody answers at the address in time
    AccessRefused   it answers, and does not accept the user or the password
    """


class Unreachable(AdminError):
    """Nobody answers at the address in time."""


class AccessRefused(AdminError):
    """The user or the password is wrong, or the user may not do this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerReport:
    """What a server says of itself.

    `write_concern` is the cluster-wide default `w` (a number, "majority", or a tag), None where the
    server has none or the user may not ask; `local_time` its clock in UTC; `unzips`: it takes
    messages that are compressed with zlib.
    """

    version: str
    set_name: str | None
    writable: bool
    write_concern: str | int | None
    local_time: datetime
    unzips: bool = False


async def inspect(uri: str, *, timeout_ms: int = 5_000) -> ServerReport:
    """Ask the server about itself, with the credentials of `uri`."""
    async with _admin(uri, timeout_ms) as admin:
        build = await admin.command("buildInfo")
        hello = await admin.command("hello", compression=["zlib"])
        return ServerReport(
            version=build["version"],
            set_name=hello.get("setName"),
            writable=bool(hello.get("isWritablePrimary")),
            write_concern=await default_writes(admin),
            local_time=hello["localTime"].replace(tzinfo=UTC),
            unzips="zlib" in (hello.get("compression") or ()),
        )


async def own_host(uri: str, *, timeout_ms: int) -> str | None:
    """The address under which the set's one member stands in its configuration, None before there
    is one. Needs credentials: a stranger to the server gets AccessRefused."""
    async with _admin(uri, timeout_ms) as admin:
        configuration = await admin.client.local.get_collection("system.replset").find_one()
        return None if configuration is None else str(configuration["members"][0]["host"])


async def initiate(uri: str, *, set_name: str, host: str) -> None:
    """Make the server at `host` a replica set of one; a set that exists already stays."""
    members = [{"_id": 0, "host": host}]
    async with _admin(uri) as admin:
        try:
            await admin.command("replSetInitiate", {"_id": set_name, "members": members})
        except OperationFailure as error:
            if error.code != ALREADY_INITIALIZED:
                raise


async def relocate(uri: str, *, host: str, seconds: float) -> None:
    """Tell a replica set of one its new address.

    The server first looks for itself at the old one: quick, unless a stranger there keeps silent.
    """
    async with asyncio.timeout(seconds), _admin(uri) as admin:
        while (configuration := await _configuration(admin)) is None:  # noqa: ASYNC110
            await asyncio.sleep(POLL_SECONDS)
        configuration["members"][0]["host"] = host
        configuration["version"] += 1
        await admin.command("replSetReconfig", configuration, force=True)


async def add_root(uri: str, *, user: str, password: str) -> None:
    """Create a user who may do everything; AccessRefused when one of that name is there."""
    async with _admin(uri) as admin:
        try:
            await admin.command("createUser", user, pwd=password, roles=["root"])
        except OperationFailure as error:
            if error.code == USER_EXISTS:
                raise AccessRefused(str(error)) from error
            raise


async def wait_writable(uri: str, *, seconds: float) -> None:
    """Return once the server takes writes; Unreachable when it does not within `seconds`."""
    try:
        async with asyncio.timeout(seconds), _admin(uri) as admin:
            while not await _takes_writes(admin):  # noqa: ASYNC110 - the server tells only if asked
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError as error:
        raise Unreachable(f"it takes no writes after {seconds:g} s") from error


async def raise_compatibility(uri: str) -> str | None:
    """Let the data be those of the server's own release; that release, None when they are so.

    An older server cannot read them afterwards, and the next newer one only then.
    """
    async with _admin(uri) as admin:
        build = await admin.command("buildInfo")
        major, minor, *_ = build["versionArray"]
        own = f"{major}.{minor}"
        reply = await admin.command({"getParameter": 1, "featureCompatibilityVersion": 1})
        if reply["featureCompatibilityVersion"].get("version") == own:
            return None
        confirm = {"confirm": True} if major >= ASKS_TO_CONFIRM else {}
        await admin.command({"setFeatureCompatibilityVersion": own, **confirm})
        return own


async def default_writes(admin: Any) -> str | int | None:
    """As `ServerReport.write_concern`, of the server whose `admin` database this is."""
    try:
        reply = await admin.command("getDefaultRWConcern")
    except OperationFailure as error:
        if error.code in (UNAUTHORIZED, NO_REPLICA_SET):
            return None
        raise
    default: str | int = reply.get("defaultWriteConcern", {}).get("w", 1)
    return default


async def _configuration(admin: Any) -> dict[str, Any] | None:
    try:
        return dict((await admin.command("replSetGetConfig"))["config"])
    except OperationFailure as error:
        if error.code != NOT_YET_INITIALIZED:
            raise
        return None


async def _takes_writes(admin: Any) -> bool:
    return bool((await admin.command("hello")).get("isWritablePrimary"))


@asynccontextmanager
async def _admin(uri: str, timeout_ms: int = 5_000) -> AsyncIterator[Any]:
    try:
        async with connect(uri, timeout_ms=timeout_ms) as client:
            yield client.admin
    except (ConfigurationError, InvalidURI) as error:
        raise AdminError(str(error)) from error
    except ConnectionFailure as error:
        raise Unreachable(str(error)) from error
    except OperationFailure as error:
        if error.code in (AUTHENTICATION_FAILED, UNAUTHORIZED):
            raise AccessRefused(str(error)) from error
        raise AdminError(str(error)) from error
    except PyMongoError as error:
        raise AdminError(str(error)) from error
