"""At each reader's own hour: when that is, also in the nights when clocks change."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from mailer.delivery.waves import ITS_OWN, Wave, delay_of, waves_of
from mailer.editions.view import EditionView

ZONES = [
    *("", "Africa/Johannesburg", "America/New_York", "America/Los_Angeles"),
    *("Europe/London", "Australia/Sydney", "Pacific/Kiritimati", "Asia/Kathmandu"),
]


@dataclass(frozen=True)
class AnEdition:
    slot_at: datetime
    time_zone: str

    @property
    def release_at(self) -> datetime:
        return self.slot_at


def edition(wall: str, zone: str = "Europe/London") -> EditionView:
    at = datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone))
    return cast("EditionView", AnEdition(at, zone))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wave(wall: str, reader: str, hour: int | None = None, **paper: str) -> datetime:
    [found] = waves_of(edition(wall, **paper), [(reader, hour)])
    return found.at


def test_six_is_six_where_the_reader_is():
    assert wave("2026-11-24T06:00", "America/New_York") == utc("2026-11-24T11:00")


def test_whose_six_is_past_gets_it_at_the_release():
    assert wave("2026-11-24T06:00", "Australia/Sydney") == utc("2026-11-24T06:00")


def test_who_told_no_zone_or_one_nobody_knows_lives_by_the_papers_clock():
    assert wave("2026-11-24T06:00", "") == utc("2026-11-24T06:00")
    assert wave("2026-11-24T06:00", "Mars/Base") == utc("2026-11-24T06:00")


def test_a_chosen_hour_counts_on_the_readers_clock():
    assert wave("2026-11-24T06:00", "America/New_York", 8) == utc("2026-11-24T13:00")
    assert wave("2026-11-24T06:30", "", 7) == utc("2026-11-24T07:00")


def test_in_spring_an_hour_that_does_not_exist_is_the_first_moment_after_the_gap():
    at = wave("2026-03-08T02:30", "America/New_York", zone="Europe/London")

    assert at == utc("2026-03-08T07:00")  # 02:00 becomes 03:00 there


def test_in_autumn_an_hour_that_comes_twice_is_its_first_pass():
    at = wave("2026-11-01T01:30", "America/New_York", zone="Europe/London")

    assert at == utc("2026-11-01T05:30")  # still summer time; 06:30 is the second


def test_a_zone_whose_clocks_changed_that_night_has_its_new_six():
    before = wave("2026-10-31T06:00", "America/New_York")
    after = wave("2026-11-01T06:00", "America/New_York")

    assert (before, after) == (utc("2026-10-31T10:00"), utc("2026-11-01T11:00"))


def test_the_delay_is_that_of_the_last_wave():
    found = waves_of(
        edition("2026-11-24T06:00"), [("America/Los_Angeles", None), ("", None)]
    )

    assert found[1] == Wave("", ITS_OWN, utc("2026-11-24T06:00"))
    assert delay_of(found, utc("2026-11-24T06:00")).total_seconds() == 8 * 3600
    assert not delay_of([], utc("2026-11-24T06:00"))


@given(
    at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001
    paper=st.sampled_from(ZONES[1:]),
    reader=st.sampled_from(ZONES),
    hour=st.none() | st.integers(0, 23),
)
def test_law_no_wave_leaves_before_the_release_or_two_days_after(
    at, paper, reader, hour
):
    one = edition(at.replace(second=0, microsecond=0).isoformat(), paper)

    [found] = waves_of(one, [(reader, hour)])

    assert 0 <= (found.at - one.release_at).total_seconds() <= 50 * 3600
    if found.at > one.release_at and hour is not None:
        shown = found.at.astimezone(ZoneInfo(reader or paper))
        assert shown.hour in {hour, hour + 1, hour + 2}  # later only after a gap
