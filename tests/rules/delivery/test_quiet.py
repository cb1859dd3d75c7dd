"""Quiet hours on a newsletter's own clock, also when clocks are changed."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.delivery.quiet import quiet_until
from mailer.delivery.shaping import QuietHours

NIGHT = QuietHours(time(22), time(6))
NOON = QuietHours(time(12), time(13, 30))
CAPE_TOWN = ZoneInfo("Africa/Johannesburg")
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = CAPE_TOWN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        (NIGHT, "2026-11-04T21:59", None),
        (NIGHT, "2026-11-04T22:00", "2026-11-05T06:00"),
        (NIGHT, "2026-11-05T05:59", "2026-11-05T06:00"),
        (NIGHT, "2026-11-05T06:00", None),
        (NOON, "2026-11-05T12:15", "2026-11-05T13:30"),
        (NOON, "2026-11-05T13:30", None),
    ],
)
def test_nothing_leaves_from_one_hour_to_the_other(hours, now, until):
    expected = None if until is None else at(until)

    assert quiet_until(hours, CAPE_TOWN, at(now).astimezone(UTC)) == expected


def test_a_night_in_which_clocks_are_put_forward_ends_at_six_all_the_same():
    now = at("2026-03-28T23:00", BERLIN)

    assert quiet_until(NIGHT, BERLIN, now) == at("2026-03-29T06:00", BERLIN)


@given(
    st.builds(QuietHours, st.times(), st.times()).filter(lambda h: h.begins != h.ends),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001
    st.sampled_from([CAPE_TOWN, BERLIN, ZoneInfo("America/New_York")]),
)
def test_law_quiet_hours_end_and_within_a_day(hours, wall, zone):
    now = wall.replace(tzinfo=UTC)

    until = quiet_until(hours, zone, now)

    assert until is None or now < until <= now + timedelta(hours=25)
