"""What a client asked for, read from its bytes: packed or not, and in which layer."""

import struct
from dataclasses import dataclass

from telethon.errors import TypeNotFoundError
from telethon.extensions import BinaryReader
from telethon.tl import TLObject, TLRequest, functions
from telethon.tl.alltlobjects import LAYER

from sandbox.mtproto import envelope
from sandbox.mtproto.rpc import RpcError, name_of

_INT = struct.Struct("<I")
_GZIP = _INT.unpack(envelope.GZIP)[0]
_LAYER = functions.InvokeWithLayerRequest.CONSTRUCTOR_ID


@dataclass(frozen=True, slots=True)
class Unread:
    """A request that nothing can be done with. `name`: what it is counted as; `layer`: the one
    that the client speaks, if that is why."""

    name: str
    error: RpcError
    layer: int | None = None


class _OtherLayerError(Exception):
    def __init__(self, layer: int) -> None:
        super().__init__(layer)
        self.layer = layer


class _Reader(BinaryReader):
    """Reads packed objects wherever they stand, and no other layer than ours."""

    def tgread_object(self) -> object:
        (kind,) = _INT.unpack_from(self.stream, self.position)
        if kind == _LAYER:
            (layer,) = _INT.unpack_from(self.stream, self.position + 4)
            if layer != LAYER:
                raise _OtherLayerError(layer)
        if kind != _GZIP:
            return super().tgread_object()
        self.position += 4
        with _Reader(envelope.unzip(self.tgread_bytes())) as inside:
            return inside.tgread_object()


def other_layer(layer: int) -> RpcError:
    """Telegram's error, and which layer is spoken here."""
    return RpcError(400, f"CONNECTION_LAYER_INVALID: {layer}, only {LAYER} is spoken here")


def read_request(body: bytes) -> TLObject | Unread:
    """The request, or why it is none."""
    try:
        with _Reader(body) as reader:
            request = reader.tgread_object()
    except _OtherLayerError as error:
        return Unread("invokeWithLayer", other_layer(error.layer), error.layer)
    except TypeNotFoundError as error:
        name = f"unknown.{error.invalid_constructor_id:08x}"
        return Unread(name, RpcError(400, f"INPUT_METHOD_INVALID: {name}"))
    except envelope.BrokenError as error:
        return Unread("unreadable", RpcError(400, f"INPUT_FETCH_ERROR: {error}"))
    except Exception as error:  # noqa: BLE001  # whatever a reader of nonsense stumbles over
        return Unread("unreadable", RpcError(400, f"INPUT_FETCH_ERROR: {type(error).__name__}"))
    if isinstance(request, TLRequest):
        return request
    there = name_of(request) if isinstance(request, TLObject) else type(request).__name__
    name = there.removeprefix("types.")
    return Unread(f"no_method.{name}", RpcError(400, f"INPUT_METHOD_INVALID: {name}"))
