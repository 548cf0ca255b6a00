"""Times, rhythms, spans and dates, in English and Chinese, with any signs of any keyboard."""

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from bot_rig import CLOCK, Rig
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BotError
from bot.features.newtask import keeping
from bot.features.newtask.draft import Draft
from bot.features.newtask.forms import Partly, read_what, read_when
from bot.features.newtask.schedule import pressed, schedule_line
from bot.i18n import LANGUAGES, Locales
from core.options import HistoryOptions
from core.run import Run
from core.schedule import next_due
from core.task import Quiet, Schedule, ScheduleKind, TaskSpec

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
"""A Tuesday, 20:00 in Shanghai."""

CLOCKS = {
    time(
        9
    ): "09:00|9:00|９：００|9am|9 am|9 a.m.|9AM|9:00 am|at 9|at 9am|9 o'clock|9点|9点钟|九点|9时"
    "|上午9点|早上九点|9.00|09:00:00|9：00"
    "|nine in the morning|9 in the morning|every morning at 9|every morning at nine",
    time(9, 30): "9:30|9.30am|9点半|9点30分|9点30|九点半|上午9点半|9时30分",
    time(9, 15): "9:15|9点一刻|9点15分",
    time(21): "9 at night|9 in the evening|every evening at 9|21:00|9pm|9 p.m.|9:00 pm|21点|晚上9点"
    "|晚上九点|晚9点|夜里9点",
    time(15): "15:00|3pm|下午3点|下午三点|午后3点|下午15点",
    time(12): "12:00|noon|midday|12pm|中午|正午|中午12点|十二点|下午12点",
    time(0): "00:00|0:00|midnight|12am|午夜|半夜|零点|晚上12点|凌晨12点",
    time(1): "01:00|1am|凌晨1点|凌晨一点|晚上1点",
    time(2): "02:00|两点|凌晨两点",
    time(13): "13:00|1pm|下午1点|中午1点",
}
TIMES = [(text, at) for at, texts in CLOCKS.items() for text in texts.split("|")]

DAYS = {
    "1": "mon|monday|mondays|every monday|on mondays|Mon|周一|星期一|礼拜一|每周一"
    "|每个星期一|每周 一",
    "2": "tue|tues|tuesday|周二|星期二",
    "3": "wed|wednesday|wednesdays|礼拜三",
    "4": "thu|thur|thurs|thursday|周四",
    "5": "fri|friday|fridays|每周五",
    "6": "sat|saturday|周六|星期六",
    "0": "sun|sunday|周日|周天|星期日|星期天|礼拜天",
    "1-5": "weekdays|on weekdays|every weekday|workdays|working days|mon-fri|mon - fri"
    "|monday to friday"
    "|monday through friday|工作日|每个工作日|周一到周五|周一至周五"
    "|星期一到星期五|周一~五|周一二三四五",
    "6,0": "weekends|weekend|sat-sun|sat, sun|周末|双休日|周六周日|周六、周日|周六日",
    "1,3,5": "mon, wed, fri|mon/wed/fri|mon wed fri|monday, wednesday and friday|周一、周三、周五"
    "|周一三五|周一，三，五|周一和周三和周五",
    "1,6,0": "sat-mon|周六到周一",
    "*": "daily|every day|each day|每天|每日",
}
WEEKS = [(text, field) for field, texts in DAYS.items() for text in texts.split("|")]

RHYTHMS = {
    timedelta(minutes=1): "1m|every minute|每分钟",
    timedelta(
        minutes=30
    ): "30m|30 min|30 mins|every 30 minutes|30分|30分钟|每30分钟|每三十分钟|半小时"
    "|每半小时"
    "|half an hour|every half hour|３０分钟",
    timedelta(hours=1): "1h|1 hr|hourly|every hour|每小时|每个小时|每1小时|一小时|60m",
    timedelta(hours=1, minutes=30): "1h30m|1h 30m|1.5h|一个半小时|90m",
    timedelta(hours=2): "2h|2 hrs|every 2 hours|every two hours"
    "|每2小时|每两小时|每两个小时|每隔2小时|2个小时|两小时",
    timedelta(days=1): "1d|24h|daily|every day|每天|每日|一天",
    timedelta(days=2): "2d|2 days|every 2 days|every other day|每2天|每两天|隔两天",
    timedelta(weeks=1): "1w|1 week|weekly|every week|每周|每星期|一周|每个礼拜|7d",
    timedelta(weeks=2): "2w|2 weeks|every other week|每两周|两个星期",
}

