"""The arguments of one call, whatever way they came: query, form, JSON or multipart."""

import json
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.bot_api.errors import bad_request, too_large

MAX_UPLOAD = 50 * 1024 * 1024
MAX_FIELD = 1024 * 1024
CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that came inside a multipart request."""

    name: str
    mime: str
    content: bytes


@dataclass(slots=True)
class Params:
    """Values are strings, or what JSON holds when the body was JSON."""

    values: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool | dict | list):
            return json.dumps(value, ensure_ascii=False)
        return _valid_utf8(str(value))

    def integer(self, name: str, default: int = 0) -> int:
        """Like Telegram, reads what is no number as the default."""
        return as_integer(self.values.get(name), default)

    def flag(self, name: str) -> bool:
        value = self.values.get(name)
        return value is True or str(value).lower() in {"true", "yes", "1"}

    def structure(self, name: str, what: str) -> Any:
        """A JSON value, or None where it is absent. `what` names it in the refusal."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {what} JSON object") from None

    def mapping(self, name: str, what: str) -> dict[str, Any] | None:
        value = self.structure(name, what)
        if value is not None and not isinstance(value, dict):
            raise bad_request(f"object expected as {what}")
        return value

    def sequence(self, name: str, what: str) -> list[Any] | None:
        value = self.structure(name, what)
        if value is not None and not isinstance(value, list):
            raise bad_request(f"expected an Array of {what}")
        return value

    def upload(self, name: str) -> Upload | None:
        """The file of a field: sent under its own name or by `attach://other`."""
        if name in self.files:
            return self.files[name]
        value = self.values.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            return self.files.get(value.removeprefix("attach://"))
        return None


def as_integer(value: Any, default: int = 0) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return default
    return number if abs(number) < 1 << 63 else default


def word(structure: dict[str, Any], name: str) -> str:
    """A field of a JSON object that must be text; empty if it is anything else."""
    value = structure.get(name)
    return value if isinstance(value, str) else ""


def _valid_utf8(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
    return text.replace("\0", "")


async def read_params(request: web.Request) -> Params:
    params = Params(dict(request.query))
    kind = request.content_type
    if kind == "multipart/form-data":
        await _read_parts(await request.multipart(), params)
    elif kind == "application/json":
        params.values.update(_json_object(await request.read()))
    elif request.method == "POST" and kind == "application/x-www-form-urlencoded":
        form = await request.post()
        params.values.update(
            {name: value for name, value in form.items() if isinstance(value, str)}
        )
    return params


async def read_reply(response: aiohttp.ClientResponse) -> Params:
    """The arguments of a call that a webhook's receiver put into its answer."""
    params = Params()
    if response.content_type == "application/json":
        params.values.update(_json_object(await response.read()))
    elif response.content_type == "multipart/form-data":
        await _read_parts(aiohttp.MultipartReader.from_response(response), params)
    return params


def _json_object(body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        value = json.loads(body)
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(value, dict):
        raise bad_request("object expected")
    return value


async def _read_parts(reader: Any, params: Params) -> None:
    async for part in reader:
        name = part.name
        if name is None or not hasattr(part, "read_chunk"):
            continue
        content = await _read_part(part, MAX_UPLOAD if part.filename else MAX_FIELD)
        if part.filename is None:
            params.values[name] = content.decode(errors="replace")
        else:
            mime = part.headers.get("Content-Type", "application/octet-stream")
            params.files[name] = Upload(name=part.filename, mime=mime, content=content)


async def _read_part(part: aiohttp.BodyPartReader, limit: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(CHUNK):
        content += chunk
        if len(content) > limit:
            raise too_large()
    return bytes(content)
