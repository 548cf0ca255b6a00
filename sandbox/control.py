"""Routes under `/control/`: the world's truth, what was seen, and what is to go wrong."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.chat import Chat
from sandbox.counters import Counters
from sandbox.faults import Faults
from sandbox.live import Live
from sandbox.live_control import LiveControl
from sandbox.world import World

_MOST_CALLS = 5000


class Control:
    def __init__(self, world: World, counters: Counters, faults: Faults, live: Live) -> None:
        self._live = live
        self._world = world
        self._counters = counters
        self._faults = faults

    def add_routes(self, app: web.Application) -> None:
        app.add_routes(
            [
                web.get("/control/world", self.world),
                web.get("/control/chats/{username}/ids", self.ids),
                web.get("/control/chats/{username}/messages/{id}", self.message),
                web.get("/control/counters", self.counters),
                web.delete("/control/counters", self.clear_counters),
                web.get("/control/calls", self.calls),
                web.post("/control/faults/{kind}", self.fault),
                web.delete("/control/faults", self.clear_faults),
                *LiveControl(self._live).routes(),
            ]
        )

    async def world(self, request: web.Request) -> web.Response:  # noqa: ARG002
        accounts = [
            {
                "id": person.id,
                "name": person.name,
                "phone": person.phone,
                "code": person.login_code,
                "password": person.password,
            }
            for person in self._world.accounts
        ]
        chats = [
            {
                "id": chat.id,
                "username": chat.username,
                "title": chat.title,
                "kind": chat.kind,
                "count": chat.count,
                "top_id": chat.top_id,
                "members": chat.members,
                "invite": chat.entrance.invite,
            }
            for chat in self._world.chats.values()
        ]
        return _json({"seed": self._world.seed, "accounts": accounts, "chats": chats})

    async def ids(self, request: web.Request) -> web.Response:
        return _json(list(self._chat(request).ids()))

    async def message(self, request: web.Request) -> web.Response:
        message = self._chat(request).message(_number(request.match_info["id"]))
        if message is None:
            raise web.HTTPNotFound(text="no such message")
        return _json(message.to_dict())

    async def counters(self, request: web.Request) -> web.Response:  # noqa: ARG002
        return _json(self._counters.summary())

    async def clear_counters(self, request: web.Request) -> web.Response:  # noqa: ARG002
        self._counters.clear()
        return _json({"ok": True})

    async def calls(self, request: web.Request) -> web.Response:
        """The newest calls, oldest first; `?account=` and `?method=` narrow them."""
        account = request.query.get("account")
        wanted = None if account is None else _number(account)
        found = self._counters.of(wanted, request.query.get("method"))
        return _json([asdict(call) for call in found][-_MOST_CALLS:])

    async def fault(self, request: web.Request) -> web.Response:
        """POST a JSON object with the arguments of the method of `Faults` that the path names."""
        kinds: dict[str, Callable[..., Any]] = {
            "limit": self._faults.limit,
            "flood": self._faults.flood,
            "fail": self._faults.fail,
            "delay": self._faults.delay,
            "silence": self._faults.silence,
            "slow": self._faults.slow,
            "empty_pages": self._faults.empty_pages,
            "empty_messages": self._faults.empty_messages,
            "deny": self._faults.deny,
            "cut": self._faults.cut,
            "half_open": self._faults.half_open,
            "blackhole": self._faults.blackhole,
            "revoke": self._faults.revoke,
            "ban": self._faults.ban,
            "drop_updates": self._faults.updates.drop,
            "repeat_updates": self._faults.updates.repeat,
            "reorder_updates": self._faults.updates.reorder,
            "delay_updates": self._faults.updates.delay,
            "too_long": self._faults.updates.too_long,
            "expire_files": self._faults.files.expire,
            "expire_files_after": self._faults.files.expire_after,
            "cut_files": self._faults.files.cut_at,
            "answer_files": self._faults.files.answer,
            "move_file": self._faults.files.move,
            "deliver_file": self._faults.files.deliver,
            "channel_too_long": self._faults.updates.channel_too_long,
        }
        act = kinds.get(request.match_info["kind"])
        if act is None:
            raise web.HTTPNotFound(text=f"one of: {', '.join(kinds)}")
        try:
            arguments = json.loads(await request.text() or "{}")
            result = act(**arguments)
        except (TypeError, ValueError) as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return _json({"ok": True, "result": result})

    async def clear_faults(self, request: web.Request) -> web.Response:
        account = request.query.get("account")
        self._faults.clear(None if account is None else _number(account))
        return _json({"ok": True})

    def _chat(self, request: web.Request) -> Chat:
        named = request.match_info["username"]
        by_id = self._world.chats.get(int(named)) if named.isdigit() else None
        chat = by_id or self._world.find_chat(named)
        if chat is None:
            raise web.HTTPNotFound(text="no such chat")
        return chat


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise web.HTTPBadRequest(text="not a number") from error


def _json(value: object) -> web.Response:
    return web.json_response(value, dumps=lambda data: json.dumps(data, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(type(value).__name__)
