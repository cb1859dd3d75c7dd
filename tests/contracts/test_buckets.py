"""The script in a real Valkey says what the rule says, token by token."""

import itertools

import pytest
import redis
from django.conf import settings
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from mailer.delivery.buckets import Buckets
from mailer.delivery.gcra import SECOND, bucket_of, take

_numbers = itertools.count(1)
START = 1_800_000_000 * SECOND  # as large as a server's clock


@pytest.fixture(scope="module")
def client():
    made = redis.Redis.from_url(settings.REDIS_URL)
    yield made
    made.close()


@examples(max_examples=60)
@given(
    rates=st.lists(st.floats(1 / 60, 50_000), min_size=1, max_size=2),
    asked=st.lists(
        st.tuples(st.integers(0, 2 * SECOND), st.integers(0, 100), st.booleans()),
        max_size=12,
    ),
)
def test_the_script_and_the_rule_agree(client, rates, asked):
    names = [f"test:{next(_numbers)}" for _ in rates]
    shared = Buckets(client)
    full_at = (0,) * len(rates)
    now, by_script, by_rule = START, [], []

    for later, wanted, urgent in asked:
        now += later
        named = list(zip(names, rates, strict=True))
        by_script.append(shared.take(named, wanted=wanted, urgent=urgent, now=now))
        buckets = [bucket_of(rate, urgent=urgent) for rate in rates]
        taken = take(buckets, full_at, wanted=wanted, now=now)
        full_at = taken.full_at
        by_rule.append((taken.granted, taken.wait / SECOND))

    assert by_script == by_rule


def test_workers_share_one_bucket_on_the_clock_of_the_server(client):
    rates = [(f"test:{next(_numbers)}", 10.0)]
    one, other = Buckets(client), Buckets(client)

    first, _ = one.take(rates, wanted=5, urgent=False)
    second, wait = other.take(rates, wanted=5, urgent=False)

    assert (first, second) == (5, 0)
    assert 0 < wait <= 0.2


def test_a_bucket_is_forgotten_once_it_is_full_again(client):
    name = f"test:{next(_numbers)}"

    Buckets(client).take([(name, 10.0)], wanted=5, urgent=False)

    assert 0 < client.pttl(f"stop_press:bucket:{name}") <= 10_500


def test_without_redis_mail_flows_at_a_pipes_share(caplog):
    nobody = redis.Redis(port=1, socket_connect_timeout=0.1)
    own = Buckets(nobody, share=2)
    rates = [("relay", 100.0)]

    first = own.take(rates, wanted=64, urgent=False, now=START)
    second = own.take(rates, wanted=64, urgent=False, now=START)
    later = own.take(rates, wanted=64, urgent=False, now=START + SECOND)

    assert (first[0], second[0], later[0]) == (25, 0, 25)
    assert len(caplog.records) == 1


def test_where_nothing_is_limited_redis_is_not_asked():
    nobody = redis.Redis(port=1)

    assert Buckets(nobody).take([], wanted=64, urgent=False) == (64, 0.0)
