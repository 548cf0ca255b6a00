"""What a search bot answers: to words, and to a button."""

from dataclasses import dataclass

from sandbox.people import SearchBot
from sandbox.search import layout
from sandbox.search.hits import find
from sandbox.search.letter import Letter
from sandbox.search.rules import SearchRules
from sandbox.world import World

_HUMAN = "human"
_WELCOME = {
    "button": "✅ 验证成功!发送关键词即可搜索群组和频道。",
    "start": "Welcome! Send me a word and I will find groups and channels.",
}
_SEARCHING = {"button": "🔍 正在搜索,请稍候…", "start": "Searching…"}
_BUSY = {"button": "系统繁忙,请稍后再试。", "start": "Too many requests. Please try again later."}


@dataclass(slots=True)
class Answer:
    """`letter` comes after `seconds`; None: never. `toast`: what pressing a button shows.
    `meanwhile` is there at once, and is edited into it."""

    letter: Letter | None
    seconds: float = 0.0
    meanwhile: Letter | None = None
    toast: str | None = None


class Talk:
    """One account and one bot. `searches`: id of an answer -> the words that it answers."""

    def __init__(self, world: World, bot: SearchBot, rules: SearchRules) -> None:
        self._world = world
        self._bot = bot
        self._rules = rules
        self.admitted = False
        self.searches: dict[int, str] = {}

    def hear(self, text: str) -> Answer:
        """A message to the bot."""
        words = text.strip()
        if words.startswith("/"):
            return Answer(self._command(words))
        if self._take("suspicious", words):
            self.admitted = False
        if not self.admitted:
            return Answer(self._challenge())
        if self._take("silent", words):
            return Answer(None)
        if rule := self._rules.take("placeholder", self._bot.username, words):
            searching = Letter().add(_SEARCHING[self._bot.greeting])
            return Answer(self._page(words, 0), rule.seconds, meanwhile=searching)
        return Answer(self._page(words, 0), self._slowness(words))

    def press(self, message_id: int, data: str) -> Answer | None:
        """A button under one of its messages; None: no answer ever."""
        if data == _HUMAN:
            self.admitted = True
            return Answer(Letter().add(_WELCOME["button"]), toast="OK")
        words = self.searches.get(message_id)
        if words is None or not data.startswith("page:"):
            return Answer(None)
        if self._take("silent", words) or self._take("stuck", words):
            return None
        return Answer(self._page(words, int(data.removeprefix("page:"))), self._slowness(words))

    def _command(self, words: str) -> Letter:
        if (
            words.split(maxsplit=1)[0].partition("@")[0] == "/start"
            and self._bot.greeting == "start"
        ):
            self.admitted = True
        return Letter().add(_WELCOME["start"]) if self.admitted else self._challenge()

    def _challenge(self) -> Letter:
        if self._bot.greeting == "start":
            return Letter().add("Please press /start first.")
        letter = Letter().add("⚠️ 首次使用请先完成人机验证,点击下方按钮。")
        letter.rows = [[letter.button("✅ 我不是机器人", data=_HUMAN)]]
        return letter

    def _page(self, words: str, number: int) -> Letter:
        if self._take("busy", words):
            return Letter().add(_BUSY[self._bot.greeting])
        size = self._bot.page_size
        hits = [] if self._take("nothing", words) else find(self._world, words, page_size=size)
        if not 0 <= number * size < len(hits):
            return layout.nothing(self._bot.style, words)
        return layout.page(self._bot.style, words, hits, number, size)

    def _slowness(self, words: str) -> float:
        rule = self._rules.take("slow", self._bot.username, words)
        return rule.seconds if rule else 0.0

    def _take(self, kind: str, words: str) -> bool:
        return self._rules.take(kind, self._bot.username, words) is not None
