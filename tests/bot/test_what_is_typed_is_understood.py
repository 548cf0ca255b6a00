from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BotError
from bot.features.newtask.draft import Draft, from_data, to_data
from bot.features.newtask.forms import names_sources, read_what, read_when
from bot.formatting import day
from core.options import HistoryOptions
from core.task import Quiet, Schedule, ScheduleKind

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def last_days(days: int) -> HistoryOptions:
    return HistoryOptions(since=NOW - timedelta(days=days), last=timedelta(days=days))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("all", HistoryOptions()),
        ("全部", HistoryOptions()),
        ("5000", HistoryOptions(limit=5000)),
        ("10,000", HistoryOptions(limit=10_000)),
        ("10k", HistoryOptions(limit=10_000)),
        ("2万", HistoryOptions(limit=20_000)),
        ("500 条", HistoryOptions(limit=500)),
        ("7d", last_days(7)),
        ("last 30 days", last_days(30)),
        ("最近 90 天", last_days(90)),
        ("2026-01-31", HistoryOptions(since=datetime(2026, 1, 30, 16, tzinfo=UTC))),
        ("since 2026/1/31", HistoryOptions(since=datetime(2026, 1, 30, 16, tzinfo=UTC))),
        ("2026年1月31日", HistoryOptions(since=datetime(2026, 1, 30, 16, tzinfo=UTC))),
        (
            "至 2026-01-31",
            HistoryOptions(until=datetime(2026, 1, 31, 15, 59, 59, 999000, tzinfo=UTC)),
        ),
        (
            "2026-01-01..2026-01-31",
            HistoryOptions(
                since=datetime(2025, 12, 31, 16, tzinfo=UTC),
                until=datetime(2026, 1, 31, 15, 59, 59, 999000, tzinfo=UTC),
            ),
        ),
    ],
)
def test_how_much(text: str, expected: HistoryOptions) -> None:
    assert read_what(text, ZONE, NOW) == expected


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("0", "wizard-what-bad-count"),
        ("999999999999", "wizard-what-bad-count"),
        ("0d", "wizard-what-bad-days"),
        ("2026-02-30", "wizard-no-such-day"),
        ("2030-01-01", "wizard-what-future"),
        ("2026-02-01..2026-01-01", "wizard-what-backwards"),
        ("lots", "wizard-what-not-understood"),
        ("", "wizard-what-not-understood"),
    ],
)
def test_how_much_is_refused(text: str, key: str) -> None:
    with pytest.raises(BotError) as caught:
        read_what(text, ZONE, NOW)
    assert caught.value.key == key


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC", "Pacific/Kiritimati", "Pacific/Midway"])
@pytest.mark.parametrize("year", [1, 999, 1901, 1970, 2038, 9999])
def test_the_first_and_the_last_days_can_be_named_and_shown(year: int, zone: str) -> None:
    where = ZoneInfo(zone)
    for name in (f"{year:04d}-01-01", f"{year:04d}-12-31"):
        until = read_what(f"until {name}", where, NOW).until
        found = [until] if year > NOW.year else [until, read_what(name, where, NOW).since]
        for bound in found:
            assert bound is not None
            shown = date.fromisoformat(day(bound, where))
            assert abs(shown - date.fromisoformat(name)) <= timedelta(days=2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", Schedule()),
        ("立即", Schedule()),
        ("45m", Schedule(kind=ScheduleKind.EVERY, every=timedelta(minutes=45))),
        ("every 2 hours", Schedule(kind=ScheduleKind.EVERY, every=timedelta(hours=2))),
        ("每30分钟", Schedule(kind=ScheduleKind.EVERY, every=timedelta(minutes=30))),
        ("每隔 2 小时", Schedule(kind=ScheduleKind.EVERY, every=timedelta(hours=2))),
        ("3 天", Schedule(kind=ScheduleKind.EVERY, every=timedelta(days=3))),
        (
            "09:05",
            Schedule(kind=ScheduleKind.DAILY, daily_at=time(9, 5), time_zone="Asia/Shanghai"),
        ),
        (
            "每天 9:05",
            Schedule(kind=ScheduleKind.DAILY, daily_at=time(9, 5), time_zone="Asia/Shanghai"),
        ),
        (
            "tomorrow 09:00",
            Schedule(kind=ScheduleKind.AT, at=datetime(2026, 3, 11, 1, tzinfo=UTC)),
        ),
        (
            "今天 23:30",
            Schedule(kind=ScheduleKind.AT, at=datetime(2026, 3, 10, 15, 30, tzinfo=UTC)),
        ),
        (
            "2030-01-31 18:30",
            Schedule(kind=ScheduleKind.AT, at=datetime(2030, 1, 31, 10, 30, tzinfo=UTC)),
        ),
    ],
)
def test_when(text: str, expected: Schedule) -> None:
    assert read_when(text, ZONE, NOW) == expected


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("0m", "wizard-when-bad-interval"),
        ("999d", "wizard-when-bad-interval"),
        ("today 00:01", "wizard-when-past"),
        ("25:00", "wizard-when-not-understood"),
        ("sometimes", "wizard-when-not-understood"),
    ],
)
def test_when_is_refused(text: str, key: str) -> None:
    with pytest.raises(BotError) as caught:
        read_when(text, ZONE, NOW)
    assert caught.value.key == key


