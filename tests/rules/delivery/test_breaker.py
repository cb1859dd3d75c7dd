"""The circuit breaker of a relay, as a rule."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.delivery.breaker import (
    LONGEST_WISH,
    PROBE,
    Breaker,
    Position,
    silence,
)
from tests.kit.audience import NOW


def seconds(n):
    return timedelta(seconds=n)


def failed(times):
    breaker, now = Breaker().failed(NOW, is_probe=False), NOW
    for _ in range(times - 1):
        now = breaker.retry_at
        breaker = breaker.probed(now).failed(now, is_probe=True)
    return breaker, now


def test_a_failure_opens_it_for_a_second_and_then_one_may_probe():
    opened = Breaker().failed(NOW, is_probe=False)

    assert opened.position(NOW) is Position.OPEN
    assert opened.position(NOW + seconds(1)) is Position.HALF_OPEN
    assert opened.probed(NOW + seconds(1)).position(NOW + seconds(1)) is (
        Position.PROBING
    )


@pytest.mark.parametrize(("times", "rest"), [(1, 1), (2, 2), (3, 4), (6, 30), (99, 30)])
def test_each_failed_probe_doubles_the_silence_up_to_half_a_minute(times, rest):
    breaker, now = failed(times)

    assert breaker.retry_at == now + seconds(rest)
    assert (breaker.failures, breaker.failing_since) == (times, NOW)


def test_a_failure_that_comes_late_lengthens_nothing():
    opened = Breaker().failed(NOW, is_probe=False)

    assert opened.failed(NOW + seconds(0.5), is_probe=False) == opened
    assert opened.failed(NOW + seconds(5), is_probe=False) == opened


def test_a_probe_that_never_came_back_is_taken_by_the_next_one():
    probed = Breaker().failed(NOW, is_probe=False).probed(NOW + seconds(1))

    assert probed.position(NOW + seconds(2)) is Position.PROBING
    assert probed.position(NOW + seconds(1) + PROBE) is Position.HALF_OPEN


def test_a_greeting_closes_it_and_does_not_forget():
    breaker, now = failed(4)

    greeted = breaker.greeted()

    assert greeted.position(now) is Position.CLOSED
    assert greeted.failed(now, is_probe=False).retry_at == now + seconds(16)


def test_a_relay_may_ask_to_be_left_alone_for_longer_but_not_for_ever():
    asked = Breaker().failed(NOW, is_probe=False, wish=seconds(90))
    greedy = Breaker().failed(NOW, is_probe=False, wish=timedelta(days=9))

    assert asked.retry_at == NOW + seconds(90)
    assert greedy.retry_at == NOW + LONGEST_WISH


@given(failures=st.integers(1, 10_000))
def test_law_a_relay_that_is_away_is_asked_at_least_twice_a_minute(failures):
    assert silence(failures) <= seconds(30)
