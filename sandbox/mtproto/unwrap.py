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
)
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """`api_id` and `device` are set when the connection was initialised with this very request.
    `quiet`: asked not to be sent updates for it."""

    request: TLObject
    api_id: int | None = None
    device: str = ""
    quiet: bool = False


def unwrap(request: TLObject) -> Unwrapped:
    api_id, device, quiet = None, "", False
    for _ in range(_DEEPEST):
        if not isinstance(request, _WRAPPERS):
            break
        if isinstance(request, functions.InitConnectionRequest):
            api_id, device = request.api_id, f"{request.device_model} {request.app_version}"
        quiet = quiet or isinstance(request, functions.InvokeWithoutUpdatesRequest)
        request = request.query
    return Unwrapped(request, api_id, device, quiet)
