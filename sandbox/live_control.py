"""Routes under `/control/live`: what goes on in the world."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from aiohttp import web

from sandbox.live import Live


class LiveControl:
    def __init__(self, live: Live) -> None:
        self._live = live

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return (
            web.get("/control/live", self.summary),
            web.delete("/control/live", self.stop),
            web.get("/control/live/sent", self.sent),
            web.post("/control/live/{act}", self.act),
        )

    async def summary(self, request: web.Request) -> web.Response:  # noqa: ARG002
        return web.json_response(self._live.summary())

    async def stop(self, request: web.Request) -> web.Response:  # noqa: ARG002
        self._live.stop()
        return web.json_response(self._live.summary())

    async def sent(self, request: web.Request) -> web.Response:
        """`[[chat, message, seconds of the monotonic clock], ...]` in the order of their first
        socket writes, from the `?after=`th on."""
        try:
            after = int(request.query.get("after", "0"))
        except ValueError as error:
            raise web.HTTPBadRequest(text="after: a number") from error
        times = list(self._live.sent_at.items())[after:]
        return web.json_response([[*key, at] for key, at in times])

    async def act(self, request: web.Request) -> web.Response:
        """POST a JSON object with the arguments of the method of `Live` that the path names."""
        acts: dict[str, Callable[..., Any]] = {
            "start": self._live.start,
            "prepare": self._live.prepare,
            "post": self._live.post,
            "say": self._live.say,
            "edit": self._live.edit,
            "delete": self._delete,
        }
        act = acts.get(request.match_info["act"])
        if act is None:
            raise web.HTTPNotFound(text=f"one of: {', '.join(acts)}")
        try:
            result = act(**json.loads(await request.text() or "{}"))
        except (TypeError, ValueError) as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return web.json_response({"ok": True, "result": result})

    def _delete(self, chat: str | int, ids: list[int]) -> tuple[int, ...]:
        return self._live.delete(chat, *ids)