@given(st.text(max_size=40) | st.from_regex(r"[0-9 :./dhmk万天至-]{1,20}", fullmatch=True))
def test_any_text_is_understood_or_refused(text: str) -> None:
    for read in (read_what, read_when):
        with suppress(BotError):
            assert read(text, ZONE, NOW) is not None


def test_prose_is_not_taken_for_sources() -> None:
    assert names_sources("@one t.me/two https://t.me/three/5")
    assert not names_sources("hello there")
    assert not names_sources("")


@given(
    limit=st.none() | st.integers(1, 10**8),
    minutes=st.integers(1, 10_000),
    account=st.none() | st.integers(1, 99),
    at=st.datetimes(timezones=st.just(UTC)),
)
def test_a_draft_survives_its_plain_form(
    limit: int | None, minutes: int, account: int | None, at: datetime
) -> None:
    draft = Draft(
        sources=("@one", "@two"),
        history=HistoryOptions(limit=limit, since=at),
        account=account,
        schedule=Schedule(
            kind=ScheduleKind.EVERY, every=timedelta(minutes=minutes), daily_at=time(9, 5)
        ),
        lookups=("x",),
    )
    assert from_data(to_data(draft)) == draft


EVERY_HOUR = Schedule(kind=ScheduleKind.EVERY, every=timedelta(hours=1))


@pytest.mark.parametrize("text", ["0 9 * * 1-5", "cron 0 9 * * MON-FRI", "@daily", "*/5 * * * *"])
def test_a_crontab_line_is_a_schedule(text: str) -> None:
    schedule = read_when(text, ZONE, NOW)
    assert schedule.kind is ScheduleKind.CRON
    assert (schedule.cron, schedule.time_zone) == (text.removeprefix("cron "), ZONE.key)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("61 9 * * 1", "wizard-cron-minute"),
        ("0 9 31 2 *", "wizard-cron-never"),
        ("@sometimes", "wizard-cron-fields"),
        ("quiet 25:00-07:00", "wizard-when-not-understood"),
        ("quiet 07:00-07:00", "wizard-quiet-empty"),
        ("until 2026-03-09", "wizard-when-past"),
    ],
)
def test_a_bad_line_or_bound_is_explained(text: str, key: str) -> None:
    with pytest.raises(BotError) as caught:
        read_when(text, ZONE, NOW, EVERY_HOUR)
    assert caught.value.key == key


@pytest.mark.parametrize(
    "text", ["quiet 22:00-07:00", "静默 22:00 至 7:00", "Quiet hours 22:00–07:00"]
)
def test_quiet_hours_and_an_end_bound_what_was_chosen(text: str) -> None:
    quiet = read_when(text, ZONE, NOW, EVERY_HOUR)
    assert quiet.quiet == Quiet(start=time(22), end=time(7))
    assert (quiet.kind, quiet.every, quiet.time_zone) == (
        ScheduleKind.EVERY,
        EVERY_HOUR.every,
        ZONE.key,
    )
    both = read_when("until 2026-03-31", ZONE, NOW, quiet)
    assert both.ends_at == datetime(2026, 3, 31, 15, 59, 59, 999000, tzinfo=UTC)
    daily = read_when("08:00", ZONE, NOW, both)
    assert (daily.kind, daily.quiet, daily.ends_at) == (
        ScheduleKind.DAILY,
        both.quiet,
        both.ends_at,
    )
    assert from_data(to_data(Draft(schedule=daily))).schedule == daily
    assert read_when("quiet off", ZONE, NOW, daily).quiet is None
    assert read_when("不限期", ZONE, NOW, daily).ends_at is None


def test_bounds_need_a_time_first() -> None:
    with pytest.raises(BotError) as caught:
        read_when("quiet 22:00-07:00", ZONE, NOW)
    assert caught.value.key == "wizard-when-first"
