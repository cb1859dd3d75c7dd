"""The way of a batch along the wire: what a drain does, whatever happens to it."""

import pytest

from mailer.delivery.ledger import LEASE, State
from tests.kit.audience import NOW
from tests.kit.delivery import ScriptedTransport, a_run_of, at, drain, states

pytestmark = pytest.mark.django_db


def test_a_run_reaches_everybody_once():
    run = a_run_of("ann@a.example", "ben@b.example")
    relay = ScriptedTransport()

    drain(relay)

    assert sorted(relay.heard) == ["ann@a.example", "ben@b.example"]
    assert set(states(run).values()) == {State.ACCEPTED}


def test_a_worker_that_oversleeps_mails_nobody_twice_and_clears_its_own_doubt():
    run = a_run_of("ann@a.example", "ben@b.example")
    quick = ScriptedTransport()
    slow = ScriptedTransport(
        window=1, before_reply=lambda: drain(quick, at(NOW + LEASE))
    )

    drain(slow)

    assert (slow.heard, quick.heard) == (["ann@a.example"], ["ben@b.example"])
    assert set(states(run).values()) == {State.ACCEPTED}
