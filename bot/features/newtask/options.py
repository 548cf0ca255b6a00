"""What is seldom changed: topic, comments, files, sharing, priority. Three pages of the wizard."""

import re
from dataclasses import replace
from urllib.parse import parse_qsl

from bot.errors import BotError
from bot.features.newtask.draft import Draft
from bot.i18n import Html, Texts
from bot.screen import Choice, Screen
from core.links import BadSource, parse_source
from core.options import HistoryOptions, MediaOptions
from core.pasted import pieces
from core.task import Priority, Step

MEGABYTE = 1024 * 1024
SIZES = (5, 20, 100, None)
KINDS = {
    "photos": ("photo",),
    "videos": ("video", "video_note", "animation"),
    "documents": ("document",),
    "sounds": ("audio", "voice"),
}
"""Kinds of media by the button that turns them on and off."""
EVERY_KIND = tuple(kind for kinds in KINDS.values() for kind in kinds)
_MESSAGE = re.compile(
    r"\S*\.\w+/(?:c/\d+|(?:s/)?[A-Za-z]\w*)/(\d{1,10})(?:/(\d{1,10}))?/?(?:\?\S*)?"
)
"""A link into a chat: the message, or the topic and then the message."""


def more(texts: Texts, draft: Draft) -> Screen:
    """Everything that has a default which most tasks keep."""
    rows: list[tuple[Choice, ...]] = []
    if draft.does(Step.HISTORY):
        rows += _history_rows(texts, draft)
    rows.append(
        tuple(
            Choice(
                ("✓ " if draft.priority is one else "") + texts.plain(f"priority-{one}"),
                f"pr:{one}",
            )
            for one in Priority
        )
    )
    rows.append((Choice(texts.plain("button-back"), "to:review"),))
    key = "wizard-more-history" if draft.does(Step.HISTORY) else "wizard-more"
    return Screen(texts(key), tuple(rows))


def topic(texts: Texts, draft: Draft) -> Screen:
    """Only one topic of a forum: its link is written."""
    rows = [(Choice(texts.plain("button-back"), "to:more"),)]
    if draft.history.topic is not None:
        rows.insert(0, (Choice(texts.plain("button-all-topics"), "tp:0"),))
    return Screen(texts("wizard-topic"), tuple(rows))


def media(texts: Texts, draft: Draft) -> Screen:
    """Which files are kept, and up to which size."""
    wanted = draft.history.media
    nothing = Choice(("✓ " if not wanted.kinds else "") + texts.plain("media-none"), "md:none")
    everything = set(EVERY_KIND) <= set(wanted.kinds)
    all_of = Choice(("✓ " if everything else "") + texts.plain("media-all"), "md:all")
    toggles = tuple(_kind(texts, name, wanted) for name in KINDS)
    sizes = tuple(
        Choice(
            ("✓ " if _bytes(size) == wanted.most_bytes else "") + _size(texts, size),
            f"mb:{size or 0}",
        )
        for size in SIZES
    )
    rows: tuple[tuple[Choice, ...], ...] = ((nothing, all_of), toggles[:2], toggles[2:])
    if wanted.kinds:
        rows = (*rows, sizes)
    back = (Choice(texts.plain("button-back"), "to:more"),)
    return Screen(texts("wizard-media", now=media_line(texts, wanted)), (*rows, back))


def press(draft: Draft, verb: str, value: str) -> Draft | None:
    """The draft after a press on one of these pages; None where it means nothing here."""
    history = draft.history
    match verb:
        case "cm":
            return replace(draft, history=replace(history, comments=value == "on"))
        case "sp":
            return _split(draft, on=value == "on")
        case "tp":
            return replace(draft, history=replace(history, topic=None))
        case "md":
            kinds = _kinds(history.media, value)
            return replace(
                draft, history=replace(history, media=replace(history.media, kinds=kinds))
            )
        case "mb" if value.isdigit():
            files = replace(history.media, most_bytes=_bytes(int(value) or None))
            return replace(draft, history=replace(history, media=files))
        case "pr" if value in set(Priority):
            return replace(draft, priority=Priority(value))
    return None


def read_topic(draft: Draft, text: str) -> Draft:
    """Only the topic of a typed link (`t.me/name/5`, `t.me/name/5/123`); raises BotError."""
    first, _ = _linked(draft, text)
    return replace(draft, history=replace(draft.history, topic=first))


