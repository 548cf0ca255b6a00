"""What a search bot answered: groups in a text, and the buttons that lead on. All pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.chat import ChatKind
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
    kind: ChatKind | None = None


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
_LAST = re.compile(r"^\W*(\d[\d,.]*)\W*$", re.ASCII)
"""What stands alone behind a title."""

_TIMES = {"k": 1e3, "m": 1e6, "千": 1e3, "万": 1e4, "亿": 1e8}
_NUMBER = re.compile(r"^\W*\d{1,3}\s*[.、)）:：]\s*")
_TAG = re.compile(r"^\s*[\[(（【](?:频道|群组?|channel|(?:super)?group)[\])）】]", re.IGNORECASE)
_NEXT = re.compile(r"next|more|下一?页|下页|更多|[▶►⏩➡»›]|^\s*>+\s*$", re.IGNORECASE)
_BUSY = re.compile(r"too many|try again|later|busy|繁忙|稍后|频繁|过快", re.IGNORECASE)
_SEARCHING = re.compile(
    r"searching|loading|working on|looking|wait|moment|搜索中|正在|查询中|加载|请稍|稍等|[⏳⌛🔄]"
    r"|(?:\.{3}|…)\s*$",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"nothing|not? (?:results?|groups?|matches|found)|not found|no one"
    r"|(?:没有?|未|沒有?)(?:能)?(?:找到|搜到|搜索到|查到)|无结果|没有结果|无相关|暂无",
    re.IGNORECASE,
)
_CHANNEL = re.compile(r"\bchannels?\b|频道|📢|📣", re.IGNORECASE)
_GROUP = re.compile(r"\b(?:super)?groups?\b|群|👥|💬", re.IGNORECASE)
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


def finds_nothing(message: BotMessage) -> bool:
    """Whether the bot says that it knows no such group."""
    return not finds(message) and _NOTHING.search(message.text) is not None


def is_placeholder(message: BotMessage) -> bool:
    """Whether the bot only says that it is at work; the answer comes by an edit or after it."""
    if finds(message) or finds_nothing(message) or is_busy(message):
        return False
    return _SEARCHING.search(message.text) is not None


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
    """The links of a line with its title: what stands before the first one, else the rest."""
    matches = list(_NAMED.finditer(line))
    before = line[: matches[0].start()] if matches else ""
    title = before if _bare(before) else _NAMED.sub(" ", line)
    return ((match[0], title) for match in matches)


def _keep(found: dict[str, Find], url: str, title: str, line: str) -> None:
    source = parse_source(url)
    if isinstance(source, BadSource) or source in found:
        return
    bare = _bare(title)
    members = _members(line, bare)
    kind = _kind(line, bare)
    found[source] = Find(source=source, title=bare or source, members=members, kind=kind)


def _members(line: str, title: str) -> int | None:
    """What the line counts, or else the number with which it ends behind the title."""
    counted = _COUNTED.search(line)
    if counted is None:
        counted = _LAST.search(_NAMED.sub(" ", line.partition(title)[2])) if title else None
    return None if counted is None else count_of(next(filter(None, counted.groups())))


def _kind(line: str, title: str) -> ChatKind | None:
    """What the line around a title calls it; a sign before a number counts members."""
    told = _NAMED.sub(" ", _COUNTED.sub(" ", line))
    told = told.replace(title, " ") if title else told
    channel, group = _CHANNEL.search(told), _GROUP.search(told)
    if (channel is None) is (group is None):
        return None
    return ChatKind.CHANNEL if channel is not None else ChatKind.SUPERGROUP


def _bare(title: str) -> str:
    without = _TAG.sub("", _COUNTED.sub(" ", _NUMBER.sub("", title)))
    return re.sub(r"\s+", " ", without).strip(" -–—·|:：()（）[]【】👥👤📢💬🔗")
