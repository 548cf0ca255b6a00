"""Whatever the bot and the collector warn of is listed here, with what keeps it from being told
again and again while one trouble lasts. A new warning fails here until it is decided.
"""

import ast
from collections.abc import Iterator

from tree import ROOT

LOUD = {"warning", "error", "exception"}

ONCE = "told when the trouble begins; `ToldOnce`, or what remembers it as well, stands before it"
EACH = "each line tells of another thing: another job, update, message, press, chat or text"
SELDOM = "at most one line in so many seconds, or one at each start and stop"

DECIDED = {
    "bot": {
        "bot.unreachable": ONCE,
        "updates.conflict": ONCE,
        "updates.unreachable": ONCE,
        "menu.not_set": ONCE,
        "card.flood": ONCE,
        "card.not_kept": ONCE,
        "card.not_shown": ONCE,
        "lookup.unseen": ONCE,
        "ending.uncertain": EACH,
        "telegram.flood": EACH,
        "telegram.refused": EACH,
        "store.unavailable": EACH,
        "handler.failed": EACH,
        "text.missing": EACH,
        "text.broken": EACH,
        "export.failed": EACH,
        "background.failed": EACH,
        "update.begins_anew": EACH,
        "update.malformed": EACH,
        "update.failed": EACH,
        "lanes.not_drained": SELDOM,
        "bot.role_lost": SELDOM,
        "bot.role_not_given_back": SELDOM,
    },
    "collector": {
        "account.disconnected": ONCE,
        "account.broken": ONCE,
        "account.flood_unwritten": ONCE,
        "media.not_removed": ONCE,
        "worker.setback": ONCE,
        "account.limited": EACH,
        "account.lost": EACH,
        "account.flooded": EACH,
        "lease.kept": EACH,
        "lease.lost": EACH,
        "lease.expired": EACH,
        "job.failed": EACH,
        "job.abandoned": EACH,
        "job.broken": EACH,
        "job.ending_unwritten": EACH,
        "job.orphaned": EACH,
        "lookup.unanswered": EACH,
        "lookup.broken": EACH,
        "chat.refused": EACH,
        "chat.unseen": EACH,
        "floor.unknown": EACH,
        "media.not_understood": EACH,
        "media.changes_on": EACH,
        "ending.failed": EACH,
        "history.date_disregarded": EACH,
        "history.contradicted": EACH,
        "message.foreign": EACH,
        "message.unmapped": EACH,
        "message.broken": EACH,
        "update.unmapped": EACH,
        "update.unread": EACH,
        "answer.torn": EACH,
        "skim.fallback": EACH,
        "news.dropped": SELDOM,
        "loop.blocked": SELDOM,
    },
}

REMEMBERS = {"failed", "_failed"}
"""Asked whether a failure is news."""


def warnings(room: str) -> Iterator[tuple[str, bool]]:
    """Each event that a room warns of, and whether somebody is asked before if it is news."""
    for file in sorted((ROOT / room).rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        asked = {id(call) for branch in ast.walk(tree) for call in _behind_memory(branch)}
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and (event := _event(call)) is not None:
                yield event, id(call) in asked


def _behind_memory(branch: ast.AST) -> Iterator[ast.AST]:
    if isinstance(branch, ast.If) and any(_remembers(one) for one in ast.walk(branch.test)):
        for statement in branch.body:
            yield from ast.walk(statement)


def _remembers(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        return isinstance(node.ops[0], ast.NotIn) and "_told" in ast.unparse(node)
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in REMEMBERS
    )


def _event(call: ast.Call) -> str | None:
    match call:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="log"), attr=level),
            args=[ast.Constant(value=str(event)), *_],
        ) if level in LOUD:
            return event
    return None


def test_every_warning_is_decided() -> None:
    for room, decided in DECIDED.items():
        assert {event for event, _ in warnings(room)} == decided.keys()


def test_what_is_told_once_is_asked_for_before() -> None:
    for room, decided in DECIDED.items():
        told = set(warnings(room))
        once = {event for event, why in decided.items() if why is ONCE}
        assert {event for event, is_asked in told if is_asked} == once
        assert {event for event, is_asked in told if not is_asked} == decided.keys() - once
