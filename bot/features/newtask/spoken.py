"""Numbers, days and times of the day as people type them, in English and Chinese. All pure."""

import re
from datetime import date, time, timedelta

from core.pasted import tidy

_DIGITS = {sign: number for number, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_NUMERAL = re.compile(
    r"(?<![周期拜])[零〇一二两三四五六七八九十百]+"
    r"(?=\s*(?:个|点|时|分|刻|小时|钟头|天|日|周|星期|礼拜|月|年|条|万|千|号))"
)
_WORDS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "sixty": 60,
    "ninety": 90,
}
_WORD = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b")
_PART = r"(morning|afternoon|evening|night)"
_BARE = r"(\d{1,2}(?:[:.]\d{2})?)(?![\d:.]|\s*[ap]\.?\s?m\b)"
_PART_BEFORE = re.compile(rf"\b(?:every|each)\s+{_PART}\s+(?:at\s+)?{_BARE}")
_PART_BEHIND = re.compile(rf"\b{_BARE}\s*(?:o'?clock\s+)?(?:in\s+the|at)\s+{_PART}\b")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_NTH = r"(?:st|nd|rd|th)?"
_WHOLE = r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}(?:\s*[日号])?"
_GERMAN = r"\d{1,2}\.\d{1,2}\.\d{4}"
_MONTH_FIRST = rf"\b{_MONTH}\s*\d{{1,2}}{_NTH}\b(?:,?\s*\d{{4}})?"
_DAY_FIRST = rf"\b\d{{1,2}}{_NTH}\s+(?:of\s+)?{_MONTH}(?:,?\s*\d{{4}})?"
_CHINESE = r"\d{1,2}\s*月\s*\d{1,2}\s*[日号]?"
_NEAR = {
    "today": 0,
    "tonight": 0,
    "今天": 0,
    "今日": 0,
    "今晚": 0,
    "day after tomorrow": 2,
    "tomorrow": 1,
    "明天": 1,
    "明日": 1,
    "大后天": 3,
    "后天": 2,
    "day before yesterday": -2,
    "yesterday": -1,
    "昨天": -1,
    "昨日": -1,
    "前天": -2,
}
DAY = "|".join(
    (_WHOLE, _GERMAN, _MONTH_FIRST, _DAY_FIRST, _CHINESE, *(rf"(?:the\s+)?{one}" for one in _NEAR))
)
"""A pattern for one day; `day_of` says which."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAY = (
    r"(?:\b(?:mon(?:day)?|tues?(?:day)?|wed(?:s|nesday)?|thu(?:rs?)?(?:day)?|fri(?:day)?"
    r"|sat(?:urday)?|sun(?:day)?)s?\b|(?:周|星期|礼拜)\s*[一二三四五六日天1-7])"
)
"""A pattern for one day of the week; `weekday_of` says which."""

_PERIODS = {
    "凌晨": "morning",
    "清晨": "morning",
    "早上": "morning",
    "早晨": "morning",
    "上午": "morning",
    "中午": "noon",
    "下午": "noon",
    "午后": "noon",
    "傍晚": "night",
    "晚上": "night",
    "夜里": "night",
    "晚": "night",
    "早": "morning",
}
_PERIOD = "|".join(_PERIODS)
_HALF_DAY = r"[ap]\.?\s?m\b\.?"
CLOCK = (
    rf"(?:(?:{_PERIOD})\s*)?(?<!\d)\d{{1,2}}\s*(?:点钟?|时)(?:\s*(?:半|[13]\s*刻|\d{{1,2}}(?![\d月年/.:-])\s*分?))?"
    rf"|(?:(?:{_PERIOD})\s*)?(?<!\d)\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?!\d)(?:\s*{_HALF_DAY})?"
    rf"|(?<![\d.:])\d{{1,2}}(?:\.\d{{2}})?\s*{_HALF_DAY}"
    r"|(?<![\d.])\d{1,2}\.\d{2}(?![\d.])|\b\d{1,2}\s*o'?\s?clock\b|\bat\s+\d{1,2}(?![\d:.点时]|\s*[ap]\.?\s?m\b)"
    r"|\b(?:at\s+)?(?:noon|midday|midnight)\b|正午|中午|午夜|半夜"
)
"""A pattern for a time of the day; `clock_of` says which."""

_NAMED_TIMES = {
    "noon": 12,
    "midday": 12,
    "midnight": 0,
    "正午": 12,
    "中午": 12,
    "午夜": 0,
    "半夜": 0,
}


def plain(text: str) -> str:
    """The text on a plain keyboard, in lower case, numerals as digits, parts of a day as am, pm."""
    digits = _NUMERAL.sub(lambda match: _number(match[0]), tidy(text).lower())
    digits = _WORD.sub(lambda match: str(_WORDS[match[0]]), digits)
    digits = _PART_BEFORE.sub(lambda m: f"every day {m[2]}{_half(m[1], m[2])}", digits)
    digits = _PART_BEHIND.sub(lambda m: f"{m[1]}{_half(m[2], m[1])}", digits)
    return re.sub(r"(?<=\d)t(?=\d)", " ", digits)


def day_of(text: str, today: date, *, past: bool = False) -> date:
    """The day that a match of `DAY` names; without a year the next such day, or the last one.
    Raises ValueError where there is no such day.
    """
    named = re.sub(r"^the\s+", "", text.strip())
    if named in _NEAR:
        return today + timedelta(days=_NEAR[named])
    month = re.search(_MONTH, named)
    numbers = [int(part) for part in re.findall(r"\d+", named)]
    if month is not None:
        numbers.insert(0, _MONTHS.index(month[0][:3]) + 1)
        return _of_year(numbers, today, past=past)
    if re.fullmatch(_GERMAN, named):
        return date(numbers[2], numbers[1], numbers[0])
    return date(*numbers) if len(numbers) == 3 else _of_year(numbers, today, past=past)


def weekday_of(text: str) -> int:
    """Monday is 0."""
    sign = text.strip()[-1]
    if sign in "一二三四五六":
        return "一二三四五六".index(sign)
    if sign in "日天7":
        return 6
    return int(sign) - 1 if sign.isdigit() else WEEKDAYS.index(text.strip()[:3])


def clock_of(text: str) -> time:
    """The time that a match of `CLOCK` names. Raises ValueError where there is no such time."""
    named = re.sub(r"^at\s+", "", text.strip())
    if named in _NAMED_TIMES:
        return time(_NAMED_TIMES[named])
    numbers = [int(part) for part in re.findall(r"\d+", named)]
    hour, minute = numbers[0], numbers[1] if len(numbers) > 1 else 0
    if "刻" in named:
        minute *= 15
    elif named.endswith("半"):
        minute = 30
    half = re.search(r"([ap])\.?\s?m", named)
    if half is not None:
        if not 1 <= hour <= 12:
            raise ValueError(named)
        return time(hour % 12 + (12 if half[1] == "p" else 0), minute)
    period = next((word for word in _PERIODS if named.startswith(word)), None)
    return time(hour if period is None else _in_period(hour, _PERIODS[period]), minute)


def _in_period(hour: int, part: str) -> int:
    """`下午3点` is 15, as is `下午15点`; `晚上12点` is midnight, `晚上1点` is after it."""
    if part == "noon":
        return hour + 12 if 1 <= hour < 10 else hour
    if hour == 12:
        return 0
    return hour + 12 if part == "night" and 4 < hour < 12 else hour


def _of_year(numbers: list[int], today: date, *, past: bool) -> date:
    """A month and a day, with their year or without."""
    if len(numbers) == 3:
        return date(numbers[2], numbers[0], numbers[1])
    years = [today.year + step for step in ((0, -1, -2, -3, -4) if past else (0, 1, 2, 3, 4))]
    for year in years:
        if numbers == [2, 29] and not (year % 4 == 0 and (year % 100 or year % 400 == 0)):
            continue
        found = date(year, *numbers)
        if found <= today if past else found >= today:
            return found
    return date(years[0], *numbers)


def _half(part: str, clock: str) -> str:
    """Which half of the day a part of it is, for a time without one."""
    hour = int(re.split(r"[:.]", clock)[0])
    if not 1 <= hour <= 12:
        return ""
    return "am" if part == "morning" or (part == "night" and hour in {12, 1, 2, 3, 4}) else "pm"


def _number(numeral: str) -> str:
    """Chinese numerals up to 999 in digits."""
    total, last = 0, 0
    for sign in numeral:
        if sign in "十百":
            total += (last or 1) * (10 if sign == "十" else 100)
            last = 0
        else:
            last = last * 10 + _DIGITS[sign] if last or sign in "零〇" else _DIGITS[sign]
    return str(total + last)
