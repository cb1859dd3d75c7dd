"""Data subjects' rights, and what is forgotten by itself."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps

from mailer.audience import operations as audience
from mailer.audience import queries
from mailer.audience.consent import Evidence, Happened, SubscriberState
from mailer.audience.models import ConsentRecord, LinkRequest, SignUpRequest
from mailer.audience.suppression import Reason
from tests.kit.audience import (
    a_newsletter,
    a_place,
    a_reader_of,
    a_subscriber,
    many_readers,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
SHOWN = Evidence(wording="Erase me", form="data", ip="198.51.100.7", user_agent="Fox")


def erase(person, now=NOW):
    return audience.erase(subscriber_id=person.id, evidence=SHOWN, now=now)


def everything_in_the_tables():
    tables = apps.get_app_config("audience").get_models()
    return "".join(str(list(table.objects.values())) for table in tables)


def test_nothing_of_an_erased_person_is_left_but_a_scrambled_mark():
    digest = a_newsletter()
    ann = a_reader_of(digest, address="ann.unusual@a.example", place="TAMBA")
    audience.sign_up(
        address="ann.unusual@a.example",
        newsletter_ids=[a_newsletter().id],
        evidence=Evidence(ip="198.51.100.7"),
        now=NOW,
    )
    audience.answer_requests(now=NOW)
    audience.ask_link(address="ann.unusual@a.example", now=NOW)
    before = everything_in_the_tables()

    assert erase(ann)

    after = everything_in_the_tables()
    assert "unusual" in before
    assert "198.51.100.7" in before
    assert "unusual" not in after
    assert "198.51.100.7" not in after
    assert queries.subscriber(ann.id).state is SubscriberState.ERASED
    assert queries.count_reach(newsletter_id=digest.id) == 0
    assert queries.count_reach(newsletter_id=0) == 0


def test_we_never_write_to_the_erased_again():
    digest = a_newsletter()
    ann = a_reader_of(digest, address="ann@a.example")
    erase(ann)

    audience.sign_up(
        address="ANN@a.example", newsletter_ids=[digest.id], evidence=SHOWN, now=NOW
    )
    audience.answer_requests(now=NOW)

    assert queries.letters_waiting() == []
    assert queries.suppression("ann@a.example").reason is Reason.ERASED


def test_erasing_twice_erases_once():
    ann = a_subscriber()
    erase(ann)

    assert not erase(ann)


def test_proof_of_consent_outlives_the_person():
    digest = a_newsletter()
    ann = a_reader_of(digest)
    audience.stop_everything(subscriber_id=ann.id, evidence=SHOWN, now=NOW)
    erase(ann)

    whats = [r.what for r in queries.records_of(ann.id)]

    assert whats == [Happened.LEFT, Happened.ERASED]


def test_the_export_is_json_and_holds_what_we_know():
    digest = a_newsletter(name="Morning digest")
    ann = a_reader_of(digest, address="ann@a.example", place=a_place("TAMBA"))
    audience.stop_everything(subscriber_id=ann.id, evidence=SHOWN, now=NOW)

    data = audience.export(subscriber_id=ann.id, evidence=SHOWN, now=NOW)

    again = json.loads(json.dumps(data))
    assert again["address"] == "ann@a.example"
    assert again["place"] == "TAMBA"
    assert again["newsletters"][0]["state"] == "left"
    assert again["consent"][0]["shown"] == "Erase me"
    assert again["consent"][0]["ip"] == "198.51.100.7"


def test_where_somebody_pressed_is_forgotten_after_a_year():
    ann = a_reader_of(a_newsletter())
    audience.stop_everything(subscriber_id=ann.id, evidence=SHOWN, now=NOW)

    early = audience.tidy(now=NOW + timedelta(days=364))
    late = audience.tidy(now=NOW + timedelta(days=366))

    record = ConsentRecord.objects.get(what=Happened.LEFT)
    assert (early.places_of_consent, late.places_of_consent) == (0, 1)
    assert (record.ip, record.user_agent, record.wording.text) == (
        None,
        "",
        "Erase me",
    )


def test_who_never_confirms_is_forgotten_and_may_come_again():
    digest = a_newsletter()
    audience.sign_up(
        address="ann@a.example", newsletter_ids=[digest.id], evidence=SHOWN, now=NOW
    )
    audience.answer_requests(now=NOW)

    tidied = audience.tidy(now=NOW + timedelta(days=31))

    assert tidied.never_confirmed == 1
    assert "ann@a.example" not in everything_in_the_tables()
    assert queries.suppression("ann@a.example") is None


def test_old_requests_are_forgotten():
    audience.ask_link(address="nobody@a.example", now=NOW)
    audience.sign_up(
        address="ann@a.example",
        newsletter_ids=[a_newsletter().id],
        evidence=SHOWN,
        now=NOW,
    )

    audience.tidy(now=NOW + timedelta(days=31))

    assert not LinkRequest.objects.exists()
    assert not SignUpRequest.objects.exists()


def test_what_is_usual_is_the_middle_of_the_last_days():
    digest = a_newsletter()
    assert queries.usual_reach(digest.id) is None
    for day, new in enumerate((1, 1, 98)):
        many_readers(new, digest)
        audience.tidy(now=NOW + timedelta(days=day))
        audience.tidy(now=NOW + timedelta(days=day, hours=1))

    assert queries.usual_reach(digest.id) == 2
