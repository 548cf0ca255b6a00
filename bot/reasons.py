"""Why something failed or waits, in words: what happened, and what to do next."""

from collections.abc import Mapping

from bot.i18n import Html, Texts

FAILURES = frozenset(
    {
        "network",
        "flood",
        "session_revoked",
        "account_limited",
        "source_unknown",
        "name_moved",
        "source_forbidden",
        "not_a_chat",
        "store_unavailable",
        "api_id_rejected",
        "unexpected",
        "account_signed_out",
        "account_lost",
        "account_banned",
        "account_removed",
        "account_resting",
        "no_ready_account",
        "never_signed_in",
        "timeout",
        "paced",
        "daily_limit",
        "no_worker",
        "stalled",
        "key_duplicated",
        "lease_gone",
        "account_frozen",
        "banned",
        "connecting",
        "invite_expired",
        "invite_invalid",
        "join_pending",
        "key_invalid",
        "key_refused",
        "key_unknown",
        "libraries_missing",
        "peer_invalid",
        "server",
        "session_keys_invalid",
        "server_differs",
        "session_unreadable",
        "telegram_dc_invalid",
        "too_many_chats",
        "join_refused",
        "join_not_approved",
        "join_by_app",
        "chat_full",
        "not_a_bot",
        "bot_silent",
        "bot_busy",
        "bot_guarded",
        "choose_groups",
        "not_joined",
        "left_to_members",
        "being_deleted",
        "topic_unknown",
        "no_reader",
        "file_gone",
        "file_unavailable",
        "file_reference",
        "disk_full",
        "folder_unusable",
        "not_understood",
        "request_refused",
        "words_refused",
        "already_inside",
    }
)
"""Reason keys with a `reason-` and an `advice-` text of their own."""

ACCOUNT_FAILURES = frozenset(
    {
        "session_revoked",
        "account_limited",
        "account_signed_out",
        "account_lost",
        "account_banned",
        "account_removed",
        "account_resting",
        "no_ready_account",
        "never_signed_in",
        "key_duplicated",
        "source_forbidden",
        "stalled",
        "timeout",
        "account_frozen",
        "banned",
        "join_pending",
        "key_invalid",
        "key_refused",
        "key_unknown",
        "peer_invalid",
        "session_unreadable",
        "too_many_chats",
        "join_refused",
        "chat_full",
        "not_joined",
    }
)
"""Failures after which another account may succeed."""


def reason(texts: Texts, key: str, detail: Mapping[str, str] | None = None) -> Html:
    """What happened."""
    if key not in FAILURES:
        return texts("reason-unknown", reason=key)
    return texts(f"reason-{key}", **_named(detail))


def advice(texts: Texts, key: str, detail: Mapping[str, str] | None = None) -> Html:
    """What to do next."""
    if key not in FAILURES:
        return texts("advice-unknown")
    return texts(f"advice-{key}", **_named(detail))


def _named(detail: Mapping[str, str] | None) -> dict[str, str]:
    given = dict(detail or {})
    return {"account": given.get("account", "?"), "source": given.get("source", "?")}
