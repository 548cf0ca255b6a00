"""Routes under `/control/` for members, requests to join, basic groups and search bots."""

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from sandbox.basic_group import BasicGroup
from sandbox.mtproto.door import MtprotoDoor
from sandbox.world import World


class SocietyControl:
    """A chat is named by its username, its whole title, or its id."""

    def __init__(self, world: World, door: MtprotoDoor) -> None:
        self._world = world
        self._society = door.society
        self._rules = door.search_desk.rules

    def add_routes(self, app: web.Application) -> None:
        app.add_routes(
            [
                web.get("/control/members", self.members),
                web.get("/control/requests", self.requests),
                web.post("/control/members/{act}", self.act),
                web.get("/control/groups", self.groups),
                web.post("/control/groups/{id}/messages", self.say),
                web.post("/control/groups/{id}/migrate", self.migrate),
                web.post("/control/search/{kind}", self.rule),
                web.delete("/control/search", self.clear_rules),
            ]
        )

    async def members(self, request: web.Request) -> web.Response:  # noqa: ARG002
        """Which chats each account is in."""
        return web.json_response(
            {
                str(person.id): [
                    one.id
                    for one in (
                        *self._world.chats_of(person.id),
                        *self._world.groups_of(person.id),
                    )
                ]
                for person in self._world.accounts
            }
        )

    async def requests(self, request: web.Request) -> web.Response:  # noqa: ARG002
        asked = self._world.membership.requests()
        return web.json_response([{"account": one, "chat_id": chat} for one, chat in asked])

    async def act(self, request: web.Request) -> web.Response:
        """`approve`, `decline`, `put_out` (with `error`) or `pardon` an account in a chat."""
        acts: dict[str, Callable[..., Any]] = {
            "approve": self._society.approve,
            "decline": self._society.decline,
            "put_out": self._society.put_out,
            "pardon": self._world.membership.pardon,
        }
        act = acts.get(request.match_info["act"])
        if act is None:
            raise web.HTTPNotFound(text=f"one of: {', '.join(acts)}")
        told = await _told(request)
        try:
            account, chat = int(told.pop("account")), self._chat_id(str(told.pop("chat")))
            result = act(account, chat, **told)
        except (KeyError, TypeError, ValueError) as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return web.json_response({"ok": True, "result": result})

    async def groups(self, request: web.Request) -> web.Response:  # noqa: ARG002
        """Basic groups, and which accounts are in them."""
        return web.json_response([self._described(one) for one in self._world.groups.values()])

    async def say(self, request: web.Request) -> web.Response:
        """`{"text": ...}`: somebody writes in a basic group."""
        group, text = self._group(request), (await _told(request)).get("text")
        if not isinstance(text, str) or not text:
            raise web.HTTPBadRequest(text="text: what is said")
        self._society.say(group, text)
        return web.json_response({"ok": True})

    async def migrate(self, request: web.Request) -> web.Response:
        """The basic group becomes a supergroup."""
        chat = self._society.migrate(self._group(request))
        return web.json_response({"ok": True, "result": chat.id})

    async def rule(self, request: web.Request) -> web.Response:
        kinds: dict[str, Callable[..., None]] = {
            "slow": self._rules.slow,
            "silent": self._rules.silent,
            "nothing": self._rules.nothing,
            "busy": self._rules.busy,
            "suspicious": self._rules.suspicious,
            "placeholder": self._rules.placeholder,
            "stuck": self._rules.stuck,
        }
        act = kinds.get(request.match_info["kind"])
        if act is None:
            raise web.HTTPNotFound(text=f"one of: {', '.join(kinds)}")
        try:
            act(**await _told(request))
        except TypeError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return web.json_response({"ok": True})

    async def clear_rules(self, request: web.Request) -> web.Response:  # noqa: ARG002
        self._rules.clear()
        return web.json_response({"ok": True})

    def _chat_id(self, named: str) -> int:
        """Raises KeyError."""
        for one in (*self._world.chats.values(), *self._world.groups.values()):
            if named in (str(one.id), one.title):
                return one.id
        return self._world.chat(named).id

    def _group(self, request: web.Request) -> BasicGroup:
        named = request.match_info["id"]
        group = self._world.groups.get(int(named)) if named.isdigit() else None
        if group is None:
            raise web.HTTPNotFound(text="no such basic group")
        return group

    def _described(self, group: BasicGroup) -> dict[str, Any]:
        return {
            "id": group.id,
            "title": group.title,
            "invite": group.entrance.invite,
            "migrated_to": group.migrated_to,
            "accounts": self._world.insiders(group.id),
        }


async def _told(request: web.Request) -> dict[str, Any]:
    try:
        told = json.loads(await request.text() or "{}")
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    if not isinstance(told, dict):
        raise web.HTTPBadRequest(text="an object of arguments")
    return told
