"""The way of a batch along the wire: what a drain does, whatever happens to it."""

from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.db import connection

from mailer.audience import operations as audience
from mailer.audience import queries as people
from mailer.audience.consent import Evidence
from mailer.audience.leaving import How
from mailer.audience.suppression import Reason
from mailer.delivery import operations as delivery
from mailer.delivery import queries
from mailer.delivery.ledger import State
from mailer.delivery.models import Batch, Delivery, Run
from mailer.delivery.run import RunKind, RunState
from mailer.editions import queries as editions
from mailer.editions.content import EditionState
from tests.kit.audience import NOW, a_newsletter, a_reader_of, many_readers
from tests.kit.delivery import (
    BUSY,
    NO_SUCH_USER,
    OK,
    Hands,
    ScriptedTransport,
    a_run_for,
    a_run_of,
    at,
    drain,
    meanwhile,
    nothing,
    states,
)

pytestmark = pytest.mark.django_db
HOW = Evidence(form="test", channel="test")


def test_a_run_reaches_everybody_once():
    run = a_run_of("ann@a.example", "ben@b.example")
    relay = ScriptedTransport()

    drain(relay)

    assert sorted(relay.heard) == ["ann@a.example", "ben@b.example"]
    assert set(states(run).values()) == {State.ACCEPTED}


def test_a_bell_heard_twice_mails_nobody_twice():
    a_run_of("ann@a.example", "ben@b.example")
    relay = ScriptedTransport()

    drain(relay)
    drain(relay)

    assert len(relay.heard) == 2


def test_a_run_that_reached_everybody_is_done_and_its_edition_sent():
    run = a_run_of("ann@a.example")

    drain(ScriptedTransport())

    assert queries.progress(run.pk).state is RunState.DONE
    assert editions.edition(run.edition_id).state is EditionState.SENT


def test_a_run_to_nobody_is_done_at_once():
    run = a_run_for(a_newsletter())

    assert queries.progress(run.pk).state is RunState.DONE


def test_every_message_carries_its_own_names():
    a_run_of("ann@a.example", "ben@b.example")
    relay = ScriptedTransport()

    drain(relay)

    ann, ben = relay.envelopes
    assert b"To: ann@a.example\r\n" in ann.message
    assert b"To: ben@b.example\r\n" in ben.message
    assert ann.sender != ben.sender


def test_never_more_than_a_window_is_in_flight():
    many_readers(100, newsletter := a_newsletter())
    a_run_for(newsletter)
    relay = ScriptedTransport(window=10, at_once=3)

    drain(relay)

    assert relay.most_in_flight <= 10
    assert len(relay.heard) == 100


def test_the_window_slides_and_is_no_barrier():
    many_readers(30, newsletter := a_newsletter(), domains=["gmail.com"])
    run = a_run_for(newsletter)
    in_flight = []
    relay = ScriptedTransport(
        window=10,
        at_once=5,
        before_reply=lambda: in_flight.append(queries.progress(run.pk).in_flight),
    )

    drain(relay)

    assert in_flight[:4] == [10, 10, 10, 10]  # five answered, five more asked


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_a_server_thinks():
    a_run_of("ann@a.example", "ben@b.example")
    relay = ScriptedTransport([NO_SUCH_USER])

    drain(relay)

    assert set(relay.transactions) == {False}


