"""Routes under `/control/bot-api/`: limits, prepared faults and injected updates, from outside."""

import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.bot_api.limits import Limits

if TYPE_CHECKING:
    from sandbox.bot_api.door import BotApiDoor


class BotApiControl:
    """Bodies are JSON objects. What cannot be read is answered with 400 and a reason."""

    def __init__(self, door: "BotApiDoor") -> None:
        self._door = door

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/control/bot-api/limits", self._limits)
        app.router.add_post("/control/bot-api/limits", self._set_limits)
        app.router.add_post("/control/bot-api/faults/{kind}", self._fault)
        app.router.add_delete("/control/bot-api/faults", self._clear)
        app.router.add_post("/control/bot-api/updates", self._inject)

    async def _limits(self, request: web.Request) -> web.Response:  # noqa: ARG002
        return web.json_response(asdict(self._door.limits))

    async def _set_limits(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        types = {
            field.name: type(getattr(self._door.limits, field.name)) for field in fields(Limits)
        }
        for name, value in body.items():
            if name not in types or not isinstance(value, bool | int | float):
                raise web.HTTPBadRequest(text=f"no such limit, or no number: {name}")
            setattr(self._door.limits, name, types[name](value))
        return await self._limits(request)

    async def _fault(self, request: web.Request) -> web.Response:
        """`flood`: method, seconds; `fail`: method, code, description; `delay`: method, seconds;
        `drop`: method. All take `times`; method `*` is any."""
        door, body = self._door, await json_object(request)
        kinds = {
            "flood": door.flood_next,
            "fail": door.fail_next,
            "delay": door.delay_next,
            "drop": door.drop_answer_next,
        }
        prepare = kinds.get(request.match_info["kind"])
        if prepare is None:
            raise web.HTTPNotFound(text=f"faults: {', '.join(kinds)}")
        try:
            prepare(**body)
        except TypeError as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        return web.json_response({})

    async def _clear(self, request: web.Request) -> web.Response:  # noqa: ARG002
        self._door.clear_faults()
        return web.json_response({})

    async def _inject(self, request: web.Request) -> web.Response:
        updates = (await json_object(request)).get("updates")
        if not isinstance(updates, list) or not all(isinstance(each, dict) for each in updates):
            raise web.HTTPBadRequest(text="updates: a list of objects")
        return web.json_response([self._door.inject(each) for each in updates])


async def json_object(request: web.Request) -> dict[str, Any]:
    """JSON alone, by its content type: a form of another site cannot send that."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        body = await request.json()
    except json.JSONDecodeError:
        raise web.HTTPBadRequest(text="no JSON") from None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="no JSON object")
    return body
