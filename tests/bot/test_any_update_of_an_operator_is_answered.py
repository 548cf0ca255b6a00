import logging
import os
import random
from typing import Any

import pytest
import structlog
from bot_rig import Rig
from structlog.testing import capture_logs
from waiting import wait_until

from sandbox.bot_api.person import Human

UPDATES = int(os.environ.get("NOISE_UPDATES", "2500"))
"""So many in the suite; ten thousand take two minutes."""
OTHERS = (881, 882, 883, 884, 885)
"""More operators: their updates are handled at the same time."""

TEXTS = (
    "/start",
    "/help",
    "/tasks",
    "/accounts",
    "/language",
    "/cancel",
    "/newtask",
    "/newtask @harbour_news",
    "/newtask t.me/+abc ???",
    "/newtask@other_bot @x",
    "/",
    "/nonsense 1 2",
    "@harbour_news",
    "hello",
    "<b>&</b>",
    "2024-13-45",
    "9999-12-31 23:59",
    "0001-01-01",
    "99999d",
    "1000000000000",
    "２４h",
    "²",
    "daily",
    "until 2024-02-30",
    "\x1dc:start",
    "button\x01\x1d",
    "\u200b",
    "💥" * 50,
    "x" * 4096,
)
ACTIONS = (
    "start:x",
    "page:0",
    "page:999999",
    "page:-1",
    "page:９",
    "open:",
    "open:ffffffffffffffffffffffff",
    "edit:none",
    "del:none",
    "retry:none",
    "stop:none",
    "pause:none",
    "resume:none",
    "card:none",
    "who:none",
    "use:none:1",
    "use:none",
    "use::",
    "latest:none",
    "export:none",
    "csv:none",
    "jsonl:none",
    "default:1",
    "default:x",
    "default:９",
    "list",
    "zh",
    "en",
    "help",
    "nothing",
)
PAGES = ("to:review", "to:what", "to:when", "to:account", "to:sources", "to:x", "cancel", "rm:@x")
PAGES += ("use:@x", "acc:1", "acc:9", "acc:x", "acc:", "what:all", "what:-1", "what:7d", "when:now")
PAGES += ("every:60", "every:0", "every:x", "at:hour", "at:x", "daily:0900", "daily:x", "", "::")


