"""Writing to somebody, and pressing a bot's buttons."""

from datetime import UTC, datetime

from telethon.tl import TLObject, types
from telethon.tl.functions import messages

from sandbox.box import Peer
from sandbox.mtproto import peers
from sandbox.mtproto.rpc import Caller, RpcError, method
from sandbox.people import SearchBot

LONGEST = 4096


@method(messages.SendMessageRequest)
def send_message(
    caller: Caller, request: messages.SendMessageRequest
) -> types.UpdateShortSentMessage:
    """Only to search bots; elsewhere accounts are not allowed to write."""
    bot = _bot(caller, request.peer)
    if not request.message.strip():
        raise RpcError(400, "MESSAGE_EMPTY")
    if len(request.message) > LONGEST:
        raise RpcError(400, "MESSAGE_TOO_LONG")
    return _sent(caller, bot, request.message, request.random_id)


@method(messages.StartBotRequest)
def start_bot(caller: Caller, request: messages.StartBotRequest) -> types.UpdateShortSentMessage:
    bot = _bot(caller, request.bot)
    return _sent(caller, bot, f"/start {request.start_param}".strip(), request.random_id)


@method(messages.GetBotCallbackAnswerRequest)
def get_bot_callback_answer(
    caller: Caller, request: messages.GetBotCallbackAnswerRequest
) -> types.messages.BotCallbackAnswer:
    bot = _bot(caller, request.peer)
    data = (request.data or b"").decode(errors="replace")
    box = caller.world.box(caller.me.id)
    if box.peer(request.msg_id) != Peer("user", bot.id):
        raise RpcError(400, "MESSAGE_ID_INVALID")
    if data not in _offered(box.message(request.msg_id)):
        raise RpcError(400, "DATA_INVALID")
    answer = caller.door.search_desk.press(caller.me.id, bot, request.msg_id, data)
    if answer is None:
        raise RpcError(400, "BOT_RESPONSE_TIMEOUT")
    return types.messages.BotCallbackAnswer(cache_time=0, message=answer.toast)


def _sent(
    caller: Caller, bot: SearchBot, text: str, random_id: int
) -> types.UpdateShortSentMessage:
    """The same `random_id` again is refused, so a message that is sent twice is there once."""
    account, desk = caller.me.id, caller.door.search_desk
    if not desk.is_new(account, random_id):
        raise RpcError(500, "RANDOM_ID_DUPLICATE")
    message_id = desk.send(account, bot, text)
    box = caller.world.box(account)
    now = datetime.fromtimestamp(box.date(message_id), UTC)
    return types.UpdateShortSentMessage(
        id=message_id, pts=box.ledger.pts, pts_count=1, date=now, out=True
    )


def _bot(caller: Caller, peer: TLObject) -> SearchBot:
    """Raises RpcError."""
    if isinstance(peer, types.InputPeerChannel | types.InputPeerChat):
        raise RpcError(403, "CHAT_WRITE_FORBIDDEN")
    bot = caller.world.search_bots.get(peers.user_of(caller, peer))
    if bot is None:
        raise RpcError(400, "PEER_ID_INVALID")
    return bot


def _offered(message: TLObject | None) -> set[str]:
    """What the buttons under a message call back with."""
    markup = getattr(message, "reply_markup", None)
    rows = markup.rows if markup else []
    kinds = [button.type for row in rows for button in row.buttons]
    return {
        kind.data.decode() for kind in kinds if isinstance(kind, types.InlineButtonTypeCallback)
    }
