"""Search bots in the accounts' boxes: what is sent to them, and what they answer and edit."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from telethon.tl import types

from sandbox.box import Peer
from sandbox.chat import Written
from sandbox.mtproto.later import Later
from sandbox.people import SearchBot
from sandbox.search.answers import Answer, Talk
from sandbox.search.letter import Letter
from sandbox.search.rules import SearchRules

if TYPE_CHECKING:
    from sandbox.mtproto.door import MtprotoDoor

KEPT_RANDOM_IDS = 50_000
ANSWER_SECONDS = 0.02
"""How long an answer takes at least: it comes after the message that it answers was taken."""


class SearchDesk:
    """`rules` script what goes wrong."""

    def __init__(self, door: "MtprotoDoor", later: Later) -> None:
        self._door = door
        self._world = door.world
        self._later = later
        self.rules = SearchRules()
        self._talks: dict[tuple[int, int], Talk] = {}
        self._random_ids: dict[tuple[int, int], None] = {}

    def is_new(self, account: int, random_id: int) -> bool:
        """Whether the account sends something under this number for the first time."""
        if (account, random_id) in self._random_ids:
            return False
        self._random_ids[account, random_id] = None
        if len(self._random_ids) > KEPT_RANDOM_IDS:
            del self._random_ids[next(iter(self._random_ids))]
        return True

    def send(self, account: int, bot: SearchBot, text: str) -> int:
        """The account's message to the bot. Returns its id; what the bot says comes later."""
        box, now = self._world.box(account), int(time.time())
        peer = Peer("user", bot.id)
        message_id = box.post(peer, now, lambda one: _written(one, account, bot.id, now, text))
        self._door.counters.searched(account, bot.username)
        answer = self._talk(account, bot).hear(text)
        if answer.meanwhile is not None:
            self._later.after(ANSWER_SECONDS, lambda: self._promise(account, bot, text, answer))
        elif answer.letter is not None:
            self._after(answer, lambda: self._say(account, bot, text, answer.letter))
        return message_id

    def press(self, account: int, bot: SearchBot, message_id: int, data: str) -> Answer | None:
        """A button. The message is edited later; None: the bot does not answer."""
        self._door.counters.searched(account, bot.username)
        answer = self._talk(account, bot).press(message_id, data)
        if answer is not None and answer.letter is not None:
            self._after(answer, lambda: self._edit(account, bot, message_id, answer.letter))
        return answer

    def _promise(self, account: int, bot: SearchBot, words: str, answer: Answer) -> None:
        """Something first, which becomes the answer."""
        said = self._say(account, bot, words, answer.meanwhile)
        self._after(answer, lambda: self._edit(account, bot, said, answer.letter))

    def _say(self, account: int, bot: SearchBot, words: str, letter: Letter) -> int:
        box, now = self._world.box(account), int(time.time())
        message_id = box.post(
            Peer("user", bot.id), now, lambda one: _from_bot(one, bot, now, letter)
        )
        self._talk(account, bot).searches[message_id] = words.strip()
        return message_id

    def _edit(self, account: int, bot: SearchBot, message_id: int, letter: Letter) -> None:
        box = self._world.box(account)
        if box.peer(message_id) is not None:
            date, now = box.date(message_id), int(time.time())
            box.edit(message_id, _from_bot(message_id, bot, date, letter, edited=now))

    def _talk(self, account: int, bot: SearchBot) -> Talk:
        key = account, bot.id
        if key not in self._talks:
            self._talks[key] = Talk(self._world, bot, self.rules)
        return self._talks[key]

    def _after(self, answer: Answer, act: Callable[[], object]) -> None:
        self._later.after(max(ANSWER_SECONDS, answer.seconds), act)


def _written(message_id: int, account: int, bot_id: int, date: int, text: str) -> Written:
    message = types.Message(
        id=message_id,
        peer_id=types.PeerUser(bot_id),
        from_id=types.PeerUser(account),
        date=datetime.fromtimestamp(date, UTC),
        message=text,
        out=True,
    )
    return Written(bytes(message), (account, bot_id), ())


def _from_bot(
    message_id: int, bot: SearchBot, date: int, letter: Letter, *, edited: int | None = None
) -> Written:
    message = types.Message(
        id=message_id,
        peer_id=types.PeerUser(bot.id),
        date=datetime.fromtimestamp(date, UTC),
        message=letter.text,
        entities=letter.entities or None,
        reply_markup=letter.markup,
        edit_date=edited and datetime.fromtimestamp(edited, UTC),
    )
    return Written(bytes(message), (bot.id,), ())
