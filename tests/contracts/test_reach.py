"""The view delivery sends by says what the audience's own rules and queries say."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailer.audience import operations as audience
from mailer.audience import queries
from mailer.audience.consent import (
    Evidence,
    SubscriberState,
    SubscriptionState,
    Tier,
    is_wanted,
)
from mailer.audience.models import Suppression
from mailer.audience.suppression import Reason, Scope
from tests.kit.audience import (
    a_newsletter,
    a_reader_of,
    a_subscriber,
    many_readers,
)

COLUMNS = (
    "subscriber_id, newsletter_id, address, provider_id, language, place_code, tier, "
    "hour, time_zone, wanted"
)

people = st.lists(
    st.fixed_dictionaries(
        {
            "state": st.sampled_from(SubscriberState),
            "tier": st.sampled_from(Tier),
            "place": st.sampled_from(["", "TAMBA", "OREME"]),
            "domain": st.sampled_from(["gmail.com", "a.example", "outlook.com"]),
            "zone": st.sampled_from(["", "America/New_York"]),
            "suppressed": st.sampled_from([None, None, None, *Scope]),
            "standings": st.dictionaries(
                st.integers(0, 2),
                st.tuples(
                    st.sampled_from(SubscriptionState), st.sampled_from([-1, 0, 1])
                ),
            ),
        }
    ),
    max_size=5,
)


def the_time():
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        return cursor.fetchone()[0]


def the_view():
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {COLUMNS} FROM audience_reach")
        return {(row[0], row[1]): row[2:] for row in cursor.fetchall()}


def a_person(drawn, number, lists, now):
    person = a_subscriber(
        f"p{number}@{drawn['domain']}",
        place=drawn["place"],
        tier=drawn["tier"],
        time_zone=drawn["zone"],
        state=(
            SubscriberState.ACTIVE
            if drawn["state"] is SubscriberState.ERASED
            else drawn["state"]
        ),
    )
    for which, (standing, days) in drawn["standings"].items():
        paused = standing is SubscriptionState.PAUSED
        lists[which].subscription(
            person, standing, now + timedelta(days=days) if paused else None
        )
    if drawn["suppressed"]:
        audience.suppress(address=person.address, evidence=Evidence(), now=now)
        Suppression.objects.update(scope=drawn["suppressed"])
    if drawn["state"] is SubscriberState.ERASED:
        audience.erase(subscriber_id=person.id, evidence=Evidence(), now=now)
    return person.id


class Lists:
    """Three newsletters, the second for paying readers; writes rows of standings."""

    def __init__(self):
        self.all = [a_newsletter(), a_newsletter(subscriber_only=True), a_newsletter()]

    def __getitem__(self, which):
        self.which = self.all[which]
        return self

    def subscription(self, person, standing, paused_until):
        from mailer.audience.models import Subscription  # noqa: PLC0415

        Subscription.objects.create(
            newsletter_id=self.which.id,
            subscriber_id=person.id,
            state=standing,
            since=the_time(),
            paused_until=paused_until,
        )


def what_the_queries_say(ids, lists, now):
    """Return the view's rows, worked out from queries and rules alone."""
    from mailer.audience.models import Subscriber  # noqa: PLC0415

    rows = {}
    for number in ids:
        person = queries.subscriber(number)
        if person.state is SubscriberState.ERASED:
            continue
        suppression = queries.suppression_of(number)
        known = Subscriber.objects.get(pk=number)
        shared = (
            known.address,
            known.provider_id,
            person.language,
            person.place_code,
            person.tier,
            person.hour,
            person.time_zone,
        )
        letters = suppression is None or suppression.scope is not Scope.ALL
        rows[number, 0] = (*shared, letters)
        for one in person.subscriptions:
            only = next(n for n in lists if n.id == one.newsletter_id).subscriber_only
            wanted = is_wanted(
                subscriber=person.state,
                subscription=one.state,
                paused_until=one.paused_until,
                tier=person.tier,
                subscriber_only=only,
                suppressed=suppression is not None,
                now=now,
            )
            rows[number, one.newsletter_id] = (*shared, wanted)
    return rows


NARROWER = [("", ""), ("TAMBA", ""), ("", "subscriber"), ("OREME", "free")]


def counted(lists):
    """Return what the desk would be told, for each newsletter, place and tier."""
    return [
        queries.count_reach(newsletter_id=number, place_code=place, tier=tier)
        for number in (0, *(one.id for one in lists))
        for place, tier in NARROWER
    ]


def counts_in(seen, lists):
    return [
        sum(
            row[7] and place in {"", row[3]} and tier in {"", row[4]}
            for (_, on), row in seen.items()
            if on == number
        )
        for number in (0, *(one.id for one in lists))
        for place, tier in NARROWER
    ]


@pytest.mark.django_db
@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(drawn=people)
def test_law_the_view_says_what_rules_and_queries_say(drawn):
    with transaction.atomic():
        now, lists = the_time(), Lists()
        ids = [a_person(one, n, lists, now) for n, one in enumerate(drawn)]

        seen = the_view()

        assert seen == what_the_queries_say(ids, lists.all, now)
        assert counted(lists.all) == counts_in(seen, lists.all)
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_reason_to_be_silent_reaches_the_view_whatever_it_is():
    digest = a_newsletter()
    for reason in Reason:
        ann = a_reader_of(digest)
        audience.suppress(
            address=ann.address, reason=reason, evidence=Evidence(), now=the_time()
        )

    assert queries.count_reach(newsletter_id=digest.id) == 0


def plan_of(sql):
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audience_subscriber, audience_subscription")
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.django_db
@pytest.mark.parametrize("newsletter", ["0", "the digest"])
def test_a_window_costs_lookups_not_a_scan(newsletter):
    digest = a_newsletter()
    many_readers(20_000, digest)
    number = digest.id if newsletter == "the digest" else 0

    plan = plan_of(
        "SELECT x.id, r.wanted, r.address "
        "FROM (SELECT generate_series(1, 64) AS id OFFSET 0) x "
        f"LEFT JOIN audience_reach r ON r.newsletter_id = {number} "
        "AND r.subscriber_id = x.id"
    )

    assert "Seq Scan on audience_subscri" not in plan
    assert "Hash Join" not in plan


@pytest.mark.django_db
def test_opening_a_small_newsletter_does_not_read_the_large_ones():
    large, small = a_newsletter(), a_newsletter()
    many_readers(20_000, large)
    many_readers(50, small)

    plan = plan_of(
        "SELECT subscriber_id FROM audience_reach "
        f"WHERE newsletter_id = {small.id} AND wanted"
    )

    assert "Seq Scan on audience_subscription" not in plan
