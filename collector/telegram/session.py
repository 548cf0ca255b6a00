"""What is kept of an account's connection: its key, its data centre, who it is."""

import base64
import binascii
import json
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, TypeVar

from telethon import utils
from telethon.crypto import AuthKey
from telethon.sessions.abstract import Session
from telethon.tl import types
from telethon.tl.types import messages

from core.errors import WorkerUnfit

FORMAT = 1
MOST_PEERS = 2_000

_PAGES = (messages.Messages, messages.MessagesSlice, messages.ChannelMessages)
_T = TypeVar("_T")


class SessionUnreadable(WorkerUnfit):
    """The bytes are no session, or one of a newer version; nothing of them is told."""

    reason = "session_unreadable"


class AccountSession(Session):  # type: ignore[misc]  # Telethon has no types
    """A session in memory: bounded, never blocking; `to_bytes` is all that a restart needs."""

    auth_key: AuthKey | None = None
    dc_id: int = 0
    server_address: str | None = None
    port: int | None = None
    takeout_id: int | None = None
    user: int | None = None

    def __init__(self) -> None:
        super().__init__()
        self._peers: OrderedDict[int, Any] = OrderedDict()
        self._states: OrderedDict[int, Any] = OrderedDict()

    def __repr__(self) -> str:
        return f"AccountSession(user={self.user}, dc_id={self.dc_id})"

    def to_bytes(self) -> bytes:
        """A snapshot; SessionUnreadable without a key: an empty one must not replace a good one."""
        if self.auth_key is None or not self.auth_key.key:
            raise SessionUnreadable("the session has no key")
        fields = {
            "v": FORMAT,
            "dc": self.dc_id,
            "host": self.server_address,
            "port": self.port,
            "key": base64.b64encode(self.auth_key.key).decode(),
            "user": self.user,
        }
        return json.dumps(fields).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "AccountSession":
        """The session of a snapshot."""
        session = cls()
        try:
            fields = json.loads(data)
            if fields["v"] != FORMAT:
                raise SessionUnreadable(f"session format {fields['v']} is not known")
            session.set_dc(int(fields["dc"]), fields["host"], fields["port"])
            session.auth_key = AuthKey(base64.b64decode(fields["key"], validate=True))
            session.user = fields["user"]
        except (ValueError, KeyError, TypeError, binascii.Error):
            raise SessionUnreadable("not a session") from None
        return session

    def set_dc(self, dc_id: int, server_address: str | None, port: int | None) -> None:
        self.dc_id = dc_id
        self.server_address = server_address
        self.port = port

    def get_update_state(self, entity_id: int) -> Any:
        return self._states.get(entity_id)

    def set_update_state(self, entity_id: int, state: Any) -> None:
        _keep(self._states, entity_id, state)

    def get_update_states(self) -> Iterable[tuple[int, Any]]:
        return self._states.items()

    def save(self) -> None:
        """Nothing to do: whoever owns the session takes snapshots."""

    def delete(self) -> None:
        """Forget the key, which a sign-out made worthless."""
        self.auth_key = None

    def process_entities(self, tlo: Any) -> None:
        """Learn how to address what an answer named; of pages of messages only the chats."""
        found = [*(getattr(tlo, "chats", None) or ())]
        if not isinstance(tlo, _PAGES):
            found += getattr(tlo, "users", None) or ()
        for entity in found:
            if getattr(entity, "access_hash", None) and not getattr(entity, "min", False):
                peer = utils.get_input_peer(entity, allow_self=False)
                _keep(self._peers, utils.get_peer_id(peer), peer)

    def get_input_entity(self, key: Any) -> Any:
        """The peer of a marked id, 0 being the account itself; ValueError when it is not known."""
        if key == 0 and self.user is not None:
            return types.InputPeerUser(0, self.user)
        marked = key if isinstance(key, int) else _marked(key)
        peer = self._peers.get(marked)
        if peer is None:
            raise ValueError("this peer is not in the session")
        self._peers.move_to_end(marked)
        return peer

    def cache_file(self, md5_digest: Any, file_size: Any, instance: Any) -> None:
        """Nothing is ever uploaded twice."""

    def get_file(self, md5_digest: Any, file_size: Any, cls: Any) -> None:
        """Nothing is ever uploaded twice."""


def _keep(store: OrderedDict[int, _T], key: int, value: _T) -> None:
    store[key] = value
    store.move_to_end(key)
    if len(store) > MOST_PEERS:
        store.popitem(last=False)


def _marked(key: Any) -> int:
    try:
        return int(utils.get_peer_id(key))
    except TypeError:
        raise ValueError("this peer is not in the session") from None
