from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailer.kernel import moments

KARANDA = ZoneInfo("Africa/Johannesburg")
NOW = datetime(2026, 11, 24, 12, 7, 12, tzinfo=UTC)  # 14:07:12 there


def test_a_moment_is_said_with_its_day_its_zone_and_the_zone_s_name():
    assert (
        moments.moment(NOW, KARANDA, name="Karanda time")
        == "Tuesday 24 November 2026, 14:07 (Karanda time, UTC+2)"
    )


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("UTC", "UTC"),
        ("Asia/Kolkata", "UTC+5:30"),
        ("America/St_Johns", "UTC-3:30"),
        ("America/New_York", "UTC-5"),
    ],
)
def test_a_zone_is_its_distance_from_utc(zone, said):
    assert moments.zone_of(NOW, ZoneInfo(zone)) == said


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (timedelta(), "14:07"),
        (timedelta(hours=16), "Wed 06:07"),
        (timedelta(days=-6), "Wed 14:07"),
        (timedelta(days=7), "1 Dec 14:07"),
        (timedelta(days=60), "23 Jan 2027 14:07"),
    ],
)
def test_the_shortest_time_that_is_not_ambiguous(later, said):
    assert moments.near(NOW + later, KARANDA, NOW) == said


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (timedelta(), "now"),
        (timedelta(seconds=1), "in 1 second"),
        (timedelta(seconds=-59), "59 seconds ago"),
        (timedelta(minutes=-3, seconds=-20), "3 minutes ago"),
        (timedelta(hours=1, minutes=59), "in 1 hour"),
        (timedelta(days=-2), "2 days ago"),
    ],
)
def test_the_relative_time_beside_the_absolute(later, said):
    assert moments.apart(NOW + later, NOW) == said
