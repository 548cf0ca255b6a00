"""Worlds to try the product with, and small ones for tests."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sandbox.chat import Chat, ChatKind
from sandbox.dice import Dice
from sandbox.people import ControlBot, Person, account
from sandbox.world import World

NEWEST = datetime(2026, 6, 1, 12, tzinfo=UTC)
OPERATOR = Person(
    id=888_000_001, first_name="Olivia", last_name="Chen", username="olivia_ops", language_code="en"
)
STRANGER = Person(
    id=888_000_002,
    first_name="Stan",
    last_name="Ranger",
    username="stan_passing",
    language_code="en",
)
BOT = ControlBot(
    token="6100000001:AAEsandboxControlBotTokenOfTelecrew00", id=6_100_000_001,  # noqa: S106
    username="telecrew_bot", name="Telecrew",
)  # fmt: skip
CREW = (
    account(1, first_name="Ada", last_name="One", username="crew_ada"),
    account(2, first_name="博文", last_name="二", username="crew_bowen", language_code="zh",
            password="correct horse", password_hint="horse"),  # noqa: S106
    account(3, first_name="Cleo", last_name="Three"),
    account(4, first_name="Dan", last_name="Four", username="crew_dan"),
)  # fmt: skip
_GROUP, _FORUM, _CHANNEL = ChatKind.SUPERGROUP, ChatKind.FORUM, ChatKind.CHANNEL
_DEMO = (
    ("crypto_daily", "Crypto Daily Chat", _GROUP, "en", "crypto", 50_000),
    ("jishu_jiaoliu", "技术交流群", _GROUP, "zh", "tech", 30_000),
    ("biquan_daily", "币圈资讯", _CHANNEL, "zh", "crypto", 20_000),
    ("python_talk", "Python Talk", _FORUM, "en", "python", 12_000),
    ("world_news_now", "World News Now", _CHANNEL, "en", "news", 8_000),
    ("shenzhen_life", "深圳生活圈", _GROUP, "zh", "city", 5_000),
    ("travel_asia", "Travel Asia", _GROUP, "en", "travel", 1_500),
    ("dushu_club", "读书会", _GROUP, "zh", "books", 500),
)
_TOPICS = (("en", "python"), ("zh", "tech"), ("en", "travel"), ("zh", "city"))


def demo_world(*, seed: int = 20260601, newest: datetime = NEWEST) -> World:
    """Four accounts (the second has a two-step password, the fourth is not meant to be signed
    in), an operator, a stranger, the control bot and eight public chats that end at `newest`."""
    ids = [_chat_id(at) for at in range(len(_DEMO))]
    chats = [
        _chat(at, seed, newest, username, title, kind, language, topic, size, ids)
        for at, (username, title, kind, language, topic, size) in enumerate(_DEMO)
    ]
    return World(
        seed=seed,
        people=(*CREW, OPERATOR, STRANGER),
        chats=chats,
        bots=(BOT,),
        operator_id=OPERATOR.id,
        stranger_id=STRANGER.id,
    )


def small_world(
    *,
    chats: Mapping[str, int],
    accounts: int = 3,
    seed: int = 1,
    kinds: Mapping[str, ChatKind] | None = None,
    passwords: Mapping[int, str] | None = None,
    newest: datetime = NEWEST,
    gaps: Mapping[str, Sequence[tuple[int, int]]] | None = None,
) -> World:
    """`chats`: username -> how many messages. `passwords`: two-step passwords by the account's
    number, from 1. `gaps`: username -> ranges of ids (oldest, newest) between the first message
    and the last in which nothing is left. Chats take turns in language and are supergroups
    unless `kinds` has another."""
    ids = [_chat_id(at) for at in range(len(chats))]
    made = []
    for at, (username, size) in enumerate(chats.items()):
        language, topic = _TOPICS[at % len(_TOPICS)]
        kind = (kinds or {}).get(username, _GROUP)
        title = username.replace("_", " ").title()
        one = _chat(at, seed, newest, username, title, kind, language, topic, size, ids)
        one.gaps = tuple((gaps or {}).get(username, ()))
        made.append(one)
    crew = (
        account(number, first_name=f"Crew {number}", password=(passwords or {}).get(number))
        for number in range(1, accounts + 1)
    )
    return World(
        seed=seed,
        people=(*crew, OPERATOR, STRANGER),
        chats=made,
        bots=(BOT,),
        operator_id=OPERATOR.id,
        stranger_id=STRANGER.id,
    )


def _chat_id(at: int) -> int:
    return 1_500_000_000 + at * 7_919


def _chat(
    at: int, seed: int, newest: datetime, username: str, title: str, kind: ChatKind, language: str,
    topic: str, size: int, ids: list[int],
) -> Chat:  # fmt: skip
    until = int(newest.timestamp())
    dice = Dice(f"chat:{seed}:{at}")
    return Chat(
        id=ids[at],
        username=username,
        title=title,
        about=f"{title} · t.me/{username}",
        kind=kind,
        language=language,
        topic=topic,
        seed=seed,
        size=size,
        members=size * 3 + dice.between(40, 9_000),
        created=until - size * dice.between(300, 900) - 3600,
        newest=until,
        also_here=tuple(other for other in ids if other != ids[at]),
    )
