"""How search bots behave badly, by keyword: scripted by tests and by the control routes."""

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class SearchRule:
    """For one keyword or all (None), one bot's username or all, `times` or for ever (None)."""

    kind: str
    keyword: str | None = None
    bot: str | None = None
    times: int | None = None
    seconds: float = 0.0

    def fits(self, bot: str, keyword: str) -> bool:
        wanted = self.keyword is None or self.keyword.lower() == keyword.lower()
        return wanted and self.bot in (None, bot) and self.times != 0


class SearchRules:
    def __init__(self) -> None:
        self._rules: list[SearchRule] = []

    def slow(
        self,
        seconds: float,
        *,
        keyword: str | None = None,
        bot: str | None = None,
        times: int | None = None,
    ) -> None:
        """Answers, and pages that are turned, come this much later."""
        self._add("slow", keyword, bot, times, seconds)

    def silent(
        self, *, keyword: str | None = None, bot: str | None = None, times: int | None = None
    ) -> None:
        """The bot says nothing; its buttons time out."""
        self._add("silent", keyword, bot, times)

    def nothing(
        self, *, keyword: str | None = None, bot: str | None = None, times: int | None = None
    ) -> None:
        """The bot finds nothing, whatever exists."""
        self._add("nothing", keyword, bot, times)

    def busy(
        self, *, keyword: str | None = None, bot: str | None = None, times: int | None = None
    ) -> None:
        """The bot says that one should try again later."""
        self._add("busy", keyword, bot, times)

    def suspicious(
        self, *, keyword: str | None = None, bot: str | None = None, times: int | None = 1
    ) -> None:
        """The bot wants once more to be shown that one is no robot."""
        self._add("suspicious", keyword, bot, times)

    def stuck(
        self, *, keyword: str | None = None, bot: str | None = None, times: int | None = None
    ) -> None:
        """The bot answers, but turns no page."""
        self._add("stuck", keyword, bot, times)

    def placeholder(
        self,
        seconds: float,
        *,
        keyword: str | None = None,
        bot: str | None = None,
        times: int | None = None,
    ) -> None:
        """The bot says at once that it searches, and edits that into its answer this much later."""
        self._add("placeholder", keyword, bot, times, seconds)

    def clear(self) -> None:
        self._rules.clear()

    def take(self, kind: str, bot: str, keyword: str) -> SearchRule | None:
        """The first rule of that kind that fits; it is spent by one."""
        for rule in self._rules:
            if rule.kind == kind and rule.fits(bot, keyword):
                if rule.times is not None:
                    rule.times -= 1
                return rule
        return None

    def _add(
        self, kind: str, keyword: str | None, bot: str | None, times: int | None, seconds: float = 0
    ) -> None:
        rule = SearchRule(kind=kind, keyword=keyword, bot=bot, times=times, seconds=seconds)
        self._rules.append(rule)