def test_the_ask_waits_for_the_disk():
    """With it off, two kills of PostgreSQL doubled 64 to 128 mails each, measured."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")

        assert cursor.fetchone() == ("on",)


def test_who_leaves_between_two_windows_gets_nothing():
    run = a_run_of("ann@a.example", "ben@b.example")
    ben = people.subscriber_by_address("ben@b.example")
    relay = ScriptedTransport(
        window=1,
        before_reply=lambda: audience.unsubscribe(
            subscriber_id=ben.id,
            newsletter_id=run.newsletter_id,
            how=How.PAGE,
            evidence=HOW,
            now=NOW,
        ),
    )

    drain(relay)

    assert relay.heard == ["ann@a.example"]
    assert states(run)["ben@b.example"] is State.CANCELLED


def test_who_is_suppressed_between_two_windows_gets_nothing():
    a_run_of("ann@a.example", "ben@b.example")
    relay = ScriptedTransport(
        window=1,
        before_reply=lambda: audience.suppress(
            address="ben@b.example", evidence=HOW, now=NOW
        ),
    )

    drain(relay)

    assert relay.heard == ["ann@a.example"]


def test_who_is_erased_before_the_send_is_cancelled_not_due_for_ever():
    run = a_run_of("ann@a.example", "ben@b.example")
    ben = people.subscriber_by_address("ben@b.example")
    audience.erase(subscriber_id=ben.id, evidence=HOW, now=NOW)
    relay = ScriptedTransport()

    drain(relay)

    assert relay.heard == ["ann@a.example"]
    assert states(run)[str(ben.id)] is State.CANCELLED
    assert queries.progress(run.pk).state is RunState.DONE


def test_who_moved_gets_it_at_the_new_address():
    run = a_run_of("ann@a.example")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audience_subscriber SET address = 'ann@new.example'")
    relay = ScriptedTransport()

    drain(relay)

    assert relay.heard == ["ann@new.example"]
    assert queries.progress(run.pk).accepted == 1


def test_a_refused_address_is_refused_and_silenced():
    run = a_run_of("ann@a.example", "ben@b.example")
    ann = people.subscriber_by_address("ann@a.example")

    drain(ScriptedTransport([NO_SUCH_USER]))

    assert states(run) == {
        "ann@a.example": State.REFUSED,
        "ben@b.example": State.ACCEPTED,
    }
    assert people.suppression_of(ann.id).reason is Reason.NO_SUCH_ADDRESS


def test_a_refusal_that_is_about_us_silences_nobody():
    a_run_of("ann@a.example")
    ann = people.subscriber_by_address("ann@a.example")

    drain(ScriptedTransport([type(OK)(550)]))

    assert people.suppression_of(ann.id) is None


def test_a_deferred_delivery_is_tried_again_later_not_at_once():
    run = a_run_of("ann@a.example", "ben@b.example")
    relay = ScriptedTransport([BUSY])
    clock = Hands()

    drain(relay, clock)
    assert states(run)["ann@a.example"] is State.DEFERRED
    clock.turn(seconds=59)
    drain(relay, clock)
    assert relay.heard == ["ann@a.example", "ben@b.example"]
    clock.turn(seconds=2)
    drain(relay, clock)

    assert relay.heard == ["ann@a.example", "ben@b.example", "ann@a.example"]
    assert queries.progress(run.pk).state is RunState.DONE


def test_a_message_is_the_same_on_each_try():
    a_run_of("ann@a.example")
    relay = ScriptedTransport([BUSY])
    clock = Hands()

    drain(relay, clock)
    clock.turn(minutes=2)
    drain(relay, clock)

    first, second = relay.envelopes
    assert first.message == second.message


def test_what_is_put_off_for_too_long_is_given_up_with_the_reason():
    run = a_run_of("ann@a.example", kind=RunKind.ALERT)
    clock = Hands()
    relay = ScriptedTransport([BUSY] * 100)

    for _ in range(40):
        drain(relay, clock)
        clock.turn(minutes=31)

    row = Delivery.objects.get(run_id=run.pk)
    assert (row.state, row.reason) == ("cancelled", "too late: its time was over")
    assert queries.progress(run.pk).state is RunState.DONE


def test_a_relay_that_is_away_loses_nothing_and_is_not_hammered():
    run = a_run_of("ann@a.example", "ben@b.example")
    clock, away, back = Hands(), ScriptedTransport(away=True), ScriptedTransport()

    drain(away, clock)
    drain(away, clock)
    assert len(away.transactions) == 1  # the second one did not even try
    clock.turn(seconds=2)
    drain(back, clock)

    assert sorted(back.heard) == ["ann@a.example", "ben@b.example"]
    assert queries.progress(run.pk).state is RunState.DONE


def test_why_a_relay_takes_nothing_is_kept_for_operators():
    a_run_of("ann@a.example")

    drain(ScriptedTransport(away=True))

    [relay] = queries.relays(now=NOW)
    assert (relay.failures, relay.reason) == (1, "no connection")
    assert relay.failing_since == NOW


def test_a_relay_that_works_again_is_forgiven():
    a_run_of("ann@a.example")
    clock = Hands()

    drain(ScriptedTransport(away=True), clock)
    clock.turn(seconds=2)
    drain(ScriptedTransport(), clock)

    [relay] = queries.relays(now=clock())
    assert (relay.failures, relay.failing_since, relay.reason) == (0, None, "")


def test_an_alert_overtakes_a_digest_between_two_windows():
    newsletter, alerts = a_newsletter(), a_newsletter(name="Alerts")
    many_readers(40, newsletter, domains=["gmail.com"])
    a_run_for(newsletter)
    relay = ScriptedTransport(
        window=4,
        before_reply=meanwhile(
            nothing,
            lambda: a_run_of("eve@e.example", newsletter=alerts, kind=RunKind.ALERT),
        ),
    )

    drain(relay)

    assert relay.heard.index("eve@e.example") == 8  # two windows, then the alert
    assert len(relay.heard) == 41


def test_a_batch_that_was_overtaken_is_handed_back_without_doubt():
    newsletter, alerts = a_newsletter(), a_newsletter(name="Alerts")
    many_readers(40, newsletter, domains=["gmail.com"])
    digest = a_run_for(newsletter)
    relay = ScriptedTransport(
        window=4,
        before_reply=meanwhile(
            lambda: a_run_of("eve@e.example", newsletter=alerts, kind=RunKind.ALERT)
        ),
    )

    drain(relay)

    progress = queries.progress(digest.pk)
    assert (progress.accepted, progress.in_doubt) == (40, 0)
    assert Batch.objects.get(run=digest).attempt == 1


def test_a_drain_ends_after_its_time_and_hands_back():
    newsletter = a_newsletter()
    many_readers(100, newsletter, domains=["gmail.com"])
    run = a_run_for(newsletter)
    clock = Hands()
    relay = ScriptedTransport(window=4, before_reply=lambda: clock.turn(seconds=5))

    drain(relay, clock)

    assert len(relay.heard) == 16  # four windows of five seconds
    assert Batch.objects.get(run=run).lease_ends_at is None
    assert queries.progress(run.pk).in_doubt == 0


def test_what_is_unanswered_long_after_the_end_is_in_doubt():
    run = a_run_of("ann@a.example", "ben@b.example")
    clock = Hands()
    silent = ScriptedTransport(at_once=0, before_reply=lambda: clock.turn(seconds=9))

    drain(silent, clock)

    assert set(states(run).values()) == {State.IN_DOUBT}
    assert clock() - NOW < timedelta(seconds=60)  # the hard limit of a task


def test_a_worker_that_is_to_stop_asks_no_more_and_leaves_no_doubt():
    newsletter = a_newsletter()
    many_readers(100, newsletter, domains=["gmail.com"])
    run = a_run_for(newsletter)
    relay = ScriptedTransport(window=4)

    delivery.drain(
        relay_id=1,
        connect=lambda: nullcontext(relay),
        clock=at(NOW),
        stopping=lambda: len(relay.heard) >= 8,
    )

    progress = queries.progress(run.pk)
    assert (progress.accepted, progress.in_doubt, progress.due) == (8, 0, 92)


def test_a_run_that_cannot_be_printed_is_paused_with_the_reason_and_holds_no_other():
    broken = a_run_of("ann@a.example", html="@@NOBODY@@")
    good = a_run_of("ben@b.example")
    relay = ScriptedTransport()

    drain(relay)

    assert relay.heard == ["ben@b.example"]
    assert queries.progress(good.pk).state is RunState.DONE
    progress = queries.progress(broken.pk)
    assert progress.state is RunState.PAUSED
    assert "NOBODY" in progress.reason


def test_two_runs_share_the_relay_first_come_first():
    newsletter = a_newsletter()
    ann = a_reader_of(newsletter)
    first, second = a_run_for(newsletter), a_run_for(newsletter)
    relay = ScriptedTransport()

    drain(relay)

    assert relay.heard == [ann.address, ann.address]
    assert [e.run_id for e in relay.envelopes] == [first.pk, second.pk]
    assert Run.objects.filter(state=RunState.DONE).count() == 2
