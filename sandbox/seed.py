"""Worlds to try the product with, and small ones for tests."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from sandbox.chat import ChatKind
from sandbox.content.library import Library
from sandbox.demo_chats import DEAD_INVITES, demo_chats
from sandbox.entrance import OPEN, Entrance
from sandbox.membership import CHANNELS_LIMIT, PREMIUM_LIMIT
from sandbox.people import ControlBot, Person, SearchBot, account
from sandbox.recipe import acquaint, discuss, make_chat, make_group, migrate
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
SEARCH_BOTS = (
    SearchBot(
        id=6_200_000_001, username="souqun_bot", name="搜群 · 群组频道搜索",
        style="entities", greeting="button",
    ),
    SearchBot(
        id=6_200_000_002, username="groupfinder_bot", name="Group Finder",
        style="plain", greeting="start",
    ),
)  # fmt: skip
_CLOSED = Entrance(insiders=())
_TOPICS = (("en", "python"), ("zh", "tech"), ("en", "travel"), ("zh", "city"))


def demo_world(*, seed: int = 20260601, newest: datetime = NEWEST) -> World:
    """Four accounts (the second has a two-step password, the fourth is not meant to be signed
    in), an operator, a stranger, the control bot, two search bots, and public, private and basic
    chats that end at `newest`."""
    chats, groups = demo_chats(seed, newest)
    return World(
        seed=seed,
        people=(*CREW, OPERATOR, STRANGER),
        chats=chats,
        groups=groups,
        bots=(BOT,),
        search_bots=SEARCH_BOTS,
        dead_invites=DEAD_INVITES,
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
    entrances: Mapping[str, Entrance] | None = None,
    private: Collection[str] = (),
    protected: Collection[str] = (),
    topics: Mapping[str, tuple[str, str]] | None = None,
    linked: Mapping[str, str] | None = None,
    groups: Mapping[str, int] | None = None,
    migrated: Mapping[str, str] | None = None,
    dead_invites: Collection[str] = (),
    premium: Collection[int] = (),
    channels_limits: tuple[int, int] = (CHANNELS_LIMIT, PREMIUM_LIMIT),
    libraries: Mapping[str, Library] | None = None,
) -> World:
    """`chats`: username -> how many messages. `passwords`: two-step passwords by the account's
    number, from 1. `gaps`: username -> ranges of ids (oldest, newest) between the first message
    and the last in which nothing is left. Chats take turns in language and topic, unless `topics`
    has another pair, and are supergroups unless `kinds` has another.

    `entrances` say how a chat or group is entered. A `private` chat has its name as title alone:
    `world.titled` finds it; one of which `entrances` says nothing has nobody inside. `linked`:
    channel -> the group with its comments. `groups`: basic groups, title -> how many messages,
    with all accounts in them unless `entrances` says else. `migrated`: basic group -> the chat
    that it became. `premium`: numbers of accounts; `channels_limits`: in how many chats others
    and they may be. `libraries`: username -> the files that its messages have, instead of what is
    said elsewhere."""
    crew = [
        account(
            number,
            first_name=f"Crew {number}",
            password=(passwords or {}).get(number),
            premium=number in premium,
        )
        for number in range(1, accounts + 1)
    ]
    made = []
    for at, (name, size) in enumerate(chats.items()):
        language, topic = (topics or {}).get(name, _TOPICS[at % len(_TOPICS)])
        kind = (kinds or {}).get(name, ChatKind.SUPERGROUP)
        hidden = name in private
        title, username = (name, "") if hidden else (name.replace("_", " ").title(), name)
        entrance = (entrances or {}).get(name, _CLOSED if hidden else OPEN)
        one = make_chat(
            at, seed, newest, username, title, kind, language, topic, size,
            entrance=entrance, protected=name in protected,
        )  # fmt: skip
        one.gaps = tuple((gaps or {}).get(name, ()))
        one.library = (libraries or {}).get(name)
        made.append(one)
    acquaint(made)
    named = dict(zip(chats, made, strict=True))
    for channel, group in (linked or {}).items():
        discuss(named[channel], named[group])
    everybody = Entrance(insiders=tuple(person.id for person in crew))
    basic = {
        title: make_group(
            at, seed, newest, title, *_TOPICS[at % len(_TOPICS)], size,
            entrance=(entrances or {}).get(title, everybody),
        )
        for at, (title, size) in enumerate((groups or {}).items(), 1)
    }  # fmt: skip
    for title, name in (migrated or {}).items():
        migrate(basic[title], named[name])
    return World(
        seed=seed,
        people=(*crew, OPERATOR, STRANGER),
        chats=made,
        groups=basic.values(),
        bots=(BOT,),
        search_bots=SEARCH_BOTS,
        dead_invites=dead_invites,
        channels_limits=channels_limits,
        operator_id=OPERATOR.id,
        stranger_id=STRANGER.id,
    )
