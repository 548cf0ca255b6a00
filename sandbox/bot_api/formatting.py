"""From what a bot sends (text, parse mode, entities) to text with entities, within limits."""

from sandbox.bot_api.entities import Text, finished, given_entities, units
from sandbox.bot_api.errors import bad_request
from sandbox.bot_api.html_markup import parse_html
from sandbox.bot_api.markdown_markup import parse_markdown
from sandbox.bot_api.params import Params

TEXT_UNITS = 4096
CAPTION_UNITS = 1024
MODES = {"html": parse_html, "markdownv2": parse_markdown}


def message_text(params: Params, *, too_long: str = "message is too long") -> Text:
    """The `text` of a message: 1 to 4096 UTF-16 units after parsing."""
    text = read_text(params, "text", "entities")
    if not text.plain:
        raise bad_request("message text is empty")
    if units(text.plain) > TEXT_UNITS:
        raise bad_request(too_long)
    return text


def caption_text(params: Params) -> Text:
    """The `caption` of a file: 0 to 1024 UTF-16 units after parsing."""
    text = read_text(params, "caption", "caption_entities")
    if units(text.plain) > CAPTION_UNITS:
        raise bad_request("message caption is too long")
    return text


def read_text(params: Params, field: str, entities_field: str) -> Text:
    source = params.text(field) or ""
    mode = (params.text("parse_mode") or "").lower()
    if mode and mode != "none":
        if mode not in MODES:
            raise bad_request("unsupported parse_mode")
        return finished(*MODES[mode](source))
    given = params.sequence(entities_field, "MessageEntity") or []
    return finished(source, given_entities(source, given))
