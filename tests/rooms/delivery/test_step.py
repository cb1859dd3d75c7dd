"""The step by itself: whose answer counts, and who may ask."""

from datetime import timedelta

import pytest

from mailer.delivery import queries
from mailer.delivery.lease import lease_a_batch
from mailer.delivery.ledger import LEASE, State
from mailer.delivery.models import Batch
from mailer.delivery.run import DoubtPolicy
from mailer.delivery.step import Answer, Hold, LeaseLost, step
from tests.kit.audience import NOW
from tests.kit.delivery import a_run_of, states

pytestmark = pytest.mark.django_db
LATER = NOW + LEASE


def leased(*, now=NOW, writer=1) -> Hold:
    hold = lease_a_batch(relay_id=1, writer=writer, now=now)
    assert hold is not None
    return hold


def test_a_step_returns_whom_it_put_in_flight_and_where_they_are():
    run = a_run_of("ann@a.example", "ben@b.example")
    hold = leased()

    asked = step(hold, {}, stop=hold.next + 1, now=NOW)

    assert [(one.position, one.address, one.tier) for one in asked] == [
        (1, "ann@a.example", "free")
    ]
    assert states(run) == {
        "ann@a.example": State.IN_FLIGHT,
        "ben@b.example": State.DUE,
    }


def test_an_answer_of_an_older_lease_does_not_settle_what_a_newer_one_asked():
    run = a_run_of("ann@a.example", policy=DoubtPolicy.RESEND)
    old = leased()
    step(old, {}, stop=2, now=NOW)
    new = leased(now=LATER, writer=2)
    step(new, {}, stop=2, now=LATER)

    with pytest.raises(LeaseLost):
        step(old, {1: Answer(State.REFUSED, 550, "no such mailbox")}, stop=2, now=LATER)

    assert states(run) == {"ann@a.example": State.IN_FLIGHT}
    assert queries.progress(run.pk).adds_up


def test_a_holder_whose_lease_was_taken_asks_nobody():
    run = a_run_of("ann@a.example", "ben@b.example")
    old = leased()
    leased(now=LATER, writer=2)

    with pytest.raises(LeaseLost):
        step(old, {}, stop=3, now=LATER)

    assert set(states(run).values()) == {State.DUE}


def test_an_empty_step_renews_the_lease():
    a_run_of("ann@a.example")
    hold = leased()
    half = NOW + LEASE / 2

    step(hold, {}, stop=hold.next, now=half)

    assert Batch.objects.get().lease_ends_at == half + LEASE
    assert lease_a_batch(relay_id=1, writer=2, now=LATER) is None


def test_an_answer_to_a_question_nobody_asked_changes_nothing():
    run = a_run_of("ann@a.example", "ben@b.example")
    hold = leased()

    step(hold, {2: Answer(State.ACCEPTED, 250)}, stop=1, now=NOW)

    assert set(states(run).values()) == {State.DUE}
    assert queries.progress(run.pk).due == 2


def test_a_batch_is_leased_by_one_and_again_only_when_the_lease_is_over():
    a_run_of("ann@a.example")
    first = leased()

    assert lease_a_batch(relay_id=1, writer=2, now=NOW) is None
    second = leased(now=NOW + LEASE + timedelta(seconds=1), writer=2)

    assert second.batch_id == first.batch_id
    assert second.fence == first.fence + 1
