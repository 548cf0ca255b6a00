import inspect

from aiogram import Router
from aiogram.dispatcher.event.handler import HandlerObject
from aiogram_dialog.manager.manager_middleware import MANAGER_KEY
from bot_rig import Rig

BY_AIOGRAM = {"command", "event_from_user", "event_chat", "bot", "state"}
BY_MIDDLEWARE = {"operator", "texts", MANAGER_KEY}


async def test_all_parameters_can_be_injected(idle: Rig) -> None:
    seen = []
    bot = _bot(idle)
    dispatcher = bot
    given = set(dispatcher.workflow_data) | BY_AIOGRAM | BY_MIDDLEWARE
    for router in _routers(dispatcher):
        if not (router.name or "").startswith("0x") and router is not dispatcher:
            for name, handler in _handlers(router):
                parameters = list(inspect.signature(handler.callback).parameters.values())[1:]
                wanted = {p.name for p in parameters if p.default is p.empty}
                assert wanted <= given, f"{router.name}.{name}: {wanted - given}"
                seen.append(handler.callback.__name__)
    assert {"on_newtask", "on_stop", "on_default", "on_topic", "on_any_press"} <= set(seen)
    assert len(seen) > 25


def _routers(router: Router) -> list[Router]:
    return [router, *(inner for sub in router.sub_routers for inner in _routers(sub))]


def _handlers(router: Router) -> list[tuple[str, HandlerObject]]:
    if router.name in {"wizard", "aiogram_dialog"}:
        return []
    return [
        (name, handler)
        for name in ("message", "callback_query")
        for handler in router.observers[name].handlers
        if handler.callback.__module__.startswith("bot.")
    ]


def _bot(idle: Rig):
    return idle.dispatcher()
