"""What joining and reading have in common: sources that lead nowhere, accounts that are refused."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """A source that is of no use, and the whole sentence; `named`: the source as cards name it."""

    source: str
    key: str
    says: str
    named: str | None = None


NOWHERE = (
    Case(
        "@nobody_here_at_all",
        "source_unknown",
        "Nobody has the name @nobody_here_at_all. Check the spelling and edit the task.",
    ),
    Case(
        "@olivia_ops",
        "not_a_chat",
        "@olivia_ops is a person or a bot, not a group or channel. "
        "Edit the task and name a group or channel.",
    ),
    Case(
        "@lost_chat",
        "peer_invalid",
        "Telegram does not let this account reach @lost_chat. "
        "Press Retry, or choose another account.",
    ),
    Case(
        "-1001234567890",
        "not_joined",
        "The account is not in -1001234567890. "
        "Make a task that joins it first, or choose an account that is a member.",
    ),
    Case(
        "+NeverThere01",
        "invite_invalid",
        "The invite link is not valid. Check the link and edit the task.",
        named="t.me/+NeverT…",
    ),
    Case(
        "+DeadHash03",
        "invite_expired",
        "The invite link has expired. Ask for a new link and edit the task.",
        named="t.me/+DeadHa…",
    ),
)
"""`@lost_chat` has to be there, and to be denied as CHANNEL_INVALID."""

FROZEN = (
    "Telegram has frozen this account, and refuses what was asked of it. "
    "Choose another account, and appeal in the Telegram app with this one."
)
LIMITED = "Telegram limits this account. Choose another account."
REFUSED = (
    "Telegram did not accept a request of this version. "
    "Upgrade Telecrew, then press Retry. The collector's log names Telegram's error."
)
REFUSALS = (
    ("FROZEN_METHOD_INVALID", 420, "account_frozen", FROZEN),
    ("PEER_FLOOD", 400, "account_limited", LIMITED),
    ("SOMETHING_NEW", 400, "request_refused", REFUSED),
)
"""Telegram's code, its number, the reason, and the whole sentence."""
