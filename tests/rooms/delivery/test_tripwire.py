"""A run that too many refuse or complain about is stopped short, and people told."""

import pytest

from mailer.audience import operations as audience
from mailer.audience import queries as people
from mailer.delivery import operations as delivery
from mailer.delivery import queries
from mailer.delivery.models import LaneDay, Run
from mailer.delivery.run import RunState
from mailer.delivery.shaping import PauseARun, Shaping
from tests.kit.audience import NOW, a_newsletter, many_readers
from tests.kit.delivery import (
    NO_SUCH_USER,
    OK,
    ScriptedTransport,
    a_run_for,
    drain,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_numbers(settings):
    settings.SHAPING = Shaping(
        pause_a_run=PauseARun(bounces_percent=5, at_least=100, complaints_percent=1)
    )


def a_run_to(n: int) -> Run:
    many_readers(n, newsletter := a_newsletter(), domains=["gmail.com"])
    return a_run_for(newsletter)


def drained(*script) -> ScriptedTransport:
    relay = ScriptedTransport(script, window=20)
    drain(relay)
    return relay


def state(run: Run) -> RunState:
    return queries.progress(run.pk).state


def complain(run: Run, *positions: int) -> None:
    for position in positions:
        delivery.heard_back(
            run_id=run.pk, position=position, is_complaint=True, now=NOW
        )


def test_a_run_that_too_many_refuse_is_paused_with_the_reason():
    run = a_run_to(200)

    relay = drained(*[NO_SUCH_USER] * 12)

    seen = queries.progress(run.pk)
    assert (seen.state, seen.moved_by) == (RunState.PAUSED, "delivery")
    assert "came back" in seen.reason
    assert len(relay.heard) < 100


def test_a_few_refusals_stop_nothing():
    run = a_run_to(200)

    drained(*[NO_SUCH_USER, OK] * 4)

    assert state(run) is RunState.DONE


def test_the_papers_own_people_are_told():
    audience.set_staff(address="zola@paper.example", now=NOW)
    run = a_run_to(200)

    drained(*[NO_SUCH_USER] * 12)

    [letter] = people.letters_waiting(10)
    assert letter.data["title"].endswith("is paused")
    assert letter.data["url"].endswith(f"/desk/r/{run.pk}")


def test_who_lets_it_go_on_is_not_asked_again():
    run = a_run_to(200)
    drained(*[NO_SUCH_USER] * 12)

    delivery.resume(run_id=run.pk, by="Thandi", now=NOW)
    drained(*[NO_SUCH_USER] * 12)

    assert state(run) is RunState.DONE


def test_a_run_that_readers_call_spam_is_paused():
    run = a_run_to(200)

    complain(run, 1)
    assert state(run) is RunState.OPEN
    complain(run, 2)

    assert state(run) is RunState.PAUSED
    assert "spam" in queries.progress(run.pk).reason


def test_a_complaint_after_the_end_changes_nothing():
    run = a_run_to(5)
    drained()

    complain(run, 1, 2, 3, 4)

    assert state(run) is RunState.DONE


def test_a_complaint_counts_against_the_day_of_a_relay_in_its_warm_up():
    delivery.begin_warm_up(relay_id=1, begins_on=NOW.date(), by="Zola")
    run = a_run_to(5)
    drained()

    complain(run, 1)

    assert LaneDay.objects.get().complaints == 1
