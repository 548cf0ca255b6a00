"""The client of aiogram's FSM storage, handed over so that the bot needs no driver of its own."""

from typing import Any, TypeAlias

from pymongo import AsyncMongoClient

from db.address import address_for_driver
from db.client import LIVENESS, SAFE_WRITES

FsmClient: TypeAlias = "AsyncMongoClient[dict[str, Any]]"

FSM_COLLECTION = "fsm"

TOUCH: dict[str, Any] = {"$currentDate": {"touched_at": True}}
"""The change that says that a dialog was gone on with; by MongoDB's clock, as its removal is."""


def fsm_client(uri: str) -> FsmClient:
    """A pymongo client for `PyMongoStorage`; whoever takes it closes it."""
    return AsyncMongoClient(
        address_for_driver(uri), tz_aware=True, appname="telecrew-fsm", **LIVENESS, **SAFE_WRITES
    )
