from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.rendering import direction, wording

TUESDAY = datetime(2026, 11, 24, 6, 5, tzinfo=UTC)


def test_dates_are_printed_as_a_paper_prints_them():
    assert wording.long_date(TUESDAY) == "Tuesday 24 November 2026"
    assert wording.clock(TUESDAY) == "06:05"


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "Today"),
        (1, "Tomorrow"),
        (2, "Thu 26"),
        (9, "Thu 3 Dec"),
        (-1, "Mon 23 Nov"),
    ],
)
def test_a_day_near_by_is_said_briefly(days, said):
    assert wording.short_day(TUESDAY + timedelta(days=days), TUESDAY) == said


def test_a_day_is_the_day_of_its_own_zone():
    late = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)

    assert wording.local(late, "Africa/Johannesburg").day == 25


@pytest.mark.parametrize(
    ("names", "said"),
    [([], ""), (["A"], "A"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C")],
)
def test_names_are_joined(names, said):
    assert wording.joined(names) == said


def test_small_numbers_are_words():
    assert wording.counted(1, "story", "stories") == "one story"
    assert wording.counted(17, "story", "stories") == "17 stories"
    assert wording.figure(1204) == "1,204"


@given(st.text(), st.integers(2, 60))
def test_law_shortened_words_fit_and_say_that_they_were_cut(words, most):
    short = wording.shortened(words, most)

    assert len(short) <= most
    assert short == " ".join(words.split()) or short.endswith("…")


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Wanda Kesh", "WK"), ("Kesh", "K"), ("José María de la Cruz", "JC"), ("", "")],
)
def test_initials_stand_for_a_portrait(name, letters):
    assert wording.initials(name) == letters


def test_a_headline_runs_the_way_of_its_first_letter():
    assert direction.of_text("24 مجلس", "ltr") == "rtl"
    assert direction.of_text("Council 24", "rtl") == "ltr"
    assert direction.of_text("24 / 7", "rtl") == "rtl"


def test_a_paper_runs_the_way_of_its_language():
    assert direction.of_language("ar-EG") == "rtl"
    assert direction.of_language("en") == "ltr"
