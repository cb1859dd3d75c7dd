"""When an address is left alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.audience.suppression import (
    PATIENCE,
    Judgement,
    Reason,
    Scope,
    heavier,
    judge,
)
from mailer.kernel.blame import Blame

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def after(blame, *hours):
    """Return the last judgement after failures at these hours."""
    found = Judgement()
    for hour in hours:
        found = judge(blame, found.streak, NOW + timedelta(hours=hour))
    return found


@pytest.mark.parametrize(
    ("blame", "reason"),
    [
        (Blame.ADDRESS, Reason.NO_SUCH_ADDRESS),
        (Blame.READER, Reason.COMPLAINT),
    ],
)
def test_some_things_need_to_be_heard_once(blame, reason):
    assert judge(blame, None, NOW) == Judgement(reason, Scope.ALL)


def test_three_failures_in_a_day_are_one():
    assert after(Blame.MAILBOX_FULL, 0, 6, 12).streak.count == 1


def test_three_in_a_row_over_two_weeks_suffice():
    assert after(Blame.MAILBOX_FULL, 0, 24 * 7, 24 * 14).reason is Reason.KEEPS_FAILING


def test_three_in_a_row_within_days_do_not():
    assert after(Blame.MAILBOX_FULL, 0, 24, 48).reason is None


def test_fourteen_in_a_row_of_a_daily_mail_do():
    assert after(Blame.DOMAIN, *range(0, 24 * 15, 24)).reason is Reason.KEEPS_FAILING


def test_a_silence_means_that_something_came_through():
    assert after(Blame.MAILBOX_FULL, 0, 24 * 7, 24 * 16).streak.count == 1


@given(
    blame=st.sampled_from(Blame),
    hours=st.lists(st.integers(0, 24 * 60), max_size=12).map(sorted),
)
def test_law_passing_failures_never_withhold_letters(blame, hours):
    found = after(blame, *hours)

    assert found.scope is Scope.LISTS or blame not in PATIENCE or not found.reason


@given(hours=st.lists(st.integers(0, 24 * 400), max_size=30).map(sorted))
def test_law_what_is_our_fault_never_silences_anybody(hours):
    assert after(Blame.US, *hours).reason is None


@given(
    blame=st.sampled_from(sorted(PATIENCE)),
    hours=st.lists(st.integers(0, 24 * 60), min_size=1, max_size=12).map(sorted),
)
def test_law_nobody_is_silenced_sooner_than_promised(blame, hours):
    count, over = PATIENCE[blame]

    found = after(blame, *hours)

    days = {hour // 20 for hour in hours}
    long_enough = timedelta(hours=hours[-1] - hours[0]) >= over
    assert found.reason is None or (len(days) >= count - 1 and long_enough)


@given(st.sampled_from(Reason), st.sampled_from(Reason))
def test_law_of_two_reasons_the_same_one_stays_whichever_came_first(one, other):
    assert heavier(one, other) == heavier(other, one)
    assert heavier(Reason.ERASED, one) is Reason.ERASED
