"""What a search bot answered: groups in a text, and the buttons that lead on. All pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.links import BadSource, parse_source


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link in a text: where its title begins and ends (in characters), and what it opens."""

    start: int
    end: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """An inline button: it calls the bot back with `data`, or opens `url`."""

    text: str
    data: bytes | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BotMessage:
    """A message of a bot; `links` are its entities with a target of their own."""

    id: int
    text: str
    links: tuple[Link, ...] = ()
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """A group that an answer names: what the line around its link tells."""

    source: str
    title: str
    members: int | None = None


_NAMED = re.compile(
    r"(?:https?://)?(?:t\.me|telegram\.me|telegram\.dog)/[\w+/%-]+|(?<![\w@/.])@[A-Za-z]\w{3,31}",
    re.ASCII,
)
_SPONSORED = re.compile(
    r"\b(?:ad|ads|sponsored|promoted|advert\w*)\b|广告|推广|赞助|推荐位|置顶", re.IGNORECASE
)
_MEMBERS = re.compile(r"(\d[\d,.]*)\s*([km万千亿])?", re.IGNORECASE)
_COUNTED = re.compile(
    r"(\d[\d,.]*\s*[km万千亿]?)\s*(?:members?|subs\w*|users|people|人|成员|订阅|位)"
    r"|(?:👥|👤|成员|人数|members?)\s*[:：]?\s*(\d[\d,.]*\s*[km万千亿]?)"
    r"|[(\[（【]\s*(\d[\d,.]*\s*[km万千亿]?)\s*[)\]）】]"
    r"|[-–—·|\s]\s*(\d[\d,.]*\s*[km万千亿])\s*$",
    re.IGNORECASE,
)
_TIMES = {"k": 1e3, "m": 1e6, "千": 1e3, "万": 1e4, "亿": 1e8}
_NUMBER = re.compile(r"^\W*\d{1,3}\s*[.、)）:：]\s*")
_NEXT = re.compile(r"next|more|下一?页|下页|更多|[▶►⏩➡»›]|^\s*>+\s*$", re.IGNORECASE)
_BUSY = re.compile(r"too many|try again|later|busy|繁忙|稍后|频繁|过快", re.IGNORECASE)
_START = re.compile(
    r"start|begin|human|robot|verif|confirm|continue|agree|i'?m|开始|验证|确认|继续|同意|人机|机器人",
    re.IGNORECASE,
)


def finds(message: BotMessage) -> tuple[Find, ...]:
    """The groups of an answer, each once, without sponsored lines."""
    found: dict[str, Find] = {}
    for line, links in _lines(message):
        if _SPONSORED.search(line):
            continue
        for url, title in (*links, *_plain(line)):
            _keep(found, url, title, line)
    for button in message.buttons:
        if button.url is not None and not _SPONSORED.search(button.text):
            told = next((line for line in message.text.split("\n") if button.text in line), "")
            _keep(found, button.url, button.text, told or button.text)
    return tuple(found.values())


def next_page(message: BotMessage) -> Button | None:
    """The button that turns to the next page, if the answer has one."""
    calls = [button for button in message.buttons if button.data is not None]
    return next((button for button in calls if _NEXT.search(button.text)), None)


def way_in(message: BotMessage) -> Button | None:
    """The button of a greeting that has to be pressed before the bot answers anything."""
    calls = [button for button in message.buttons if button.data is not None]
    return next((button for button in calls if _START.search(button.text)), None)


def wants_start(message: BotMessage) -> bool:
    """Whether the bot asks for `/start` before anything else."""
    return "/start" in message.text and not finds(message)


def is_busy(message: BotMessage) -> bool:
    """Whether the bot asks to come back later."""
    return not finds(message) and _BUSY.search(message.text) is not None


def count_of(text: str) -> int | None:
    """A number as people shorten it: `12.3k`, `1.2万`, `12,345`."""
    match = _MEMBERS.search(text)
    if match is None:
        return None
    digits, unit = match[1].rstrip(".,"), (match[2] or "").lower()
    try:
        return round(float(digits.replace(",", "")) * _TIMES.get(unit, 1))
    except ValueError:
        return None


def _lines(message: BotMessage) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    start = 0
    for line in message.text.split("\n"):
        end = start + len(line)
        inside = [link for link in message.links if start <= link.start < end]
        yield line, [(link.url, message.text[link.start : link.end]) for link in inside]
        start = end + 1


def _plain(line: str) -> Iterable[tuple[str, str]]:
    return ((match[0], _NAMED.sub(" ", line)) for match in _NAMED.finditer(line))


def _keep(found: dict[str, Find], url: str, title: str, line: str) -> None:
    source = parse_source(url)
    if isinstance(source, BadSource) or source in found:
        return
    counted = _COUNTED.search(line)
    members = None if counted is None else count_of(next(filter(None, counted.groups())))
    found[source] = Find(source=source, title=_bare(title) or source, members=members)


def _bare(title: str) -> str:
    without = _COUNTED.sub(" ", _NUMBER.sub("", title))
    return re.sub(r"\s+", " ", without).strip(" -–—·|:：()（）[]【】👥👤📢💬🔗")
