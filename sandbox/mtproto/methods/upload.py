"""Parts of files."""

from telethon.tl import TLObject, types
from telethon.tl.functions import upload

from sandbox import files, tl
from sandbox.mtproto.rpc import Caller, RpcError, method

MOST = 1024 * 1024
_FILE = types.upload.File.CONSTRUCTOR_ID.to_bytes(4, "little")
_JPEG = types.storage.FileJpeg.CONSTRUCTOR_ID.to_bytes(4, "little")
_UNKNOWN = types.storage.FileUnknown.CONSTRUCTOR_ID.to_bytes(4, "little")
_MTIME = tl.integer(1_600_000_000)


@method(upload.GetFileRequest)
def get_file(caller: Caller, request: upload.GetFileRequest) -> bytes:
    place = request.location
    _check_place(caller, place)
    _check_range(request)
    if (redirect := _faulty(caller, place.id, request.offset)) is not None:
        return redirect
    if caller.door.faults.files.breaks(caller.me.id, request.offset):
        caller.door.cut(caller.me.id)
        raise RpcError(500, "TIMEOUT")
    photo = isinstance(place, types.InputPhotoFileLocation)
    thumb = place.thumb_size if photo and place.thumb_size != "y" else ""
    size = None if thumb else caller.door.faults.files.size_of(place.id)
    data = files.read(place.id, request.offset, request.limit, thumb=thumb, size=size)
    return _FILE + (_JPEG if photo else _UNKNOWN) + _MTIME + tl.string(data)


def _faulty(caller: Caller, file: int, offset: int) -> bytes | None:
    """The redirect that is ordered for this call, if it is. Raises RpcError."""
    faults, here = caller.door.faults.files, caller.key.dc
    there = faults.place_of(file)
    if there not in (None, here):
        raise RpcError(303, f"FILE_MIGRATE_{there}")
    said = faults.said(file, caller.me.id, here, offset)
    if said is None:
        return None
    if said.message == "CDN_REDIRECT":
        return bytes(
            types.upload.FileCdnRedirect(
                dc_id=203,
                file_token=file.to_bytes(8, "little"),
                encryption_key=bytes(32),
                encryption_iv=bytes(16),
                file_hashes=[],
            )
        )
    raise RpcError(said.code, said.message)


def _check_place(caller: Caller, place: TLObject) -> None:
    if not isinstance(place, types.InputPhotoFileLocation | types.InputDocumentFileLocation):
        raise RpcError(400, "LOCATION_INVALID")
    if place.access_hash != files.access_hash(place.id):
        raise RpcError(400, "FILE_ID_INVALID")
    sizes = ("m", "y") if isinstance(place, types.InputPhotoFileLocation) else ("",)
    if place.thumb_size not in sizes:
        raise RpcError(400, "LOCATION_INVALID")
    if not place.file_reference:
        raise RpcError(400, "FILE_REFERENCE_EMPTY")
    epoch = files.epoch_of(place.file_reference)
    if epoch is None:
        raise RpcError(400, "FILE_REFERENCE_INVALID")
    if not caller.door.faults.files.fresh(epoch):
        raise RpcError(400, "FILE_REFERENCE_EXPIRED")


def _check_range(request: upload.GetFileRequest) -> None:
    """Parts are aligned, of a size that divides 1 MiB unless `precise`, and lie in one MiB."""
    unit, offset, limit = 1024 if request.precise else 4096, request.offset, request.limit
    if offset < 0 or offset % unit:
        raise RpcError(400, "OFFSET_INVALID")
    uneven = limit > 0 and not request.precise and MOST % limit
    if not 0 < limit <= MOST or limit % unit or uneven:
        raise RpcError(400, "LIMIT_INVALID")
    if offset // MOST != (offset + limit - 1) // MOST:
        raise RpcError(400, "LIMIT_INVALID")
