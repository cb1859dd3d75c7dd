"""A relay made known step by step: twice the mail after a day that went well."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.delivery.warmup import Day, cap_of, step_on, went_well

FIRST = date(2026, 9, 1)
TOMORROW = FIRST + timedelta(days=1)


@pytest.mark.parametrize(
    ("step", "cap"), [(1, 100), (2, 200), (9, 25_600), (10, 50_000), (11, 75_000)]
)
def test_the_cap_doubles_up_to_50000_and_then_grows_by_half(step, cap):
    assert cap_of(step) == cap


def test_the_day_after_a_good_one_is_the_next_step():
    assert step_on(TOMORROW, [Day(FIRST, taken=100)]) == 2


@pytest.mark.parametrize(
    "day",
    [
        Day(FIRST, taken=100, deferred=11),
        Day(FIRST, taken=100, complaints=1),
        Day(FIRST, taken=49),
    ],
    ids=["more than 10 % put off", "more than 0.1 % complain", "half not used"],
)
def test_a_day_that_did_not_go_well_is_had_again(day):
    assert step_on(TOMORROW, [day]) == 1


def test_today_decides_nothing_before_it_is_over():
    assert step_on(FIRST, [Day(FIRST, taken=100)]) == 1


days = st.lists(
    st.builds(
        Day,
        on=st.dates(FIRST, FIRST + timedelta(days=60)),
        taken=st.integers(0, 200_000),
        deferred=st.integers(0, 1_000),
        complaints=st.integers(0, 20),
    ),
    max_size=30,
    unique_by=lambda day: day.on,
)


@given(days, st.dates(FIRST, FIRST + timedelta(days=60)))
def test_law_no_day_has_more_than_twice_the_cap_of_the_day_before(known, today):
    before, now = step_on(today, known), step_on(today + timedelta(days=1), known)

    assert cap_of(before) <= cap_of(now) <= 2 * cap_of(before)


@given(days)
def test_law_a_step_is_earned_by_a_day_that_went_well(known):
    last = FIRST + timedelta(days=61)

    earned = step_on(last, known) - 1

    assert earned <= sum(went_well(day, cap=100) or day.taken > 100 for day in known)
