"""Lanes at work: turns, rates, receivers that ask for less or find fault with us."""

import time
from datetime import timedelta

import pytest
import redis

from mailer.audience import operations as audience
from mailer.audience.letter import LetterKind
from mailer.delivery import lease
from mailer.delivery import operations as delivery
from mailer.delivery.lane import SUSPENDED_FOR
from mailer.delivery.ledger import State
from mailer.delivery.models import Batch, Lane
from mailer.delivery.reply import Reply
from mailer.delivery.run import RunKind
from mailer.delivery.shaping import Limits, RelayShaping, Shaping
from mailer.kernel.clock import Clock
from tests.kit.audience import NOW, a_newsletter, a_subscriber, many_readers
from tests.kit.delivery import (
    OK,
    Hands,
    ScriptedTransport,
    a_run_for,
    a_run_of,
    drain,
    states,
)

pytestmark = pytest.mark.django_db
GMAIL = 1
SLOWER = Reply(421, (4, 7, 28), "an unusual rate of mail")
BLOCKED = Reply(550, (5, 7, 1), "part of their network is on our block list (S3140)")


@pytest.fixture(autouse=True)
def own_buckets(settings, worker_id):
    """Keep this worker's buckets apart from another's, and begin with full ones."""
    number = 2 + int(worker_id.removeprefix("gw") or 0) if worker_id != "master" else 1
    settings.REDIS_URL = settings.REDIS_URL.replace("db=0", f"db={number}")
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.flushdb()
    client.close()


def limited(settings, **receivers: Limits) -> None:
    settings.SHAPING = Shaping(
        relays={
            1: RelayShaping(
                direct=True, receivers={GMAIL: receivers.get("gmail", Limits())}
            )
        }
    )


def domains(relay: ScriptedTransport) -> list[str]:
    return [address.rpartition("@")[2] for address in relay.heard]


def the_gmail_lane() -> Lane:
    return Lane.objects.get(relay_id=1, provider_id=GMAIL)


def test_lanes_take_turns_whatever_waits_longest_in_one_of_them():
    for name in ("ann", "ben", "cat"):
        a_run_of(f"{name}@gmail.com")
    a_run_of("dan@other.example")
    relay = ScriptedTransport()

    drain(relay)

    assert domains(relay)[:2] == ["gmail.com", "other.example"]


def test_a_slow_lane_gives_its_pipe_to_another_after_its_turn():
    many_readers(8, newsletter := a_newsletter(), domains=["gmail.com"])
    a_run_for(newsletter)
    a_run_of("dan@other.example")
    clock = Hands()
    relay = ScriptedTransport(window=1, before_reply=lambda: clock.turn(seconds=1))

    drain(relay, clock)

    assert "other.example" in domains(relay)[:4]
    assert len(relay.heard) == 9


def test_no_more_leaves_than_the_rate_of_a_receiver_and_nobody_else_waits(settings):
    limited(settings, gmail=Limits(per_second=1 / 60))
    many_readers(20, newsletter := a_newsletter(), domains=["gmail.com", "r.example"])
    a_run_for(newsletter)
    relay = ScriptedTransport()

    drain(relay, Hands())

    assert domains(relay).count("r.example") == 10
    assert domains(relay).count("gmail.com") == 1


def test_what_waits_for_tokens_goes_on_when_they_come(settings):
    limited(settings, gmail=Limits(per_second=100))
    many_readers(60, newsletter := a_newsletter(), domains=["gmail.com"])
    run = a_run_for(newsletter)
    relay = ScriptedTransport()

    drain(relay, a_clock_that_goes(), nap=time.sleep)

    assert set(states(run).values()) == {State.ACCEPTED}


def test_a_relay_without_tokens_is_asked_for_no_lane_until_it_has_some(settings):
    settings.SHAPING = Shaping(relays={1: RelayShaping(per_second=1 / 60)})
    a_run_of("ann@gmail.com", "ben@outlook.com", "cat@yahoo.com", "dan@other.example")
    relay = ScriptedTransport()

    drain(relay, Hands())

    assert len(relay.heard) == 1
    assert sum(batch.fence for batch in Batch.objects.all()) == 2  # leases