def read_first(draft: Draft, text: str) -> HistoryOptions | None:
    """What to read from the message of a typed link on; None where the text is no link."""
    if _MESSAGE.fullmatch(_piece(text)) is None:
        return None
    first, second = _linked(draft, text)
    return HistoryOptions(from_id=second or first)


def options_line(texts: Texts, history: HistoryOptions) -> Html:
    """What differs from the defaults, in a few words; empty where nothing does."""
    parts = []
    if history.topic is not None:
        parts.append(texts("option-topic", topic=str(history.topic)))
    if history.comments:
        parts.append(texts("option-comments"))
    if history.media.kinds:
        parts.append(media_line(texts, history.media))
    if history.split:
        parts.append(texts("option-split"))
    return Html(" · ".join(parts))


def media_line(texts: Texts, wanted: MediaOptions) -> Html:
    """Which files are kept, in a few words."""
    if not wanted.kinds:
        return texts("media-none")
    if set(EVERY_KIND) <= set(wanted.kinds):
        named = str(texts.plain("media-all"))
    else:
        on = [name for name, kinds in KINDS.items() if set(kinds) <= set(wanted.kinds)]
        named = ", ".join(texts.plain(f"media-{name}") for name in on)
    if wanted.most_bytes is None:
        return texts("media-some", kinds=named)
    return texts("media-up-to", kinds=named, size=str(wanted.most_bytes // MEGABYTE))


def _history_rows(texts: Texts, draft: Draft) -> list[tuple[Choice, ...]]:
    history = draft.history
    rows: list[tuple[Choice, ...]] = [
        (_toggle(texts, "option-comments-button", "cm", on=history.comments),),
        (_toggle(texts, "option-split-button", "sp", on=history.split),),
        (Choice(texts.plain("button-media"), "to:media"),),
    ]
    if not draft.does(Step.SEARCH):
        rows.insert(2, (Choice(texts.plain("button-topic"), "to:topic"),))
    return rows


def _toggle(texts: Texts, key: str, verb: str, *, on: bool) -> Choice:
    return Choice(f"{'☑' if on else '☐'} {texts.plain(key)}", f"{verb}:{'off' if on else 'on'}")


def _kind(texts: Texts, name: str, wanted: MediaOptions) -> Choice:
    on = set(KINDS[name]) <= set(wanted.kinds)
    label = f"{'☑' if on else '☐'} {texts.plain(f'media-{name}')}"
    return Choice(label, f"md:{'off' if on else 'on'}:{name}")


def _kinds(wanted: MediaOptions, value: str) -> tuple[str, ...]:
    turn, _, name = value.partition(":")
    if turn in {"none", "all"}:
        return EVERY_KIND if turn == "all" else ()
    changed = set(KINDS.get(name, ()))
    chosen = set(wanted.kinds) | changed if turn == "on" else set(wanted.kinds) - changed
    return tuple(kind for kind in EVERY_KIND if kind in chosen)


def _split(draft: Draft, *, on: bool) -> Draft:
    """Sharing a chat needs more than one account, so a chosen one gives way."""
    history = replace(draft.history, split=on)
    if not on:
        return replace(draft, history=history)
    return replace(draft, history=history, account=None, instead_of_default=False)


def _linked(draft: Draft, text: str) -> tuple[int, int | None]:
    """The numbers of a link into the draft's only source."""
    match = _MESSAGE.fullmatch(_piece(text))
    source = None if match is None else parse_source(text)
    if match is None or source is None or isinstance(source, BadSource):
        raise BotError("wizard-link-not-understood")
    if len(draft.sources) != 1:
        raise BotError("wizard-link-one-source")
    [named] = draft.sources
    if named[0] == source[0] and named != source:
        raise BotError("wizard-link-elsewhere", source=named)
    return int(match[1]), int(match[2]) if match[2] else None


def _piece(text: str) -> str:
    """The one link of a text, however it was pasted; links of the app as those of the web."""
    found = pieces(text)
    if len(found) != 1:
        return ""
    kind, _, query = found[0].partition("?")
    asked = dict(parse_qsl(query))
    if not kind.lower().startswith("tg:") or "post" not in asked:
        return found[0]
    chat = asked.get("domain") or f"c/{asked.get('channel', '')}"
    return f"t.me/{chat}/" + "/".join(asked[one] for one in ("thread", "post") if one in asked)


def _bytes(megabytes: int | None) -> int | None:
    return None if megabytes is None else megabytes * MEGABYTE


def _size(texts: Texts, megabytes: int | None) -> str:
    if megabytes is None:
        return texts.plain("media-any-size")
    return texts.plain("media-size", size=str(megabytes))
