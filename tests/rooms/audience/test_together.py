"""Several workers and readers at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection

from mailer.audience import operations as audience
from mailer.audience import queries
from mailer.audience.consent import Evidence, Happened, How
from mailer.audience.models import ConsentRecord, Letter, SignUpRequest
from mailer.audience.operations import Outcome
from tests.kit.audience import a_newsletter, a_reader_of, a_subscriber

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def together(what, times=6):
    def once(_):
        try:
            return what()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(once, range(times)))


def test_many_workers_answer_each_request_once():
    digest = a_newsletter()
    for n in range(12):
        audience.sign_up(
            address=f"r{n}@d{n}.example",
            newsletter_ids=[digest.id],
            evidence=Evidence(),
            now=NOW,
        )

    answered = together(lambda: audience.answer_requests(now=NOW))

    assert sum(answered) == 12
    assert Letter.objects.count() == 12


def test_a_button_pressed_many_times_at_once_starts_once():
    digest = a_newsletter()
    audience.sign_up(
        address="ann@a.example",
        newsletter_ids=[digest.id],
        evidence=Evidence(),
        now=NOW,
    )
    audience.answer_requests(now=NOW)
    request = SignUpRequest.objects.get()

    outcomes = together(
        lambda: (
            audience.confirm(
                subscriber_id=request.subscriber_id,
                request_id=request.pk,
                evidence=Evidence(),
                now=NOW,
            ).outcome
        )
    )

    assert sorted(outcomes) == [*[Outcome.ALREADY] * 5, Outcome.STARTED]
    assert ConsentRecord.objects.filter(what=Happened.CONFIRMED).count() == 1
    assert queries.count_reach(newsletter_id=digest.id) == 1


def test_leaving_many_times_at_once_is_written_down_once():
    digest = a_newsletter()
    ann = a_reader_of(digest)

    left = together(
        lambda: (
            audience.unsubscribe(
                subscriber_id=ann.id,
                newsletter_id=digest.id,
                how=How.ONE_CLICK,
                evidence=Evidence(),
                now=NOW,
            ).changed
        )
    )

    assert sum(left) == 1
    assert ConsentRecord.objects.count() == 1


def test_a_link_opened_many_times_at_once_opens_once():
    ann = a_subscriber("ann@a.example")
    audience.ask_link(address="ann@a.example", now=NOW)
    audience.answer_requests(now=NOW)
    link = int_of_the_link()

    opened = together(lambda: audience.use_link(link_id=link, now=NOW))

    assert sorted(map(str, opened)) == sorted([str(ann.id), *["None"] * 5])


def int_of_the_link():
    from mailer.audience.models import LinkRequest  # noqa: PLC0415

    return LinkRequest.objects.get().pk


def test_an_address_that_bounces_many_times_at_once_is_suppressed_once():
    ann = a_reader_of(a_newsletter())

    together(
        lambda: audience.hear(
            subscriber_id=ann.id, blame="address", evidence_text="5.1.1", now=NOW
        )
    )

    records = ConsentRecord.objects.filter(what=Happened.SUPPRESSED)
    assert records.count() == 1