ONCE = {
    "2026-03-11 09:00": "tomorrow 9:00|tomorrow at 9am|9am tomorrow"
    "|明天9点|明天 9:00|明天上午9点|明早9点",
    "2026-03-10 23:30": "today 23:30|tonight 23:30|今天 23:30|今晚11点半",
    "2026-03-12 09:00": "day after tomorrow 9:00|the day after tomorrow at 9|后天9点",
    "2026-03-16 09:00": "next monday 9:00|下周一 9点|coming monday at 9am",
    "2026-03-10 22:00": "in 2 hours|in 2h|2小时后|两个小时后|2 hours later|2h from now",
    "2026-03-10 21:00": "in an hour|一小时后|1小时之后",
    "2026-03-10 20:30": "in 30 minutes|半小时后|in half an hour",
    "2030-01-31 18:30": "2030-01-31 18:30|2030-01-31T18:30|2030/1/31 6:30pm"
    "|2030年1月31日 18:30|2030.1.31 18:30"
    "|31.01.2030 18:30|Jan 31 2030 18:30|January 31st, 2030 at 6:30 pm|31 January 2030 18:30"
    "|２０３０－０１－３１ １８：３０|2030年1月31日下午6点半",
    "2026-12-31 09:00": "12月31日 9点|31 dec 9:00|dec 31 9am|十二月三十一日九点",
}

QUIETS = [
    "quiet 22:00-07:00",
    "quiet hours 10pm to 7am",
    "quiet from 22:00 to 07:00",
    "Quiet 22:00–07:00",
    "22:00-07:00 quiet",
    "静默 22:00-07:00",
    "静默22点到7点",
    "免打扰 22:00 至 7:00",
    "静默时段：22：００－０７：００",
    "勿扰晚上10点到早上7点",
]
UNTILS = [
    "until 2026-12-31",
    "till 31 dec",
    "until Dec 31, 2026",
    "ends on 2026/12/31",
    "至 2026-12-31",
    "到2026年12月31日为止",
    "截至 2026-12-31",
    "2026年12月31日止",
    "直到 12月31日",
    "until 31.12.2026",
]
SEPARATORS = (" ", "\n", ", ", "，", "; ", "；", "、", "\t", " \u200b", "\u3000", ",\n", " and ")
QUIET, END = (
    Quiet(start=time(22), end=time(7)),
    datetime(2026, 12, 31, 15, 59, 59, 999000, tzinfo=UTC),
)


def read(text: str, before: Schedule | None = None) -> Schedule:
    return read_when(text, ZONE, NOW, before)


@pytest.mark.parametrize(("text", "at"), TIMES)
def test_a_time_alone_is_every_day(text: str, at: time) -> None:
    assert read(text) == Schedule(kind=ScheduleKind.DAILY, daily_at=at, time_zone=ZONE.key)


@pytest.mark.parametrize(("text", "field"), WEEKS)
def test_days_of_the_week_with_a_time_before_or_behind(text: str, field: str) -> None:
    glued = () if text.isascii() else (f"{text}9点",)
    for written in (
        *glued,
        f"{text} 9:00",
        f"{text} at 9am",
        f"{text}上午9点",
        f"9:00 {text}",
    ):
        schedule = read(written)
        if field == "*":
            assert schedule.daily_at == time(9), written
        else:
            assert (schedule.kind, schedule.cron) == (ScheduleKind.CRON, f"0 9 * * {field}"), (
                written
            )


