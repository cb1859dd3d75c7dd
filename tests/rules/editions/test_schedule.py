"""When a newsletter's slots are."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.editions.schedule import faults_of, next_slots, slot_at, slots

DAY = timedelta(days=1)
ZONES = (
    "UTC",
    "Africa/Johannesburg",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # moves by half an hour
    "America/Havana",  # its clocks change at midnight
    "Asia/Kathmandu",
)


def keys(cron, zone, day, *, days=1):
    after = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))
    return [
        slot.key
        for slot in slots(
            cron,
            zone,
            after=(after - timedelta(seconds=1)).astimezone(UTC),
            until=(after + days * DAY).astimezone(UTC) - timedelta(seconds=1),
        )
    ]


def test_a_slot_is_on_the_wall_clock_of_the_newsletter():
    [slot] = next_slots(
        "0 6 * * *",
        "Africa/Johannesburg",
        after=datetime(2026, 11, 24, tzinfo=UTC),
        count=1,
    )

    assert slot.at == datetime(2026, 11, 24, 4, tzinfo=UTC)
    assert slot.key == "2026-11-24T06:00"


def test_six_in_the_morning_stays_six_when_the_clocks_change():
    found = next_slots(
        "0 6 * * *",
        "Europe/Berlin",
        after=datetime(2026, 10, 24, tzinfo=UTC),
        count=2,
    )

    assert [slot.at.hour for slot in found] == [4, 5]


def test_the_autumn_night_fires_once():
    assert keys("30 2 * * *", "Europe/Berlin", "2026-10-25") == ["2026-10-25T02:30"]


def test_the_autumn_night_fires_in_its_first_pass():
    [slot] = next_slots(
        "30 2 * * *",
        "Europe/Berlin",
        after=datetime(2026, 10, 24, 12, tzinfo=UTC),
        count=1,
    )

    assert slot.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_between_the_two_passes_of_the_autumn_hour_nothing_fires_again():
    [slot] = next_slots(
        "30 2 * * *",
        "Europe/Berlin",
        after=datetime(2026, 10, 25, 0, 45, tzinfo=UTC),
        count=1,
    )

    assert slot.key == "2026-10-26T02:30"


def test_the_spring_night_fires_once_right_after_the_gap():
    assert keys("30 2 * * *", "Europe/Berlin", "2026-03-29") == ["2026-03-29T03:00"]


def test_an_hourly_newsletter_loses_no_hour_and_doubles_none_in_spring():
    found = keys("0 * * * *", "Europe/Berlin", "2026-03-29")

    assert found[:4] == [f"2026-03-29T{hour}:00" for hour in ("00", "01", "03", "04")]


def test_every_half_hour_at_two_still_fires_in_spring():
    assert keys("*/30 2 * * *", "Europe/Berlin", "2026-03-29") == ["2026-03-29T03:00"]


def test_a_gap_of_half_an_hour_ends_where_it_ends():
    found = keys("15 2 * * *", "Australia/Lord_Howe", "2026-10-04")

    assert found == ["2026-10-04T02:30"]


def test_midnight_in_a_zone_that_skips_midnight_fires_at_one():
    assert keys("0 0 * * *", "America/Havana", "2026-03-07", days=2)[1:] == [
        "2026-03-08T01:00"
    ]


def test_a_day_that_a_country_skipped_fires_at_the_start_of_the_next():
    found = keys("0 6 * * *", "Pacific/Apia", "2011-12-29", days=3)

    assert found == ["2011-12-29T06:00", "2011-12-31T00:00", "2011-12-31T06:00"]


def test_a_recipe_without_a_schedule_has_no_slots():
    assert keys("", "UTC", "2026-11-24") == []


def test_a_key_finds_its_slot_and_no_other():
    found = slot_at("0 6 * * *", "Europe/Berlin", "2026-11-24T06:00")

    assert found is not None
    assert found.at == datetime(2026, 11, 24, 5, tzinfo=UTC)
    assert slot_at("0 6 * * *", "Europe/Berlin", "2026-11-24T07:00") is None


@pytest.mark.parametrize(
    ("cron", "says"),
    [
        ("0 6 * *", "must have five fields"),
        ("0 0 6 * * *", "must have five fields"),
        ("60 6 * * *", "bad minute"),
        ("0 25 * * *", "bad hour"),
        ("0 6 30 2 *", "bad day-of-month"),
        ("0 6 * * FUN", "bad day-of-week"),
        ("0 6 * * \u0661", "bad day-of-week"),
    ],
)
def test_a_schedule_that_cannot_be_read_says_which_field(cron, says):
    [fault] = faults_of(cron, "UTC")

    assert says in fault


def test_a_zone_that_does_not_exist_is_named():
    assert "Mars/Base" in faults_of("0 6 * * *", "Mars/Base")[0]


@given(
    zone=st.sampled_from(ZONES),
    minute=st.sampled_from(["0", "30", "15,45", "*/20", "*"]),
    hour=st.sampled_from(["*", "0", "1", "2", "3", "2,3", "*/2", "23"]),
    day=st.dates(
        min_value=datetime(2024, 1, 1, tzinfo=UTC).date(),
        max_value=datetime(2027, 1, 1, tzinfo=UTC).date(),
    ),
)
def test_law_every_wall_time_fires_once_and_no_moment_twice(zone, minute, hour, day):
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    cron = f"{minute} {hour} * * *"

    found = list(slots(cron, zone, after=start, until=start + 2 * DAY))

    assert len({slot.key for slot in found}) == len(found)
    assert found == sorted(found)
    assert len({slot.at for slot in found}) == len(found)
    assert all(start < slot.at <= start + 2 * DAY for slot in found)


@settings(max_examples=40)
@given(
    zone=st.sampled_from(ZONES),
    hour=st.sampled_from(["*", "2", "*/3", "23"]),
    minute=st.sampled_from(["0", "30", "*/7"]),
    cuts=st.lists(st.integers(0, 3 * 24 * 60), max_size=6),
    start=st.datetimes(
        min_value=datetime(2024, 1, 1),  # noqa: DTZ001
        max_value=datetime(2027, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
)
def test_law_looking_in_pieces_finds_what_looking_once_finds(
    zone, hour, minute, cuts, start
):
    cron = f"{minute} {hour} * * *"
    edges = sorted({0, *cuts, 3 * 24 * 60})
    moments = [start + timedelta(minutes=m) for m in edges]

    pieces = [
        slot
        for a, b in pairwise(moments)
        for slot in slots(cron, zone, after=a, until=b)
    ]

    assert pieces == list(slots(cron, zone, after=start, until=start + 3 * DAY))
