"""What servers and readers answer, and who is left alone for it."""

from datetime import UTC, datetime, timedelta

import pytest

from mailer.audience import operations as audience
from mailer.audience import queries
from mailer.audience.consent import Evidence, SubscriptionState
from mailer.audience.suppression import Reason, Scope
from mailer.kernel.blame import Blame
from tests.kit.audience import a_newsletter, a_reader_of

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def hear(person, blame, now=NOW):
    return audience.hear(
        subscriber_id=person.id, blame=blame, evidence_text="5.1.1", now=now
    )


def reach(newsletter_id):
    return queries.count_reach(newsletter_id=newsletter_id)


def test_an_address_that_does_not_exist_gets_nothing_more_not_even_letters():
    digest = a_newsletter()
    ann = a_reader_of(digest)

    assert hear(ann, Blame.ADDRESS) is Reason.NO_SUCH_ADDRESS

    assert (reach(digest.id), reach(0)) == (0, 0)


def test_a_complaint_leaves_every_list():
    digest, business = a_newsletter(), a_newsletter()
    ann = a_reader_of(digest, business, address="ann@a.example")

    hear(ann, Blame.READER)

    standings = {s.state for s in queries.subscriber(ann.id).subscriptions}
    assert standings == {SubscriptionState.LEFT}
    assert queries.suppression("ann@a.example").reason is Reason.COMPLAINT


@pytest.mark.parametrize("times", [1, 5, 50])
def test_what_is_about_us_never_silences_a_reader(times):
    digest = a_newsletter()
    ann = a_reader_of(digest)

    heard = {hear(ann, Blame.US, now=NOW + timedelta(days=day)) for day in range(times)}

    assert heard == {None}
    assert reach(digest.id) == 1


def test_a_full_mailbox_is_left_alone_after_three_times_over_two_weeks():
    digest = a_newsletter()
    ann = a_reader_of(digest, address="ann@a.example")

    heard = [
        hear(ann, Blame.MAILBOX_FULL, now=NOW + timedelta(days=day))
        for day in (0, 7, 14)
    ]

    assert heard == [None, None, Reason.KEEPS_FAILING]
    assert queries.suppression("ann@a.example").scope is Scope.LISTS
    assert (reach(digest.id), reach(0)) == (0, 1)


def test_a_worse_reason_takes_the_place_of_a_lighter_one():
    ann = a_reader_of(a_newsletter(), address="ann@a.example")
    for day in (0, 7, 14):
        hear(ann, Blame.MAILBOX_FULL, now=NOW + timedelta(days=day))

    hear(ann, Blame.READER, now=NOW + timedelta(days=15))
    hear(ann, Blame.ADDRESS, now=NOW + timedelta(days=16))

    found = queries.suppression("ann@a.example")
    assert (found.reason, found.scope) == (Reason.COMPLAINT, Scope.ALL)


def test_a_lifted_address_is_written_to_again_but_on_no_list_it_left():
    digest, business = a_newsletter(), a_newsletter()
    ann = a_reader_of(digest, business, address="ann@a.example")
    audience.unsubscribe(
        subscriber_id=ann.id,
        newsletter_id=digest.id,
        how="page",
        evidence=Evidence(),
        now=NOW,
    )
    hear(ann, Blame.ADDRESS)

    lifted = audience.lift(address="ann@a.example", evidence=Evidence(), now=NOW)

    assert lifted
    assert (reach(digest.id), reach(business.id)) == (0, 1)


def test_the_erased_are_not_heard_of():
    ann = a_reader_of(a_newsletter())
    audience.erase(subscriber_id=ann.id, evidence=Evidence(), now=NOW)

    assert hear(ann, Blame.ADDRESS) is None


def test_an_unknown_number_is_not_heard_of():
    assert (
        audience.hear(subscriber_id=1, blame="address", evidence_text="", now=NOW)
        is None
    )
