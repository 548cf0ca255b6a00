"""Why what goes by the clock waits."""

from bot.formatting import span
from bot.i18n import Html, Texts
from core.trusted_clock import ClockSign, Verdict


def clock_line(texts: Texts, sign: ClockSign | None) -> Html | None:
    """What is wrong with a worker's clock, and what to do; None when nothing is."""
    if sign is None or sign.verdict is Verdict.AGREED or sign.source is None:
        return None
    if sign.verdict is Verdict.UNPROVEN:
        return texts("clock-unproven", source=str(sign.source))
    if sign.ahead is None:
        return texts("clock-set")
    key = "clock-ahead" if sign.ahead > 0 else "clock-behind"
    return texts(key, span=span(texts, abs(sign.ahead)), source=str(sign.source))
