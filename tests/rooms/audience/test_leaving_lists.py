"""Leaving, undoing, pausing, choosing: what the next window sees."""

from datetime import UTC, datetime, timedelta

import pytest

from mailer.audience import operations as audience
from mailer.audience import queries
from mailer.audience.consent import (
    Evidence,
    Happened,
    How,
    SubscriberState,
    SubscriptionState,
)
from mailer.audience.operations import BadPause, Changed, UnknownPlace
from tests.kit.audience import a_newsletter, a_place, a_reader_of, a_subscriber

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
SHOWN = Evidence(wording="Stop this newsletter", form="leave")


def leave(person, newsletter, now=NOW):
    return audience.unsubscribe(
        subscriber_id=person.id,
        newsletter_id=newsletter.id,
        how=How.ONE_CLICK,
        evidence=SHOWN,
        now=now,
    )


def reach(newsletter):
    return queries.count_reach(newsletter_id=newsletter.id)


def test_who_leaves_is_not_wanted_from_that_moment_on():
    digest, business = a_newsletter(), a_newsletter()
    ann = a_reader_of(digest, business)

    left = leave(ann, digest)

    assert left.changed
    assert (reach(digest), reach(business)) == (0, 1)


def test_leaving_twice_is_answered_alike_and_written_down_once():
    digest = a_newsletter()
    ann = a_reader_of(digest)
    leave(ann, digest)

    again = leave(ann, digest, now=NOW + timedelta(days=400))

    assert not again.changed
    assert [r.what for r in queries.records_of(ann.id)] == [Happened.LEFT]
    assert queries.records_of(ann.id)[0].detail == "one_click"


def test_a_token_of_nobody_changes_nothing():
    digest = a_newsletter()
    stranger = a_subscriber()
    a_reader_of(digest)

    left = audience.unsubscribe(
        subscriber_id=stranger.id + 999,
        newsletter_id=digest.id,
        how=How.PAGE,
        evidence=SHOWN,
        now=NOW,
    )

    assert not left.changed
    assert reach(digest) == 1


def test_leaving_can_be_undone_for_an_hour():
    digest = a_newsletter()
    ann = a_reader_of(digest)
    leave(ann, digest)

    undone = audience.resubscribe(
        subscriber_id=ann.id,
        newsletter_id=digest.id,
        evidence=SHOWN,
        now=NOW + timedelta(minutes=59),
    )

    assert undone
    assert reach(digest) == 1


def test_a_forwarded_mail_cannot_sign_anybody_up_again():
    digest = a_newsletter()
    ann = a_reader_of(digest)
    leave(ann, digest)

    undone = audience.resubscribe(
        subscriber_id=ann.id,
        newsletter_id=digest.id,
        evidence=SHOWN,
        now=NOW + timedelta(hours=1, seconds=1),
    )

    assert not undone
    assert reach(digest) == 0


def test_stop_everything_leaves_every_list_at_once():
    digest, business, friday = a_newsletter(), a_newsletter(), a_newsletter()
    ann = a_reader_of(digest, business)

    left = audience.stop_everything(subscriber_id=ann.id, evidence=SHOWN, now=NOW)

    assert left == [digest.id, business.id]
    assert [reach(one) for one in (digest, business, friday)] == [0, 0, 0]


def test_a_pause_ends_by_itself():
    digest = a_newsletter()
    now = datetime.now(tz=UTC)  # noqa: TID251  the view has the database's clock
    ann = a_reader_of(digest)
    ben = a_reader_of(
        digest,
        state=SubscriptionState.PAUSED,
        paused_until=now - timedelta(seconds=1),
    )
    audience.pause_until(
        subscriber_id=ann.id,
        newsletter_id=digest.id,
        until=now + timedelta(days=14),
        evidence=SHOWN,
        now=now,
    )

    assert reach(digest) == 1
    assert queries.subscriber(ben.id).standing(digest.id) == SubscriptionState.PAUSED


def test_a_pause_can_be_ended_early():
    digest = a_newsletter()
    ann = a_reader_of(
        digest,
        state=SubscriptionState.PAUSED,
        paused_until=datetime(2099, 1, 1, tzinfo=UTC),
    )

    audience.pause_until(
        subscriber_id=ann.id,
        newsletter_id=digest.id,
        until=None,
        evidence=SHOWN,
        now=NOW,
    )

    assert reach(digest) == 1


@pytest.mark.parametrize("days", [-1, 0, 367])
def test_a_pause_ends_in_the_future_and_within_a_year(days):
    digest = a_newsletter()
    ann = a_reader_of(digest)

    with pytest.raises(BadPause, match="within a year"):
        audience.pause_until(
            subscriber_id=ann.id,
            newsletter_id=digest.id,
            until=NOW + timedelta(days=days),
            evidence=SHOWN,
            now=NOW,
        )


def test_the_reader_chooses_exactly_what_she_wants():
    digest, business, friday = a_newsletter(), a_newsletter(), a_newsletter()
    ann = a_reader_of(digest, business)

    changed = audience.set_subscriptions(
        subscriber_id=ann.id,
        newsletter_ids=[business.id, friday.id, 999],
        evidence=SHOWN,
        now=NOW,
    )

    assert changed == Changed((friday.id,), (digest.id,))
    assert [reach(one) for one in (digest, business, friday)] == [0, 1, 1]


def test_choosing_keeps_a_pause():
    digest = a_newsletter()
    ann = a_reader_of(
        digest,
        state=SubscriptionState.PAUSED,
        paused_until=datetime(2099, 1, 1, tzinfo=UTC),
    )

    changed = audience.set_subscriptions(
        subscriber_id=ann.id, newsletter_ids=[digest.id], evidence=SHOWN, now=NOW
    )

    assert changed == Changed()
    assert queries.subscriber(ann.id).standing(digest.id) == SubscriptionState.PAUSED


def test_who_comes_by_a_link_need_not_confirm_again():
    digest = a_newsletter()
    ann = a_subscriber(state=SubscriberState.UNCONFIRMED)

    audience.set_subscriptions(
        subscriber_id=ann.id, newsletter_ids=[digest.id], evidence=SHOWN, now=NOW
    )

    assert reach(digest) == 1


def test_a_place_is_one_from_the_list():
    ann = a_subscriber()
    a_place("TAMBA")
    audience.set_place(
        subscriber_id=ann.id, place_code="TAMBA", evidence=SHOWN, now=NOW
    )

    with pytest.raises(UnknownPlace):
        audience.set_place(
            subscriber_id=ann.id, place_code="NOWHERE", evidence=SHOWN, now=NOW
        )

    assert queries.subscriber(ann.id).place_code == "TAMBA"


def test_the_same_setting_twice_is_written_down_once():
    ann = a_subscriber()
    for _ in range(2):
        audience.set_language(
            subscriber_id=ann.id, language="af", evidence=SHOWN, now=NOW
        )

    records = queries.records_of(ann.id)

    assert [r.detail for r in records] == ["language=af"]
