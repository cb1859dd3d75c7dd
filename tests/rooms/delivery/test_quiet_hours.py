"""Quiet hours at work: digests wait for the morning, alerts and letters do not."""

from datetime import UTC, datetime, time

import pytest

from mailer.delivery.ledger import State
from mailer.delivery.models import Batch
from mailer.delivery.run import RunKind
from mailer.delivery.shaping import QuietHours, Shaping
from tests.kit.audience import a_newsletter, a_reader_of
from tests.kit.delivery import Hands, ScriptedTransport, a_run_for, drain, states

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 4, 23, 0, tzinfo=UTC)
SIX = datetime(2026, 11, 5, 6, 0, tzinfo=UTC)


def a_run_at_night(kind: RunKind, *, slug: str = "morning"):
    newsletter = a_newsletter(slug=slug)
    for address in (f"{slug}@gmail.com", f"{slug}@other.example"):
        a_reader_of(newsletter, address=address)
    return a_run_for(newsletter, kind=kind, release_at=NIGHT, now=NIGHT)


@pytest.fixture(autouse=True)
def night(settings):
    hours = QuietHours(time(22), time(6))
    settings.SHAPING = Shaping(quiet={"": hours, "late-night": None})


@pytest.mark.parametrize("kind", [RunKind.DIGEST, RunKind.RESULTS])
def test_a_digest_and_results_wait_until_the_quiet_hours_are_over(kind):
    run = a_run_at_night(kind)
    clock, relay = Hands(NIGHT), ScriptedTransport()

    drain(relay, clock)
    waits_until = {batch.due_at for batch in Batch.objects.all()}
    clock.turn(hours=7)
    drain(relay, clock)

    assert waits_until == {SIX}
    assert set(states(run).values()) == {State.ACCEPTED}


def test_breaking_news_goes_at_any_hour():
    run = a_run_at_night(RunKind.ALERT)

    drain(ScriptedTransport(), Hands(NIGHT))

    assert set(states(run).values()) == {State.ACCEPTED}


def test_a_newsletter_without_quiet_hours_goes_at_night():
    run = a_run_at_night(RunKind.DIGEST, slug="late-night")

    drain(ScriptedTransport(), Hands(NIGHT))

    assert set(states(run).values()) == {State.ACCEPTED}


def test_one_newsletters_night_holds_up_no_other():
    a_run_at_night(RunKind.DIGEST)
    run = a_run_at_night(RunKind.DIGEST, slug="late-night")

    drain(ScriptedTransport(), Hands(NIGHT))

    assert set(states(run).values()) == {State.ACCEPTED}
