"""Worlds to try the product with, and small ones for tests."""

from datetime import datetime
from typing import Any

from sandbox.demo_chats import DEAD_INVITES, demo_chats
from sandbox.people import ControlBot, Person, SearchBot, account
from sandbox.small import NEWEST, Plan
from sandbox.world import World

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


def small_world(**plan: Any) -> World:
    """The world of a `sandbox.small.Plan`, whose fields these are; `chats` is needed, no more."""
    return Plan(**plan).world(bots=(BOT,), search_bots=SEARCH_BOTS, people=(OPERATOR, STRANGER))
