"""What the doors see of editions: the day, the slots to come, the archive."""

from datetime import UTC, datetime, timedelta

import pytest

from mailer.editions import operations as editions
from mailer.editions import queries
from tests.kit.audience import a_newsletter
from tests.kit.editions import (
    NOW,
    a_digest_newsletter,
    a_recipe_for,
    planned,
    stored_stories,
)

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_day_without_anything_shows_the_slots_to_come():
    morning = a_digest_newsletter()

    day = queries.today(NOW - 2 * HOUR)

    assert (day.needs_you, day.sending, day.coming, day.done) == ((), (), (), ())
    assert [(s.newsletter.id, s.key) for s in day.slots] == [
        (morning.id, "2026-11-24T06:00"),
        (morning.id, "2026-11-25T06:00"),
    ]


def test_the_day_says_what_needs_somebody_first():
    a_digest_newsletter(name="Waits")
    a_digest_newsletter(name="Goes", approval="automatic")
    stored_stories("Dam is full", now=NOW - HOUR)
    editions.plan(now=NOW - HOUR)

    day = queries.today(NOW - HOUR)

    assert [e.newsletter.name for e in day.needs_you] == ["Waits"]
    assert [e.newsletter.name for e in day.coming] == ["Goes"]
    assert [s.key for s in day.slots] == ["2026-11-25T06:00"] * 2


def test_the_day_shows_what_went_and_why_something_did_not():
    goes = a_digest_newsletter(name="Goes", approval="automatic")
    stored_stories("Dam is full")
    edition = planned(goes)
    editions.mark_sending(edition_id=edition.id, run_id=1)
    skipped = planned(a_digest_newsletter(selection={"least": 9}))

    day = queries.today(NOW)

    assert [e.id for e in day.sending] == [edition.id]
    assert [e.reason for e in day.done] == [skipped.reason]


def test_an_approved_edition_that_cannot_be_rendered_needs_somebody():
    edition = planned_automatic()
    editions.block(edition_id=edition.id, reason="digest.html:3: no such part")

    day = queries.today(NOW)

    assert [e.blocked for e in day.needs_you] == ["digest.html:3: no such part"]


def planned_automatic():
    newsletter = a_digest_newsletter(approval="automatic")
    stored_stories("Dam is full")
    return planned(newsletter)


def test_slots_to_come_are_on_the_newsletters_clock_and_mark_its_changes():
    newsletter = a_newsletter()
    a_recipe_for(
        newsletter,
        time_zone="Europe/Berlin",
        now=datetime(2026, 10, 23, 12, tzinfo=UTC),
    )

    slots = queries.next_slots(newsletter.id, 3, datetime(2026, 10, 23, 12, tzinfo=UTC))

    assert [f"{s.at:%d %H:%M %Z}" for s in slots] == [
        "24 06:00 CEST",
        "25 06:00 CET",
        "26 06:00 CET",
    ]
    assert [s.clocks_change for s in slots] == [False, True, False]


def test_a_newsletter_without_a_recipe_has_no_slots():
    assert queries.next_slots(a_newsletter().id, 3, NOW) == []


def test_a_slot_that_is_planned_names_its_edition():
    morning = a_digest_newsletter()
    stored_stories("Dam is full", now=NOW - HOUR)
    edition = planned(morning, now=NOW - HOUR)

    first, second = queries.next_slots(morning.id, 2, NOW - HOUR)

    assert (first.edition_id, second.edition_id) == (edition.id, None)


def test_the_archive_holds_what_went_newest_first():
    morning = a_digest_newsletter(approval="automatic")
    ids = []
    for day in range(3):
        stored_stories(f"Day {day}", now=NOW + day * DAY)
        edition = planned(morning, now=NOW + day * DAY)
        editions.mark_sending(edition_id=edition.id, run_id=edition.id)
        ids.append(edition.id)
    stored_stories("Not yet", now=NOW + 3 * DAY)
    planned(morning, now=NOW + 3 * DAY)

    found = queries.archive(morning.id)
    older = queries.archive(morning.id, before=found[0].slot_at)

    assert [e.id for e in found] == ids[::-1]
    assert [e.id for e in older] == ids[-2::-1]
    assert queries.edition_of_run(ids[0]) == ids[0]


def test_a_new_schedule_skips_an_unsent_edition_that_has_no_slot_any_more():
    morning = a_digest_newsletter()
    stored_stories("Dam is full", now=NOW - HOUR)
    edition = planned(morning, now=NOW - HOUR)

    a_recipe_for(morning, cron="0 7 * * *", now=NOW - HOUR)
    editions.plan(now=NOW)

    old, new = queries.edition(edition.id), planned(morning)
    assert old.reason == "The schedule changed, and has no such slot any more"
    assert new.slot == "2026-11-24T07:00"
    assert new.subject == "Dam is full"


def test_the_same_schedule_again_changes_nothing():
    morning = a_digest_newsletter()
    stored_stories("Dam is full", now=NOW - HOUR)
    edition = planned(morning, now=NOW - HOUR)

    a_recipe_for(morning, now=NOW - HOUR)

    assert queries.edition(edition.id) == edition