@pytest.mark.parametrize(
    ("text", "every"),
    [(text, every) for every, texts in RHYTHMS.items() for text in texts.split("|")],
)
def test_every_so_often(text: str, every: timedelta) -> None:
    assert read(text) == Schedule(kind=ScheduleKind.EVERY, every=every)


@pytest.mark.parametrize(
    ("text", "local"), [(text, local) for local, texts in ONCE.items() for text in texts.split("|")]
)
def test_once(text: str, local: str) -> None:
    at = datetime.fromisoformat(local).replace(tzinfo=ZONE).astimezone(UTC)
    assert read(text) == Schedule(kind=ScheduleKind.AT, at=at)


@pytest.mark.parametrize(
    ("text", "cron"),
    [
        ("9:00, 18:00", "0 9,18 * * *"),
        ("9点和18点", "0 9,18 * * *"),
        ("every monday and friday at 9:00 and 18:00", "0 9,18 * * 1,5"),
        ("monthly 1 9:00", "0 9 1 * *"),
        ("每月1号 9点", "0 9 1 * *"),
        ("every month on the 15th at 9am", "0 9 15 * *"),
        ("weekly on monday 9:00", "0 9 * * 1"),
        ("每周 周一 9:00", "0 9 * * 1"),
    ],
)
def test_more_times_and_days(text: str, cron: str) -> None:
    assert read(text).cron == cron


@given(
    st.sampled_from(
        ["9am", "09:00", "每天9点", "mon 9:00", "工作日 9点", "每2小时", "1w", "0 9 * * 1-5"]
    ),
    st.none() | st.sampled_from(QUIETS),
    st.none() | st.sampled_from(UNTILS),
    st.sampled_from(SEPARATORS),
    st.sampled_from(SEPARATORS),
    st.booleans(),
)
def test_one_line_holds_a_time_quiet_hours_and_an_end(
    when: str, quiet: str | None, until: str | None, one: str, other: str, swapped: bool
) -> None:
    bounds = [part for part in (quiet, until) if part is not None]
    first, *rest = [when, *(reversed(bounds) if swapped else bounds)]
    text = first + "".join(gap + part for gap, part in zip((one, other), rest, strict=False))
    schedule, alone = read(text), read(when)
    assert (schedule.kind, schedule.every, schedule.daily_at, schedule.cron) == (
        alone.kind,
        alone.every,
        alone.daily_at,
        alone.cron,
    ), text
    assert schedule.quiet == (QUIET if quiet else None), text
    assert schedule.ends_at == (END if until else None), text


@pytest.mark.parametrize(
    ("text", "key", "part"),
    [
        ("9:00 except holidays", "wizard-when-not-understood", "except holidays"),
        ("sometimes", "wizard-when-not-understood", "sometimes"),
        ("9:00 火星时间", "wizard-when-not-understood", "火星时间"),
        ("25:00", "wizard-when-not-understood", "25:00"),
        ("9:61", "wizard-when-not-understood", "9:61"),
        ("13pm", "wizard-when-not-understood", "13pm"),
        ("mon", "wizard-when-no-time", "mon"),
        ("tomorrow", "wizard-when-no-time", "tomorrow"),
        ("工作日", "wizard-when-no-time", "工作日"),
        ("weekly 9:00", "wizard-when-no-day", "weekly 9:00"),
        ("every 2 hours at 9:00", "wizard-when-two-times", "every 2 hours at 9:00"),
        ("mon 9:00 tomorrow", "wizard-when-two-times", "mon 9:00 tomorrow"),
        ("9:00 18:30", "wizard-when-two-times", "9:00 18:30"),
    ],
)
def test_what_is_not_understood_is_named(text: str, key: str, part: str) -> None:
    with pytest.raises(BotError) as caught:
        read(text)
    assert (caught.value.key, caught.value.values["part"]) == (key, part)
    for language in LANGUAGES:
        texts = Locales().of(language)
        assert part in texts.plain(key, **caught.value.values)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("09:00 quiet 25:00-07:00", "wizard-when-not-understood"),
        ("09:00 quiet", "wizard-when-not-understood"),
        ("09:00 until whenever", "wizard-when-not-understood"),
        ("09:00 until 2026-02-30", "wizard-no-such-day"),
        ("09:00 until 2020-01-01", "wizard-when-past"),
        ("09:00 quiet 9:00-9:00", "wizard-quiet-empty"),
    ],
)
def test_a_bad_part_leaves_the_good_ones(text: str, key: str) -> None:
    with pytest.raises(Partly) as caught:
        read(text)
    assert caught.value.key == key
    assert caught.value.good == read("09:00")
    with pytest.raises(Partly) as caught:
        read("sometimes, quiet 22:00-07:00", read("09:00"))
    assert caught.value.good == read("09:00 quiet 22:00-07:00")


