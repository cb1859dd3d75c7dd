"""Several relays over real sockets: one dies in mid-send, one is a mail service."""

from collections import Counter
from functools import partial

import pytest

from mailer.delivery import connecting, queries, standing
from mailer.delivery import operations as delivery
from mailer.delivery.ledger import State
from mailer.delivery.models import Batch, Delivery
from tests.kit.delivery import Hands, a_run_of, states
from tests.kit.mail_service import SILENCE, Said, a_mail_service
from tests.kit.smtp_server import CUT, a_server, then_cut

pytestmark = pytest.mark.django_db
SIX = ["gmail.com", "yahoo.com", "outlook.com", "icloud.com", "gmx.de", "mweb.co.za"]
MANY = [f"r{n}@{domain}" for domain in SIX for n in range(20)]


def drain(clock, *relay_ids):
    for relay_id in relay_ids:
        delivery.drain(
            relay_id=relay_id,
            connect=partial(connecting.connect, relay_id=relay_id),
            clock=clock,
            nap=lambda seconds: clock.turn(seconds=seconds),
        )


def smtp(server, options="sessions=1"):
    return f"smtp://127.0.0.1:{server.port}?{options}"


def test_a_relay_that_dies_in_mid_send_costs_no_mail_and_doubles_none(settings):
    with a_server() as first, a_server() as second:
        settings.RELAYS = (smtp(first), smtp(second))
        run = a_run_of(*MANY)
        first.script(".", *["250 2.0.0 Taken"] * 30)
        first.script("MAIL", *["250 2.1.0 Ok"] * 30, CUT, CUT, CUT, CUT, CUT, CUT, CUT)
        clock = Hands()

        drain(clock, 1)
        assert Batch.objects.filter(done=False, relay_id=1).count() == 0
        drain(clock, 2, 2)

    assert set(states(run).values()) == {State.ACCEPTED}
    assert Counter(first.addresses() + second.addresses()) == Counter(MANY)
    assert len(first.taken) == 30


def test_one_that_dies_with_mails_on_the_wire_leaves_these_in_doubt_and_no_others(
    settings,
):
    with a_server() as first, a_server() as second:
        settings.RELAYS = (smtp(first), smtp(second))
        run = a_run_of(*MANY)
        first.script(".", *["250 2.0.0 Taken"] * 10, CUT)
        first.script("GREETING", "220 mail.example", CUT, CUT, CUT, CUT, CUT)
        clock = Hands()

        drain(clock, 1, 2, 2)

    found = Counter(states(run).values())
    assert found == {State.ACCEPTED: len(MANY) - 1, State.IN_DOUBT: 1}
    assert set(Counter(first.addresses() + second.addresses()).values()) == {1}
    assert queries.progress(run.pk).adds_up


def test_a_relay_that_comes_back_is_probed_and_takes_its_own_again(settings):
    with a_server() as first, a_server() as second:
        settings.RELAYS = (smtp(first), smtp(second))
        run = a_run_of(*MANY)
        first.script("GREETING", then_cut("421 4.3.2 Not now"))
        clock = Hands()
        drain(clock, 1)
        assert standing.usable(now=clock()) == {2}
        clock.turn(seconds=1)

        drain(clock, 1)
        drain(clock, 2)

    assert standing.usable(now=clock()) == {1, 2}
    assert set(states(run).values()) == {State.ACCEPTED}
    assert len(first.taken) == len(second.taken) == 60


def test_a_run_goes_by_a_mail_service_as_by_any_relay(settings):
    with a_mail_service("postmark") as service:
        settings.RELAYS = (f"anymail+postmark://:key@127.0.0.1:{service.port}",)
        run = a_run_of(*MANY)

        drain(Hands(), 1)

    assert set(states(run).values()) == {State.ACCEPTED}
    assert Counter(service.addresses()) == Counter(MANY)
    assert all(len(mail.to) == 1 for mail in service.taken)
    leave = [mail.fields["List-Unsubscribe"] for mail in service.taken]
    assert len(set(leave)) == len(MANY)


def test_a_call_nobody_answered_is_in_doubt_and_other_relays_take_the_rest(
    settings, monkeypatch
):
    monkeypatch.setattr("mailer.delivery.connecting.ANSWER_SECONDS", 0.3)
    with a_mail_service("resend", SILENCE) as service, a_server() as server:
        settings.RELAYS = (
            f"anymail+resend://:key@127.0.0.1:{service.port}",
            smtp(server),
        )
        run = a_run_of(*MANY)

        drain(Hands(), 1, 2)

    found = Counter(states(run).values())
    assert found == {State.IN_DOUBT: 10, State.ACCEPTED: len(MANY) - 10}
    doubted = Delivery.objects.filter(run_id=run.pk, state=State.IN_DOUBT)
    assert doubted.count() == len(service.taken) == 10
    said = "relay 1 (resend) did not answer a call of several mails"
    assert set(doubted.values_list("reason", flat=True)) == {said}
    assert queries.relays(now=Hands()())[0].reason == said


def test_a_service_that_is_asked_too_often_is_left_alone_for_as_long_as_it_says(
    settings,
):
    busy = Said(429, {}, {"Retry-After": "40"})
    with a_mail_service("brevo", busy) as service:
        settings.RELAYS = (f"anymail+brevo://:key@127.0.0.1:{service.port}",)
        run = a_run_of("ann@a.example", "ben@b.example")
        clock = Hands()
        drain(clock, 1)
        clock.turn(seconds=39)
        drain(clock, 1)
        assert len(service.calls) == 1

        clock.turn(seconds=1)
        drain(clock, 1)

    assert set(states(run).values()) == {State.ACCEPTED}
