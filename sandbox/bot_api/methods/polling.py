"""Methods about how updates reach the bot."""

import re

from sandbox.bot_api.bot import BotState
from sandbox.bot_api.errors import bad_request, conflict
from sandbox.bot_api.params import Params
from sandbox.bot_api.posts import Json
from sandbox.bot_api.registry import method
from sandbox.bot_api.updates import HOOKED, Update

MAX_CONNECTIONS = 100


@method("getUpdates")
async def get_updates(bot: BotState, params: Params) -> list[Update]:
    if bot.webhook.url:
        raise conflict(HOOKED)
    bot.updates.allow(params.sequence("allowed_updates", "allowed updates"))
    return await bot.updates.poll(
        params.integer("offset"), params.integer("limit", 100), params.integer("timeout")
    )


@method("setWebhook")
async def set_webhook(bot: BotState, params: Params) -> bool:
    url = (params.text("url") or "").strip()
    secret = params.text("secret_token") or ""
    if not url:
        return await delete_webhook(bot, params)
    if not re.match(r"https?://[^\s/]+", url, re.IGNORECASE):
        raise bad_request("bad webhook: an HTTPS URL must be provided for webhook")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        raise bad_request("secret token contains unallowed characters")
    connections = params.integer("max_connections", 40)
    if not 1 <= connections <= MAX_CONNECTIONS:
        raise bad_request("bad webhook: max_connections must be between 1 and 100")
    _forget(bot, params)
    bot.updates.allow(params.sequence("allowed_updates", "allowed updates"))
    bot.updates.interrupt(conflict("terminated by setWebhook request"))
    await bot.webhook.start(url, secret, connections)
    return True


@method("deleteWebhook")
async def delete_webhook(bot: BotState, params: Params) -> bool:
    await bot.webhook.stop()
    _forget(bot, params)
    return True


@method("getWebhookInfo")
def get_webhook_info(bot: BotState, params: Params) -> Json:  # noqa: ARG001
    return bot.webhook.info()


@method("logOut")
@method("close")
def nothing_to_close(bot: BotState, params: Params) -> bool:  # noqa: ARG001
    return True


def _forget(bot: BotState, params: Params) -> None:
    if params.flag("drop_pending_updates"):
        bot.updates.clear()
