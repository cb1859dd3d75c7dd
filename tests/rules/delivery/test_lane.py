"""How a lane is slowed and suspended by what its receiver answers, and comes back."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mailer.delivery.lane import (
    GROWS_EVERY,
    HALVED_AT_MOST_EVERY,
    SUSPENDED_FOR,
    Standing,
    faulted,
    slowed,
)
from mailer.delivery.shaping import SLOWEST

NOW = datetime(2026, 11, 4, 6, 0, tzinfo=UTC)
WHY = "they want our mail more slowly"


def a_slowed_lane(going: float = 100.0) -> Standing:
    return slowed(Standing(), going=going, reason=WHY, now=NOW)


def a_faulted(standing: Standing, faults: int, *, now: datetime = NOW) -> Standing:
    return faulted(standing, faults=faults, answers=10, reason="blocked", now=now)


def test_a_lane_without_trouble_is_not_slowed():
    assert Standing().rate_at(NOW) is None
    assert not Standing().is_troubled(NOW)


def test_the_rate_halves_when_a_receiver_asks_for_less():
    lane = a_slowed_lane(going=100)

    assert (lane.rate_at(NOW), lane.reason, lane.since) == (50, WHY, NOW)


def test_one_storm_halves_once():
    lane = a_slowed_lane()
    soon = NOW + HALVED_AT_MOST_EVERY / 2

    assert slowed(lane, going=100, reason=WHY, now=soon) == lane


def test_a_lane_still_asked_for_less_halves_again_and_remembers_since_when():
    later = NOW + HALVED_AT_MOST_EVERY

    lane = slowed(a_slowed_lane(), going=50, reason=WHY, now=later)

    assert (lane.rate_at(later), lane.since, lane.usual) == (25, NOW, 100)


def test_a_tenth_more_every_ten_minutes_without_trouble():
    lane = a_slowed_lane(going=100)

    assert lane.rate_at(NOW + GROWS_EVERY) == 50 * 1.1


def test_a_lane_as_fast_as_before_is_slowed_by_nothing():
    assert a_slowed_lane().rate_at(NOW + 8 * GROWS_EVERY) is None


def test_three_faults_found_with_us_suspend_a_lane_for_an_hour():
    lane = a_faulted(a_faulted(a_faulted(Standing(), 1), 1), 1)

    assert lane.is_suspended(NOW + SUSPENDED_FOR / 2)
    assert not lane.is_suspended(NOW + SUSPENDED_FOR)
    assert lane.reason == "blocked"


def test_two_faults_and_a_third_after_ten_minutes_suspend_nothing():
    lane = a_faulted(a_faulted(Standing(), 2), 1, now=NOW + timedelta(minutes=11))

    assert not lane.is_suspended(NOW + timedelta(minutes=11))


def test_a_fault_in_one_mail_of_many_is_about_that_mail():
    lane = faulted(Standing(), faults=4, answers=1_000, reason="policy", now=NOW)

    assert lane == Standing()


trouble = st.lists(
    st.tuples(st.timedeltas(timedelta(0), timedelta(hours=3)), st.floats(0, 10_000)),
    max_size=20,
)


@given(trouble)
def test_law_a_slowed_lane_is_slower_than_before_and_never_stands_still(asked):
    lane, now = Standing(), NOW

    for later, going in asked:
        now += later
        before = lane.rate_at(now)
        lane = slowed(lane, going=going, reason=WHY, now=now)
        rate = lane.rate_at(now)

        assert rate is not None
        assert rate >= SLOWEST
        assert before is None or rate <= max(before, SLOWEST)


@given(trouble)
def test_law_whatever_happened_a_lane_left_alone_comes_back(asked):
    lane, now = Standing(), NOW
    for later, going in asked:
        now += later
        lane = slowed(lane, going=going, reason=WHY, now=now)

    assert not lane.is_troubled(now + timedelta(days=3))