class Noise:
    """Updates of an operator that mostly make no sense; never a Start, never a confirmed delete."""

    def __init__(self, rig: Rig, seed: int) -> None:
        self.rig = rig
        self.dice = random.Random(seed)
        self.keys: list[str] = []
        self.who = rig.me.id

    def next(self, number: int) -> dict[str, Any]:
        self.who = self.dice.choice([self.rig.me.id, *OTHERS])
        kind = self.dice.random()
        if kind < 0.8:
            return self._malformed(number)
        if kind < 0.87:
            return {"message": self._message(number)}
        key = f"n{number}"
        self.keys.append(key)
        query = {
            "id": key,
            "from": self._user(),
            "chat_instance": "1",
            "data": self._data(),
            "message": self._pressed(number),
        }
        if self.dice.random() < 0.05:
            del query["message"]
            query["inline_message_id"] = "x"
        if self.dice.random() < 0.03:
            del query["data"]
            query["game_short_name"] = "g"
        return {"callback_query": query}

    def _malformed(self, number: int) -> dict[str, Any]:
        """A part is missing, or is something else than it should be."""
        kind = self.dice.choice(["message", "callback_query"])
        whole = self._message(number)
        if kind == "callback_query":
            whole = {"id": f"m{number}", "from": self._user(), "chat_instance": "1", "data": "new"}
        broken = self.dice.choice(["from", "id", "message_id", "chat", "date", "chat_instance"])
        if broken not in whole:
            broken = "from"
        if self.dice.random() < 0.3:
            del whole[broken]
        else:
            whole[broken] = self.dice.choice(["?", [], {}, None, -1.5, {"id": "x"}])
        return {kind: whole}

    def _human(self) -> Human:
        return self.rig.door.person(self.who)

    def _user(self) -> dict[str, Any]:
        code = self.dice.choice(["en", "zh-hans", "de", ""])
        return {"id": self.who, "is_bot": False, "first_name": "Op", "language_code": code}

    def _chat(self) -> dict[str, Any]:
        return {"id": self.who, "type": "private", "first_name": "Op"}

    def _message(self, number: int) -> dict[str, Any]:
        message: dict[str, Any] = {
            "message_id": 5_000_000 + number,
            "date": 1,
            "chat": self._chat(),
            "from": self._user(),
        }
        kind = self.dice.random()
        if kind < 0.85:
            message["text"] = self.dice.choice(TEXTS)
        elif kind < 0.93:
            message["sticker"] = {
                "file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1,
                "is_animated": False, "is_video": False,
            }  # fmt: skip
        elif kind < 0.97:
            message["location"] = {"latitude": 0.0, "longitude": 0.0}
        if self.dice.random() < 0.1:
            message["reply_to_message"] = self._pressed(number)
        return message

    def _pressed(self, number: int) -> dict[str, Any]:
        shown = [message.raw for message in self._human().messages[-5:] if message.by_bot]
        if shown and self.dice.random() < 0.6:
            return self.dice.choice(shown)
        return {"message_id": 5_000_000 + number, "date": 0, "chat": self._chat()}

    def _data(self) -> str:
        kind = self.dice.random()
        if kind < 0.35:
            return f"{self.dice.choice('trahlxz')}:{self.dice.choice(ACTIONS)}"
        if kind < 0.7:
            return f"{self._intent()}\x1dc:{self.dice.choice(PAGES)}"
        if kind < 0.8:
            return self._shown() or "new"
        return "".join(self.dice.choice("ct:r\x1dl-9é ") for _ in range(self.dice.randrange(1, 24)))

    def _intent(self) -> str:
        shown = self._shown()
        return shown.partition("\x1d")[0] if shown and "\x1d" in shown else "gone"

    def _shown(self) -> str:
        for message in reversed(self._human().messages[-6:]):
            rows = message.raw.get("reply_markup", {}).get("inline_keyboard", [])
            data = [button["callback_data"] for row in rows for button in row]
            safe = [one for one in data if not one.endswith(":start") and "del2" not in one]
            if safe:
                return self.dice.choice(safe)
        return ""


@pytest.mark.timeout(420)
async def test_thousands_of_updates_make_and_break_nothing(
    idle: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig = idle
    rig.door.limits.enabled = False
    rig.door.limits.callback_seconds = 1000
    caplog.set_level(logging.ERROR)
    await rig.worker.lease()
    with capture_logs() as logs:
        structlog.contextvars.clear_contextvars()
        async with rig.running():
            run, _ = await rig.started("@kept_group")
            await rig.worker.finish(run)
            for other in OTHERS:
                await rig.database.operators.ensure_admin(other)
                rig.door.inject({"message": _start(other)})
            noise = Noise(rig, seed=20261124)
            for start in range(0, UPDATES, 250):
                for number in range(start, start + 250):
                    rig.door.inject(noise.next(number))
                await wait_until(lambda: len(rig.door.bot.updates) < 100, 60, 0.02)
            await wait_until(rig.handled, timeout=180)
    errors = [line for line in logs if line["log_level"] in {"error", "critical"}]
    assert [{**line, "exc_info": repr(line.get("exc_info"))} for line in errors] == []
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    left = {query.id for query in rig.door.bot.queries.unanswered()}
    assert left & set(noise.keys) == set()
    tasks, total = await rig.database.tasks.page()
    assert total == 1
    assert tasks[0].id == run.task


def _start(person: int) -> dict[str, Any]:
    chat = {"id": person, "type": "private", "first_name": "Op"}
    user = {"id": person, "is_bot": False, "first_name": "Op"}
    return {"message_id": 1, "date": 1, "chat": chat, "from": user, "text": "/start"}
