"""Dates as feeds write them."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailer.sources.dates import EARLIEST, NotADate, read_date

zones = st.integers(-14 * 4, 14 * 4).map(
    lambda quarters: timezone(timedelta(minutes=15 * quarters))
)
moments = st.datetimes(
    min_value=datetime(1992, 1, 1),  # noqa: DTZ001  Hypothesis adds the zone
    max_value=datetime(2099, 12, 30),  # noqa: DTZ001
    timezones=zones,
)
WRITERS = [
    lambda at: format_datetime(at.replace(microsecond=0)),
    lambda at: at.isoformat(),
    lambda at: at.isoformat(sep=" "),
    lambda at: at.isoformat().replace("T", "t"),
    lambda at: at.strftime("%Y%m%dT%H%M%S%z"),
    lambda at: at.strftime("%d %B %Y %H:%M:%S GMT%z"),
    lambda at: at.strftime("%A, %d-%b-%Y %H:%M:%S %z"),
    lambda at: at.strftime("%B %d, %Y %I:%M:%S %p %z"),
    lambda at: str(int(at.timestamp())),
]


@given(at=moments, write=st.sampled_from(WRITERS))
def test_law_a_written_date_means_the_moment_it_was_written_for(at, write):
    read = read_date(write(at))

    assert read.tzinfo is UTC
    assert abs(read - at) < timedelta(seconds=1)


@given(at=moments)
def test_law_a_date_without_a_zone_is_of_the_source_s_own(at):
    written = at.replace(tzinfo=None, microsecond=0).isoformat()

    read = read_date(written, zone=at.tzinfo)

    assert read == at.replace(microsecond=0)


@given(text=st.text(max_size=90))
@example("9999-12-31T23:59:59-14:00")
@example("0001-01-01")
@example("9999999999999")
@example("2026-02-30")
@example("2026-03-02T99:00")
@example("٢٠٢٦-٠٣-٠٢")
@example("Mon, 02 Mar 2026 06:00:00 +9999")
def test_law_any_text_is_a_believable_moment_or_no_date(text):
    try:
        read = read_date(text)
    except NotADate as why:
        assert str(why)  # noqa: PT017  both ends are good ones
        return

    assert read >= EARLIEST
    assert read.tzinfo is UTC


SIX = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 02 Mar 2026 08:00:00 +0200",
        "Mon, 2 Mar 26 08:00 SAST",
        "Sunday, 02 March 2026 06:00:00 GMT",  # it was a Monday
        "2 Mar 2026 01:00 EST",
        "Mon Mar  2 06:00:00 UTC 2026",
        "2026-03-02T06:00Z",
        "20260302T060000Z",
        "2026-03-02 08:00:00 +02:00",
        "2026-03-02T08:00:00+0200 (SAST)",
        "March 2, 2026 at 6:00 a.m.",
        "Mon, 02 Mar 2026 06:00:00 GMT+0000 (Coordinated Universal Time)",
        " Mon,  02 Mar 2026\n06:00:00 Z ",
        "1772431200000",
    ],
)
def test_dates_of_the_wild_are_read(text):
    assert read_date(text) == SIX


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("now", "cannot be read as a date"),
        ("02/03/2026", "cannot be read as a date"),  # March or February?
        ("Thu, 01 Jan 1970 00:00:00 GMT", "lies before the web began"),
        ("Sun, 30 Feb 2026 06:00:00 GMT", "names a day or hour that does not exist"),
        ("2026-03-02T25:00:00Z", "names a day or hour that does not exist"),
        ("Mon, 02 Mar 2026 06:00:00 XQT", "names a time zone that is not known"),
        ("x" * 200, "is no date"),
    ],
)
def test_what_is_no_date_says_why(text, why):
    with pytest.raises(NotADate, match=why):
        read_date(text)


def test_midnight_at_the_end_of_a_day_is_the_next_one():
    assert read_date("2026-03-01T24:00:00Z") == datetime(2026, 3, 2, tzinfo=UTC)


def test_a_zone_with_summer_time_is_used_as_it_was_that_day():
    read = read_date("2026-07-01 08:00", zone=ZoneInfo("Europe/Berlin"))

    assert read == datetime(2026, 7, 1, 6, 0, tzinfo=UTC)
