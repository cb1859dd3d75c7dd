"""The operators' page: the true state, and one safe action for each fault."""

from datetime import timedelta

import pytest
from django.test import Client

from mailer.delivery import queries as delivery
from mailer.delivery.ledger import State
from mailer.delivery.models import Lane
from mailer.delivery.run import RunState
from mailer.kernel.clock import utc_now
from tests.kit.audience import a_newsletter
from tests.kit.delivery import ScriptedTransport, a_run_of, drain, states
from tests.kit.desk import an_editor

pytestmark = pytest.mark.django_db


def test_nobody_sees_the_page_without_a_log_in():
    assert Client().get("/ops").headers["Location"] == "/desk/login?next=/ops"


def test_without_workers_the_title_says_so():
    visitor = an_editor()

    visitor.open("/ops")

    assert visitor.status == 200
    assert "Nobody works on any queue: no worker runs" in visitor.words


def test_the_states_of_a_run_add_up_on_the_page():
    a_run_of("ann@a.example", "ben@b.example")
    drain(ScriptedTransport())
    visitor = an_editor()

    visitor.open("/ops")

    assert "agrees" in visitor.words


def test_pausing_everything_is_one_press_and_so_is_resuming():
    visitor = an_editor()
    visitor.open("/ops")

    visitor.press("Pause everything")
    paused = visitor.words
    visitor.press("Resume everything")

    assert "Everything is paused, by Thandi Mokoena" in paused
    assert delivery.pause() is None


def test_a_receiver_that_finds_fault_is_named_and_sent_to_again_once_it_is_mended():
    a_run_of("ann@gmail.com", release_at=utc_now(), now=utc_now())
    Lane.objects.create(
        relay_id=1,
        provider_id=1,
        since=utc_now(),
        suspended_until=utc_now() + timedelta(hours=1),
        reason="our address is on a block list (550 5.7.1)",
    )
    visitor = an_editor()
    visitor.open("/ops")
    troubled = visitor.words

    visitor.press("Mended: send again")

    assert "Gmail gets only letters from relay 1, 1 person waits: suspended" in troubled
    assert "our address is on a block list (550 5.7.1)" in troubled
    assert "Suspended" not in visitor.words


def test_a_run_is_paused_resumed_and_stopped():
    run = a_run_of("ann@a.example")
    visitor = an_editor()
    visitor.open("/ops")

    visitor.press("Pause")
    paused = delivery.progress(run.pk).state
    visitor.press("Resume")
    visitor.press("Pause")
    visitor.press("Stop for good")

    assert paused is RunState.PAUSED
    assert delivery.progress(run.pk).state is RunState.STOPPED


def test_a_doubt_is_resent_or_closed_by_a_person():
    newsletter = a_newsletter()
    run = a_run_of("ann@a.example", newsletter=newsletter)
    drain(ScriptedTransport([None]))
    visitor = an_editor()
    visitor.open("/ops")

    visitor.press("Close")

    assert set(states(run).values()) == {State.IN_DOUBT}
    assert delivery.doubt() == []
    assert "Closed for 1 person." in visitor.words