FRAGMENTS = [
    *SEPARATORS,
    *QUIETS,
    *UNTILS,
    *(text for text, _ in TIMES),
    *(text for text, _ in WEEKS),
]


@given(st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=6), max_size=8).map("".join))
def test_any_mixture_is_understood_or_refused_and_can_be_shown(text: str) -> None:
    try:
        schedule = read(text, read("8:00"))
    except Partly as error:
        schedule = error.good
    except BotError:
        return
    for language in LANGUAGES:
        assert schedule_line(Locales().of(language), schedule, ZONE, NOW)
    if schedule.kind is not ScheduleKind.NOW:
        due = next_due(schedule, NOW)
        assert due is None or due > NOW


AMOUNTS = {
    None: "all|everything|全部|所有",
    500: "500|last 500|newest 500 messages|500 posts|最新500条|500 条|５００|五百条",
    5_000: "5000|5,000|5，000|5 000|5.000|5k|五千|5千条",
    20_000: "20k|2万|两万条|2w条|20 thousand",
}
SPANS = {
    timedelta(days=7): "7d|7 days|last 7 days|past week|last week|1w|a week"
    "|最近7天|近7天|７天|一周|最近一周|过去七天",
    timedelta(days=14): "2w|2 weeks|last 2 weeks|两周|两周内|最近两个星期",
    timedelta(days=90): "90d|3 months|three months|last 3 months|三个月|最近3个月|90天",
    timedelta(days=365): "1y|a year|1 year|一年|最近一年",
    timedelta(days=1): "1d|24h|last 24 hours|最近24小时|一天|last day",
    timedelta(hours=36): "36h|36小时|last 36 hours",
    timedelta(days=182): "半年|half a year",
}
SINCE = {
    "2026-01-31": "2026-01-31|since 2026/1/31|from 2026.1.31|2026年1月31日"
    "|2026年1月31日起|自2026-01-31以来"
    "|31.01.2026|Jan 31 2026|31 January 2026|1月31日|jan 31|２０２６－０１－３１",
    "2026-03-10": "today|今天|since today",
    "2026-03-09": "yesterday|昨天|昨天至今|从昨天起|this week|本周|这周",
    "2026-03-01": "this month|本月|这个月|2026-03|2026年3月",
    "2026-01-01": "this year|今年|2026年",
    "2025-01-01": "去年|2025年",
}


@pytest.mark.parametrize(
    ("text", "limit"),
    [(text, limit) for limit, texts in AMOUNTS.items() for text in texts.split("|")],
)
def test_a_number_of_messages(text: str, limit: int | None) -> None:
    assert read_what(text, ZONE, NOW) == HistoryOptions(limit=limit)


@pytest.mark.parametrize(
    ("text", "last"), [(text, last) for last, texts in SPANS.items() for text in texts.split("|")]
)
def test_a_span_until_now(text: str, last: timedelta) -> None:
    assert read_what(text, ZONE, NOW) == HistoryOptions(since=NOW - last, last=last)


