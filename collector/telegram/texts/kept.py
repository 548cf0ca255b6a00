"""The fields that are kept, by constructor, in the order of the wire."""

from typing import Any

from collector.telegram.texts.actions import ACTIONS, GIFTS
from collector.telegram.texts.decision import Fields
from collector.telegram.texts.media import BUTTONS, MEDIA, MESSAGES, PREVIEWS, STORIES
from collector.telegram.texts.rich import BLOCKS, RICH_TEXTS

KEPT: dict[Any, Fields] = {
    **MESSAGES,
    **MEDIA,
    **STORIES,
    **PREVIEWS,
    **BUTTONS,
    **BLOCKS,
    **RICH_TEXTS,
    **ACTIONS,
    **GIFTS,
}
"""Each constructor's fields stand in the order in which they come on the wire: a test holds it."""
