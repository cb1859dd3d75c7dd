"""Who receives mail for domains that no table knows: asked once a day, and followed."""

from datetime import timedelta
from io import BytesIO

import pytest

from mailer.audience import operations as audience
from mailer.audience import queries
from mailer.audience.consent import Evidence
from mailer.audience.maildomains import AGAIN_AFTER, KEPT_FOR, look_up
from mailer.audience.models import MailDomain, Subscriber
from tests.kit.audience import NOW, a_newsletter

pytestmark = pytest.mark.django_db
GOOGLE, OUTLOOK = ("aspmx.l.google.com",), ("paper-org.mail.protection.outlook.com",)
LATER = NOW + KEPT_FOR


class Dns:
    """Answers from a table, and remembers what it was asked."""

    def __init__(self, **answers):
        self.answers = {name.replace("_", "."): a for name, a in answers.items()}
        self.asked = []

    def __call__(self, domains):
        names = list(domains)
        self.asked += names
        return {name: self.answers.get(name, ()) for name in names}


def imported(*addresses: str) -> None:
    newsletter = a_newsletter()
    file = BytesIO("\n".join(["email", *addresses]).encode())
    rows, _ = audience.read_list(
        file=file,
        newsletter_slugs=[newsletter.slug],
        consent_source="a list of paper",
        consented_at=NOW,
        now=NOW,
    )
    list(audience.import_subscribers(rows=rows, now=NOW))


def provider(address: str) -> int:
    return Subscriber.objects.get(address=address).provider_id


def test_subscribers_follow_their_domain_to_its_provider():
    imported("ann@paper.org", "ben@gmail.com", "cat@small.org")
    dns = Dns(paper_org=GOOGLE)

    moved = look_up(now=NOW, ask=dns)

    assert moved == 1
    assert sorted(dns.asked) == ["paper.org", "small.org"]
    assert [provider(a) for a in ("ann@paper.org", "cat@small.org")] == [1, 0]


def test_an_answer_is_kept_for_a_day_and_then_asked_for_again():
    imported("ann@paper.org")
    look_up(now=NOW, ask=Dns(paper_org=GOOGLE))
    within, after = Dns(), Dns(paper_org=OUTLOOK)

    look_up(now=LATER - timedelta(seconds=1), ask=within)
    look_up(now=LATER, ask=after)

    assert (within.asked, after.asked) == ([], ["paper.org"])
    assert provider("ann@paper.org") == 9


def test_where_nobody_can_say_all_stays_and_is_asked_again_in_an_hour():
    imported("ann@paper.org")
    look_up(now=NOW, ask=Dns(paper_org=GOOGLE))

    look_up(now=LATER, ask=Dns(paper_org=None))

    assert provider("ann@paper.org") == 1
    assert MailDomain.objects.get().due_at == LATER + AGAIN_AFTER


def test_who_comes_with_a_domain_we_know_has_its_provider_at_once():
    imported("ann@paper.org")
    look_up(now=NOW, ask=Dns(paper_org=GOOGLE))

    imported("ben@paper.org")
    audience.set_staff(address="cat@paper.org", now=NOW)

    assert [provider(a) for a in ("ben@paper.org", "cat@paper.org")] == [1, 1]


def test_a_domain_nobody_has_any_more_is_forgotten_and_not_asked_for():
    imported("ann@ann-smith.org")
    ann = queries.subscriber_by_address("ann@ann-smith.org")
    audience.erase(
        subscriber_id=ann.id, evidence=Evidence(form="t", channel="t"), now=NOW
    )
    dns = Dns()

    look_up(now=NOW, ask=dns)

    assert dns.asked == []
    assert not MailDomain.objects.exists()