@pytest.mark.parametrize(
    ("text", "first"),
    [(text, first) for first, texts in SINCE.items() for text in texts.split("|")],
)
def test_a_first_day(text: str, first: str) -> None:
    midnight = datetime.fromisoformat(first).replace(tzinfo=ZONE).astimezone(UTC)
    assert read_what(text, ZONE, NOW) == HistoryOptions(since=midnight)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01..2026-01-31",
        "2026-01-01 - 2026-01-31",
        "from 1 jan to 31 jan",
        "between Jan 1 and Jan 31, 2026",
        "2026年1月1日到2026年1月31日",
        "从1月1日到1月31日",
        "2026-01..2026-01",
        "２０２６－０１－０１至２０２６－０１－３１",
    ],
)
def test_a_range_of_days(text: str) -> None:
    history = read_what(text, ZONE, NOW)
    assert history.since is not None
    assert history.until is not None
    assert history.since.astimezone(ZONE).date() == date(2026, 1, 1)
    assert history.until.astimezone(ZONE).date() == date(2026, 1, 31)


@given(
    st.text(max_size=30)
    | st.lists(st.sampled_from([*"0123456789.dhwk年月日天 -/", "last ", "since "])).map("".join)
)
def test_any_amount_is_understood_or_refused(text: str) -> None:
    with suppress(BotError):
        history = read_what(text, ZONE, NOW)
        assert history.limit is None or history.limit > 0


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("30", 30),
        ("９０天", 90),
        ("90d", 90),
        ("3 months", 90),
        ("三个月", 90),
        ("2周", 14),
        ("forever", None),
        ("永久", None),
    ],
)
def test_for_how_long_messages_are_kept(text: str, days: int | None) -> None:
    assert keeping.read(Draft(keep_days=5), text).keep_days == days


def test_the_last_days_of_a_repeating_task_roll_and_a_date_stays() -> None:
    rolling = TaskSpec(sources=("@one",), history=read_what("last 7 days", ZONE, NOW))
    fixed = TaskSpec(sources=("@one",), history=read_what("2026-03-03", ZONE, NOW))
    for days in (0, 1, 30, 400):
        later = NOW + timedelta(days=days)
        assert rolling.at(later).history.since == later - timedelta(days=7)
        assert fixed.at(later).history.since == fixed.history.since
    kept = TaskSpec(sources=("@one",), history=rolling.history, keep_days=3)
    assert kept.at(NOW).history.since == NOW - timedelta(days=3)


@pytest.mark.parametrize("language", LANGUAGES)
def test_weekly_times_are_shown_in_words(language: str) -> None:
    texts = Locales().of(language)
    lines = {
        schedule_line(texts, read(f"{text} 9:00"), ZONE, NOW)
        for text in ("mon", "weekdays", "weekends", "mon,wed", "monthly 3")
    }
    assert len(lines) == 5
    assert not [line for line in lines if "cron" in line.lower() or "* *" in line]
    assert "cron" in schedule_line(texts, read("*/5 * * * *"), ZONE, NOW).lower()


def test_a_weekly_time_has_a_button() -> None:
    assert pressed("weekly", "1", ZONE, NOW).cron == "0 9 * * 1"


async def test_a_line_with_everything_is_taken_and_its_run_reaches_back_from_its_beginning(
    rig: Rig,
) -> None:
    page = await rig.say("/newtask @harbour_news")
    await rig.press(page, "What to read")
    page = await rig.say("last 7 days")
    assert "Last 7 days" in page.text
    await rig.press(page, "When")
    await rig.until(page.id, "Or type")
    page = await rig.say("09:00 quiet 22:00-07:00 until whenever")
    assert "until whenever" in page.text
    assert "Every day at 09:00, quiet 22:00–07:00" in page.text
    page = await rig.say("每周一 9:00 until 2030-12-31")
    assert "Mondays at 09:00, quiet 22:00–07:00, until 2030-12-31" in page.text
    await rig.press(page, "Start")
    await rig.until(page.id, "Task #1 · Scheduled")
    [task], _ = await rig.database.tasks.page()
    for days in (0, 8):
        now = CLOCK.now() + timedelta(days=days)
        run = await rig.database.runs.open(task, due=now, now=now)
        assert isinstance(run, Run)
        since = (await rig.worker.get(run.id)).spec.history.since
        assert since is not None
        assert abs(since - (now - timedelta(days=7))) < timedelta(seconds=1)
        await rig.worker.finish(run)
