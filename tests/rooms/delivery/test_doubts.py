"""Deliveries in doubt: shown, sent again, closed."""

from datetime import timedelta

import pytest

from mailer.delivery import history, queries
from mailer.delivery import operations as delivery
from mailer.delivery.ledger import State
from mailer.delivery.models import Delivery
from mailer.delivery.run import RunState
from tests.kit.audience import NOW
from tests.kit.delivery import ScriptedTransport, a_run_of, at, drain, states

pytestmark = pytest.mark.django_db


def a_run_in_doubt():
    """A run that is over but for one delivery nobody knows the end of."""
    run = a_run_of("ann@a.example", "ben@b.example")
    relay = ScriptedTransport([None])
    drain(relay)
    return run, relay


def test_a_doubt_is_shown_with_its_reason_and_no_address():
    run, _ = a_run_in_doubt()

    [doubt] = queries.doubt(run.pk)

    assert (doubt.position, doubt.settled_at) == (1, NOW)
    assert doubt.reason == "the line broke before the last reply"
    assert queries.doubt() == [doubt]


def test_a_doubt_sent_again_keeps_its_message_id():
    run, relay = a_run_in_doubt()

    sent = delivery.resend_doubt(run_id=run.pk, positions=[1], by="O", now=NOW)
    drain(relay)

    assert sent == 1
    assert relay.heard == ["ann@a.example", "ben@b.example", "ann@a.example"]
    assert relay.envelopes[0].message == relay.envelopes[2].message
    assert set(states(run).values()) == {State.ACCEPTED}
    assert queries.progress(run.pk).state is RunState.DONE


def test_a_doubt_closed_is_not_sent_again_and_stays_counted():
    run, relay = a_run_in_doubt()

    closed = delivery.close_doubt(run_id=run.pk, positions=[1], by="O", now=NOW)
    drain(relay)

    assert closed == 1
    assert len(relay.heard) == 2
    assert queries.doubt(run.pk) == []
    assert queries.progress(run.pk).in_doubt == 1


def test_a_doubt_nobody_decides_about_is_closed_after_a_day():
    run, relay = a_run_in_doubt()

    early = delivery.upkeep(now=NOW + timedelta(hours=23)).doubts_closed
    late = delivery.upkeep(now=NOW + timedelta(hours=24)).doubts_closed
    drain(relay, at(NOW + timedelta(hours=25)))

    assert (early, late) == (0, 1)
    assert queries.doubt(run.pk) == []
    assert len(relay.heard) == 2


def test_what_is_not_in_doubt_is_not_sent_again():
    run, _ = a_run_in_doubt()

    with pytest.raises(delivery.NotInDoubt):
        delivery.resend_doubt(run_id=run.pk, positions=[2], by="O", now=NOW)

    assert Delivery.objects.get(run_id=run.pk, position=2).state == State.ACCEPTED


def test_of_two_operators_one_sends_it_again():
    run, relay = a_run_in_doubt()

    delivery.resend_doubt(run_id=run.pk, positions=[1], by="O", now=NOW)
    with pytest.raises(delivery.NotInDoubt):
        delivery.resend_doubt(run_id=run.pk, positions=[1], by="P", now=NOW)
    drain(relay)

    assert len(relay.heard) == 3


def test_a_delivery_says_to_whom_and_for_what_it_is():
    run, _ = a_run_in_doubt()

    view = queries.delivery_of(run.pk, 2)

    assert (view.state, view.code) == (State.ACCEPTED, 250)
    assert (view.newsletter_id, view.edition_id) == (run.newsletter_id, run.edition_id)
    assert queries.delivery_of(run.pk, 3) is None
    assert history.mails_to(view.subscriber_id).deliveries == (view,)
