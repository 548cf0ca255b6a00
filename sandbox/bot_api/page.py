"""The chat page and what it asks for: JSON under `/chat/`, live events by WebSocket."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from aiohttp import WSMsgType, web

from sandbox.bot_api.control import json_object
from sandbox.bot_api.person import Human
from sandbox.places import places

if TYPE_CHECKING:
    from sandbox.bot_api.door import BotApiDoor

FOLDER = Path(__file__).parent.parent / "web"
LANGUAGES = {"en", "zh-hans"}
HEARTBEAT = 20.0
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
Action = Callable[[Human, dict[str, Any]], Awaitable[Any]]


class ChatPage:
    def __init__(self, door: "BotApiDoor") -> None:
        self._door = door

    def add_routes(self, app: web.Application) -> None:
        router = app.router
        router.add_get("/", self._asset)
        router.add_get("/web/{name}", self._asset)
        router.add_get("/chat/world", self._world)
        router.add_get("/chat/{person}/live", self._live)
        router.add_get("/chat/{person}/state", self._state)
        router.add_get("/chat/{person}/messages", self._messages)
        router.add_get("/chat/{person}/files/{message}/{name}", self._file)
        for name, action in ACTIONS.items():
            router.add_post(f"/chat/{{person}}/{name}", self._acting(action))

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info.get("name", "index.html")
        path = FOLDER / name
        if path.parent != FOLDER or not path.is_file():
            raise web.HTTPNotFound
        headers = {
            "Cache-Control": "no-cache",
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }
        return web.FileResponse(path, headers=headers)

    async def _world(self, request: web.Request) -> web.Response:  # noqa: ARG002
        world = self._door.world
        people = [
            {"id": person.id, "name": person.name, "role": role}
            for role, person in (("operator", world.operator), ("stranger", world.stranger))
        ]
        chats = [asdict(place) for place in places(world)]
        return web.json_response({"people": people, "bot": self._door.bot.user, "chats": chats})

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(self._human(request).state())

    async def _messages(self, request: web.Request) -> web.Response:
        before = request.query.get("before", "")
        human = self._human(request)
        return web.json_response(human.page(int(before) if before.isdigit() else None))

    async def _live(self, request: web.Request) -> web.StreamResponse:
        human = self._human(request)
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT)
        await socket.prepare(request)
        with human.events() as events:
            await socket.send_json(human.state())
            async with asyncio.TaskGroup() as group:
                listening = group.create_task(_until_closed(socket, events))
                while (event := await events.get()) is not None and not socket.closed:
                    await socket.send_json(event)
                await socket.close()
                listening.cancel()
        return socket

    async def _file(self, request: web.Request) -> web.Response:
        try:
            file = self._human(request).download(int(request.match_info["message"]))
        except (LookupError, ValueError):
            raise web.HTTPNotFound from None
        kind = "inline" if file.is_photo else "attachment"
        headers = {
            "Content-Disposition": f"{kind}; filename*=UTF-8''{quote(file.name)}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
        }
        mime = file.mime if file.is_photo else "application/octet-stream"
        return web.Response(body=file.content, content_type=mime, headers=headers)

    def _acting(self, action: Action) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            human, body = self._human(request), await json_object(request)
            try:
                return web.json_response(await action(human, body))
            except (KeyError, LookupError, TypeError, ValueError) as error:
                raise web.HTTPBadRequest(text=str(error)) from None

        return handle

    def _human(self, request: web.Request) -> Human:
        try:
            return self._door.person(int(request.match_info["person"]))
        except (KeyError, ValueError):
            raise web.HTTPNotFound from None


async def _until_closed(socket: web.WebSocketResponse, events: asyncio.Queue[Any]) -> None:
    async for message in socket:
        if message.type is WSMsgType.ERROR:
            break
    if not events.full():
        events.put_nowait(None)


async def _send(human: Human, body: dict[str, Any]) -> dict[str, Any]:
    text = str(body["text"]).strip()
    if not text or len(text) > 4096:
        raise ValueError("a message has 1 to 4096 characters")
    return {"message_id": await human.send(text, reply_to=body.get("reply_to"))}


async def _press(human: Human, body: dict[str, Any]) -> dict[str, Any]:
    query = await human.press(int(body["message_id"]), str(body["button"]))
    return {"query_id": query.id, "seconds": human.patience}


async def _language(human: Human, body: dict[str, Any]) -> dict[str, Any]:
    language = str(body["language_code"])
    if language not in LANGUAGES:
        raise ValueError(f"languages: {', '.join(sorted(LANGUAGES))}")
    human.speak(language)
    return {}


async def _block(human: Human, body: dict[str, Any]) -> dict[str, Any]:
    await (human.block() if body["blocked"] else human.unblock())
    return {}


ACTIONS: dict[str, Action] = {
    "send": _send,
    "press": _press,
    "language": _language,
    "block": _block,
}
