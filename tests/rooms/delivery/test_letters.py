"""Letters and test sends: runs to one person, urgent, once, and never lost."""

from datetime import timedelta

import pytest

from mailer.audience import operations as audience
from mailer.audience import queries as people
from mailer.audience.consent import Evidence
from mailer.audience.letter import LetterKind
from mailer.delivery import operations as delivery
from mailer.delivery import queries
from mailer.delivery.models import Run
from mailer.delivery.run import RunKind, RunState
from tests.kit.audience import NOW, a_newsletter, a_subscriber, many_readers
from tests.kit.delivery import (
    ScriptedTransport,
    a_run_for,
    an_approved_digest,
    drain,
    meanwhile,
)

pytestmark = pytest.mark.django_db
HOW = Evidence(form="test", channel="test")
LINK = {"url": "https://news.causeway.example/p/in/x", "minutes": 15}


def a_letter(address: str = "ann@a.example", kind=LetterKind.LINK, **data) -> int:
    person = a_subscriber(address)
    return audience.ask_letter(
        kind=kind, subscriber_id=person.id, data=data or LINK, now=NOW
    )


def test_a_letter_asked_for_is_sent_once():
    a_letter()
    relay = ScriptedTransport()

    delivery.open_letters(now=NOW)
    delivery.open_letters(now=NOW)
    drain(relay, urgent_only=True)

    assert relay.heard == ["ann@a.example"]
    assert people.letters_waiting(10) == []
    assert b"List-Unsubscribe" not in relay.envelopes[0].message
    [run] = queries.runs(letters=True)
    assert (run.kind, run.state, run.accepted) == (RunKind.LETTER, RunState.DONE, 1)


def test_a_letter_does_not_wait_behind_a_digest():
    many_readers(40, newsletter := a_newsletter(), domains=["gmail.com"])
    a_run_for(newsletter)
    urgent = ScriptedTransport()

    def asked():
        a_letter()
        delivery.open_letters(now=NOW)
        drain(urgent, urgent_only=True)

    drain(ScriptedTransport(window=4, before_reply=meanwhile(asked)))

    assert urgent.heard == ["ann@a.example"]


def test_a_letter_goes_to_who_left_every_newsletter_but_not_to_a_suppressed_address():
    a_letter("ann@a.example")
    a_letter("ben@b.example")
    audience.suppress(address="ben@b.example", evidence=HOW, now=NOW)
    relay = ScriptedTransport()

    delivery.open_letters(now=NOW)
    drain(relay)

    assert relay.heard == ["ann@a.example"]
    assert sorted(r.cancelled for r in queries.runs(letters=True)) == [0, 1]


def test_a_letter_without_the_data_it_needs_is_shown_and_holds_no_other():
    a_letter("ann@a.example", minutes=15)
    a_letter("ben@b.example")
    relay = ScriptedTransport()

    opened = delivery.open_letters(now=NOW)
    drain(relay)

    assert (opened, relay.heard) == (1, ["ben@b.example"])
    [broken] = queries.runs(letters=True, states=[RunState.STOPPED])
    assert (broken.cancelled, broken.adds_up) == (1, True)
    assert "needs 'url'" in broken.reason


def test_a_link_for_an_address_we_do_not_know_leads_to_nothing_quietly():
    audience.ask_link(address="nobody@a.example", now=NOW)

    assert delivery.open_letters(now=NOW) == 0
    assert not Run.objects.exists()


def test_a_link_for_an_address_we_know_is_on_its_way():
    a_subscriber("ann@a.example")
    audience.ask_link(address="ann@a.example", now=NOW)
    relay = ScriptedTransport()

    delivery.open_letters(now=NOW)
    drain(relay, urgent_only=True)

    assert relay.heard == ["ann@a.example"]


def test_a_test_send_goes_to_the_staff_with_test_in_its_subject():
    edition = an_approved_digest("reader@a.example")
    desk = a_subscriber("desk@z.example", is_staff=True)
    relay = ScriptedTransport()

    run_id = delivery.send_test(
        edition_id=edition.id, subscriber_ids=[desk.id, desk.id], now=NOW
    )
    drain(relay, urgent_only=True)

    assert relay.heard == ["desk@z.example"]
    assert b"Subject: TEST: " in relay.envelopes[0].message
    assert queries.progress(run_id).kind is RunKind.TEST


def test_a_test_send_to_somebody_else_is_refused():
    edition = an_approved_digest()
    reader = a_subscriber("reader@a.example")

    with pytest.raises(delivery.NotStaff):
        delivery.send_test(edition_id=edition.id, subscriber_ids=[reader.id], now=NOW)


def test_a_test_send_to_nobody_is_refused():
    with pytest.raises(delivery.NotStaff):
        delivery.send_test(
            edition_id=an_approved_digest().id, subscriber_ids=[], now=NOW
        )


def test_a_test_does_not_stand_in_the_way_of_the_real_run():
    edition = an_approved_digest("reader@a.example")
    desk = a_subscriber("desk@z.example", is_staff=True)
    delivery.send_test(edition_id=edition.id, subscriber_ids=[desk.id], now=NOW)

    delivery.open_due(now=edition.release_at)

    assert queries.progress_of_edition(edition.id).audience == 1


def test_what_a_letter_says_can_be_read_by_its_run_and_number():
    a_letter()
    delivery.open_letters(now=NOW)
    [run] = queries.runs(letters=True)

    assert queries.variant_of(run.run_id, 1).subject.startswith("Your mails")
    assert queries.variant_of(run.run_id, 2) is None


def test_what_a_letter_said_is_forgotten_and_that_it_was_sent_is_not():
    a_letter()
    delivery.open_letters(now=NOW)
    drain(ScriptedTransport())
    [run] = queries.runs(letters=True)

    delivery.upkeep(now=NOW + timedelta(hours=47))
    before = queries.variant_of(run.run_id, 1)
    delivery.upkeep(now=NOW + timedelta(hours=49))

    assert before is not None
    assert queries.variant_of(run.run_id, 1) is None
    assert queries.progress(run.run_id).accepted == 1
