"""Requests inside requests: what `initConnection` and its like carry."""

from dataclasses import dataclass

from telethon.tl import TLObject, functions

_WRAPPERS = (
    functions.InvokeWithLayerRequest,
    functions.InitConnectionRequest,
    functions.InvokeWithoutUpdatesRequest,
    functions.InvokeAfterMsgRequest,
    functions.InvokeAfterMsgsRequest,
    functions.InvokeWithMessagesRangeRequest,
    functions.InvokeWithTakeoutRequest,
    functions.InvokeWithGooglePlayIntegrityRequest,
    functions.InvokeWithApnsSecretRequest,
    functions.InvokeWithReCaptchaRequest,
)
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """`api_id` and `device` are set when the connection was initialised with this very request.
    `quiet`: asked not to be sent updates for it. `after`: ids of messages whose calls come
    first."""

    request: TLObject
    api_id: int | None = None
    device: str = ""
    quiet: bool = False
    layer: int | None = None
    after: tuple[int, ...] = ()


def unwrap(request: TLObject) -> Unwrapped:
    api_id, device, quiet, layer, after = None, "", False, None, ()
    for _ in range(_DEEPEST):
        if not isinstance(request, _WRAPPERS):
            break
        if isinstance(request, functions.InitConnectionRequest):
            api_id, device = request.api_id, f"{request.device_model} {request.app_version}"
        if isinstance(request, functions.InvokeWithLayerRequest):
            layer = request.layer
        quiet = quiet or isinstance(request, functions.InvokeWithoutUpdatesRequest)
        after += _awaited(request)
        request = request.query
    return Unwrapped(request, api_id, device, quiet, layer, after)


def _awaited(request: TLObject) -> tuple[int, ...]:
    if isinstance(request, functions.InvokeAfterMsgRequest):
        return (request.msg_id,)
    if isinstance(request, functions.InvokeAfterMsgsRequest):
        return tuple(request.msg_ids)
    return ()
