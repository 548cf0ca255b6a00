"""`reply_markup`: what Telegram accepts as a keyboard, and what it says of the rest."""

import re
from typing import Any

from sandbox.bot_api.errors import bad_request
from sandbox.bot_api.params import Params

Markup = dict[str, Any]

MAX_BUTTONS = 100
MAX_ROW = 8
MAX_DATA_BYTES = 64
MAX_COPY = 256
STYLES = {"danger", "success", "primary", "link"}
KINDS = (
    "callback_data",
    "url",
    "copy_text",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "callback_game",
    "pay",
    "disabled",
)
URL = re.compile(
    r"(?:https?://)?[^\s/?#]+\.[^\s]+|https?://[^\s]+|tg://[^\s]+|ton://[^\s]+", re.IGNORECASE
)


def read_markup(params: Params) -> Markup | None:
    """The markup of a call, normalised; None where there is none."""
    markup = params.mapping("reply_markup", "reply keyboard markup")
    if not markup:
        return None
    if "inline_keyboard" in markup:
        rows = _rows(markup["inline_keyboard"], _inline_button)
        forced = {"force_reply": True} if markup.get("force_reply") else {}
        return {"inline_keyboard": rows, **forced} if rows else None
    if "keyboard" in markup:
        names = ("is_persistent", "resize_keyboard", "one_time_keyboard", "input_field_placeholder")
        options = {name: markup[name] for name in names if name in markup}
        return {"keyboard": _rows(markup["keyboard"], _reply_button), **options}
    for name in ("remove_keyboard", "force_reply"):
        if markup.get(name):
            return markup
    return None


def inline_only(markup: Markup | None) -> Markup | None:
    """Edits take inline keyboards alone."""
    if markup and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return markup


def buttons(markup: Markup | None) -> list[Markup]:
    rows = (markup or {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


def _rows(rows: Any, read: Any) -> list[list[Markup]]:
    if not isinstance(rows, list):
        raise bad_request('field "keyboard" of the keyboard markup must be an Array')
    result = []
    for row in rows:
        if not isinstance(row, list):
            raise bad_request("keyboard button rows must be of type Array")
        if len(row) > MAX_ROW:
            raise bad_request("reply markup is too long")
        if row:
            result.append([read(button) for button in row])
    if sum(len(row) for row in result) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return result


def _reply_button(button: Any) -> Markup:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict) or not str(button.get("text", "")).strip():
        raise bad_request("keyboard button text must not be empty")
    return button


def _inline_button(button: Any) -> Markup:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: expected an Object")
    text = button.get("text")
    if not isinstance(text, str) or not text.strip():
        raise bad_request("can't parse inline keyboard button: button text must not be empty")
    kinds = [kind for kind in KINDS if button.get(kind) not in (None, False)]
    if not kinds:
        raise bad_request(
            "can't parse inline keyboard button: text buttons are unallowed in the inline keyboard"
        )
    kind = kinds[0]
    _check(kind, button[kind])
    extra = {name: button[name] for name in ("icon_custom_emoji_id",) if name in button}
    return {"text": text, **extra, **_style(button), kind: button[kind]}


def _style(button: Markup) -> Markup:
    style = button.get("style")
    if style is None:
        return {}
    if not isinstance(style, str) or style not in STYLES:
        raise bad_request("can't parse inline keyboard button: invalid button style specified")
    return {"style": style}


def _check(kind: str, value: Any) -> None:
    if kind == "callback_data" and not (
        isinstance(value, str) and 1 <= len(value.encode()) <= MAX_DATA_BYTES
    ):
        raise bad_request("BUTTON_DATA_INVALID")
    if kind == "url" and not (isinstance(value, str) and URL.fullmatch(value.strip())):
        raise bad_request(f"inline keyboard button URL '{value}' is invalid: wrong HTTP URL")
    if kind == "copy_text":
        text = value.get("text") if isinstance(value, dict) else None
        if not isinstance(text, str) or not 1 <= len(text) <= MAX_COPY:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
