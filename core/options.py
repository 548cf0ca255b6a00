"""What each step of a task is asked to do. Every default is the careful side."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

TELEGRAM_SEARCH = "telegram"
"""The place of a search that is Telegram's own contact search; every other place is a bot."""


class JoinPolicy(StrEnum):
    """Who decides which found groups are joined: the operator, the rules, or nobody joins any."""

    ASK = "ask"
    AUTO = "auto"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions:
    """`words` are searched one by one at each of `places` (`@bot`, or `telegram`).

    `pages`: how many pages of a bot's answer are turned for one word, the first included.
    """

    words: tuple[str, ...] = ()
    places: tuple[str, ...] = (TELEGRAM_SEARCH,)
    pages: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRules:
    """Which found groups are wanted without asking.

    `members`: at least so many; `languages`: ISO 639-1 codes of the title, empty for any;
    `without`: words that exclude; `most`: at most so many groups, the largest first.
    """

    members: int | None = None
    languages: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    most: int | None = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinOptions:
    """`leave`: deleting the task lets its accounts leave what they joined for it."""

    policy: JoinPolicy = JoinPolicy.ASK
    rules: GroupRules = field(default_factory=GroupRules)
    leave: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaOptions:
    """Which files are kept: `kinds` as in `core.message.Media`, each up to `most_bytes`."""

    kinds: tuple[str, ...] = ()
    most_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryOptions:
    """What of a history to read: the newest `limit`, from `since` to `until`, both included.
    `last`: `since` moves with each run to so long before its beginning.

    `from_id`: nothing older than this message. `topic`: only this topic of a forum. `comments`:
    the discussion under a channel's posts, too. `split`: several accounts share one chat's ranges.
    """

    limit: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    from_id: int | None = None
    topic: int | None = None
    comments: bool = False
    split: bool = False
    media: MediaOptions = field(default_factory=MediaOptions)
    last: timedelta | None = None
