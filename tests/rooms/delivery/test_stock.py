"""What the messages of a run say about how it came to be."""

import pytest

from mailer.delivery import operations as delivery
from mailer.editions import operations as editions
from mailer.editions import queries
from tests.kit.audience import a_newsletter, a_reader_of
from tests.kit.delivery import ScriptedTransport, at, drain
from tests.kit.editions import NOW as MORNING
from tests.kit.editions import a_recipe_for
from tests.kit.elections import NOW, a_count, an_election, take

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("approval", "says_so"), [("automatic", True), ("editor", False)]
)
def test_results_are_auto_generated_only_where_no_person_let_them_go(approval, says_so):
    # RFC 3834 §5: never on a message that somebody sent by hand.
    an_election()
    newsletter = a_newsletter(name="Local results", by_place=True)
    a_recipe_for(newsletter, cron="", approval=approval, now=MORNING)
    a_reader_of(newsletter, place="TV")
    take(a_count())
    editions.plan(now=NOW)
    [edition] = queries.editions(newsletter_id=newsletter.id, limit=5)
    if approval == "editor":
        editions.approve(
            edition_id=edition.id, seen_hash=edition.hash, by="Thandi", now=NOW
        )

    delivery.open_due(now=NOW)
    drain(relay := ScriptedTransport(), at(NOW))

    [envelope] = relay.envelopes
    assert (b"\nAuto-Submitted: auto-generated\r\n" in envelope.message) is says_so
