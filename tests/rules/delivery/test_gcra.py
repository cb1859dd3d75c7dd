"""Buckets of tokens: never faster than the rate, never stuck, urgent mail first."""

from hypothesis import given
from hypothesis import strategies as st

from mailer.delivery.gcra import SECOND, Bucket, bucket_of, take

rates = st.floats(1 / 60, 100_000)
asks = st.lists(st.tuples(st.integers(0, 3 * SECOND), st.integers(0, 200)), max_size=40)


def test_a_full_bucket_gives_half_a_second_of_its_rate_at_once():
    bucket = bucket_of(100, urgent=False)

    taken = take([bucket], [0], wanted=1_000, now=SECOND)

    assert taken.granted == 50


def test_an_empty_bucket_says_when_to_come_back():
    bucket = bucket_of(10, urgent=False)
    emptied = take([bucket], [0], wanted=5, now=SECOND).full_at

    taken = take([bucket], emptied, wanted=5, now=SECOND)

    assert (taken.granted, taken.wait) == (0, 2 * bucket.interval)


def test_a_rate_below_one_a_second_still_gives_one():
    bucket = bucket_of(1 / 60, urgent=False)

    first = take([bucket], [0], wanted=8, now=SECOND)
    second = take([bucket], first.full_at, wanted=8, now=SECOND)

    assert (first.granted, second.granted, second.wait) == (1, 0, 60 * SECOND)


def test_two_buckets_give_what_the_slower_one_has():
    slow, quick = bucket_of(4, urgent=False), bucket_of(1_000, urgent=False)

    taken = take([quick, slow], [0, 0], wanted=64, now=SECOND)

    assert taken.granted == 2


def test_while_urgent_mail_takes_all_there_is_nothing_is_left_for_the_rest():
    urgent, rest = bucket_of(100, urgent=True), bucket_of(100, urgent=False)
    emptied = take([urgent], [0], wanted=100, now=SECOND).full_at
    later = SECOND + SECOND // 10  # ten tokens are there again

    refused = take([rest], emptied, wanted=10, now=later)
    granted = take([urgent], emptied, wanted=10, now=later)

    assert (refused.granted, granted.granted) == (0, 10)


def given_out(bucket: Bucket, asked: list[tuple[int, int]]) -> tuple[int, int]:
    """Return how many tokens these asks got, and over how long."""
    now = started = SECOND
    full_at: tuple[int, ...] = (0,)
    total = 0
    for later, wanted in asked:
        now += later
        taken = take([bucket], full_at, wanted=wanted, now=now)
        total, full_at = total + taken.granted, taken.full_at
    return total, now - started


@given(rate=rates, asked=asks, urgent=st.booleans())
def test_law_over_any_time_no_more_leaves_than_the_rate_and_one_bucket(
    rate, asked, urgent
):
    bucket = bucket_of(rate, urgent=urgent)

    total, over = given_out(bucket, asked)

    assert total <= bucket.depth + over // bucket.interval


@given(rate=rates, asked=asks, wanted=st.integers(1, 200))
def test_law_who_comes_back_when_told_gets_something(rate, asked, wanted):
    bucket = bucket_of(rate, urgent=False)
    full_at: tuple[int, ...] = (0,)
    now = SECOND
    for later, n in asked:
        now += later
        full_at = take([bucket], full_at, wanted=n, now=now).full_at

    first = take([bucket], full_at, wanted=wanted, now=now)
    second = take([bucket], first.full_at, wanted=wanted, now=now + first.wait)

    assert first.granted or second.granted


@given(rate=rates)
def test_law_asking_in_vain_costs_nothing(rate):
    bucket = bucket_of(rate, urgent=False)
    emptied = take([bucket], [0], wanted=bucket.depth, now=SECOND).full_at

    again = take([bucket], emptied, wanted=10, now=SECOND)

    assert (again.granted, again.full_at) == (0, emptied)