def test_a_receiver_that_asks_for_less_gets_half():
    run = a_run_of("ann@gmail.com", "ben@other.example")

    drain(ScriptedTransport([OK, SLOWER]))

    lane = the_gmail_lane()
    assert states(run)["ann@gmail.com"] is State.DEFERRED
    assert (lane.changed_at, lane.since) == (NOW, NOW)
    assert lane.usual == 2 * lane.rate
    assert "421 4.7.28" in lane.reason


def test_a_slowed_lane_is_slow_for_every_pipe():
    many_readers(200, newsletter := a_newsletter(), domains=["gmail.com"])
    a_run_for(newsletter)
    Lane.objects.create(
        relay_id=1, provider_id=GMAIL, rate=0.03, usual=500, changed_at=NOW, reason="x"
    )
    relay = ScriptedTransport()

    drain(relay, Hands())

    assert len(relay.heard) == relay.most_in_flight == 1


def test_a_receiver_that_finds_fault_with_us_three_times_is_left_alone():
    a_run_of("a@gmail.com", "b@gmail.com", "c@gmail.com", "d@other.example")
    a_run_of("e@gmail.com")
    relay = ScriptedTransport([OK, BLOCKED, BLOCKED, BLOCKED])

    drain(relay)

    assert relay.heard.count("e@gmail.com") == 0
    assert the_gmail_lane().suspended_until == NOW + SUSPENDED_FOR
    assert "block list" in the_gmail_lane().reason


def test_a_suspended_lane_is_passed_over_and_nobody_spins():
    a_run_of("ann@gmail.com", "ben@other.example")
    suspend_gmail()
    relay = ScriptedTransport()

    drain(relay)

    assert relay.heard == ["ben@other.example"]
    gmail = Batch.objects.get(provider_id=GMAIL)
    assert gmail.due_at == NOW + SUSPENDED_FOR
    assert not delivery_is_due()


def test_what_a_suspended_lane_kept_leaves_when_it_is_over():
    run = a_run_of("ann@gmail.com")
    suspend_gmail()
    clock = Hands()

    drain(ScriptedTransport(), clock)
    clock.turn(hours=1)
    drain(ScriptedTransport(), clock)

    assert states(run)["ann@gmail.com"] is State.ACCEPTED


def test_a_letter_goes_to_a_receiver_that_gets_nothing_else():
    person = a_subscriber("ann@gmail.com")
    link = {"url": "https://news.causeway.example/p/in/x", "minutes": 15}
    audience.ask_letter(
        kind=LetterKind.LINK, subscriber_id=person.id, data=link, now=NOW
    )
    delivery.open_letters(now=NOW)
    suspend_gmail()
    relay = ScriptedTransport()

    drain(relay)

    assert relay.heard == ["ann@gmail.com"]


def test_a_lane_that_somebody_mended_goes_on_at_once():
    a_run_of("ann@gmail.com")
    suspend_gmail()
    drain(ScriptedTransport())
    relay = ScriptedTransport()

    delivery.resume_lane(relay_id=1, provider_id=GMAIL, by="Zola", now=NOW)
    drain(relay)

    assert relay.heard == ["ann@gmail.com"]
    assert not delivery.resume_lane(relay_id=1, provider_id=GMAIL, by="Zola", now=NOW)


def test_breaking_news_that_waits_for_tokens_stops_no_digest(settings):
    limited(settings, gmail=Limits(per_second=1 / 60))
    many_readers(5, alerts := a_newsletter(), domains=["gmail.com"])
    a_run_for(alerts, kind=RunKind.ALERT)
    digest = a_run_of("ann@other.example")
    relay = ScriptedTransport()

    drain(relay, Hands())

    assert states(digest)["ann@other.example"] is State.ACCEPTED
    assert domains(relay).count("gmail.com") == 2  # a full bucket for urgent mail


def a_clock_that_goes() -> Clock:
    """Return a clock as fast as the one of the buckets, which is Redis's own."""
    began = time.monotonic()
    return lambda: NOW + timedelta(seconds=time.monotonic() - began)


def suspend_gmail() -> None:
    Lane.objects.create(
        relay_id=1,
        provider_id=GMAIL,
        suspended_until=NOW + SUSPENDED_FOR,
        reason="blocked",
        since=NOW,
    )


def delivery_is_due() -> bool:
    return lease.is_due(relay_id=1, now=NOW)
