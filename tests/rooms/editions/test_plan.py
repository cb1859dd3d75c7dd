"""Each slot gives exactly one edition, or a recorded reason why there is none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailer.audience import operations as audience
from mailer.editions import operations as editions
from mailer.editions import queries
from mailer.editions.content import EditionState
from mailer.editions.models import EditionItem, Recipe
from tests.kit.editions import (
    NOW,
    Paper,
    a_digest_newsletter,
    all_of,
    planned,
    sent,
    stored_stories,
    titles_of,
)

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def test_a_slot_with_new_stories_gives_an_edition():
    morning = a_digest_newsletter()
    stored_stories("Dam is full", "Bread drops")

    edition = planned(morning)

    assert edition.state is EditionState.READY
    assert edition.slot == "2026-11-24T06:00"
    assert edition.subject == "Dam is full"
    assert edition.number == 1
    assert titles_of(edition.id) == ["Dam is full", "Bread drops"]


def test_a_slot_without_new_stories_says_since_when():
    morning = a_digest_newsletter()
    stored_stories("Dam is full")
    sent(morning)

    edition = planned(morning, now=NOW + DAY)

    assert edition.state is EditionState.SKIPPED
    assert edition.reason == "No new stories since Tue 24 Nov 06:00"
    assert edition.number is None


def test_the_first_slot_without_stories_counts_from_the_recipe():
    edition = planned(a_digest_newsletter())

    assert edition.reason == "No new stories since Mon 23 Nov 10:00"


def test_a_slot_waits_for_its_first_story_until_its_time():
    morning = a_digest_newsletter(lead=60)

    assert editions.plan(now=NOW - HOUR) == editions.Planned()
    assert all_of(morning) == []
    stored_stories("Dam is full", now=NOW - MINUTE)
    edition = planned(morning, now=NOW - MINUTE)

    assert edition.state is EditionState.READY
    assert titles_of(edition.id) == ["Dam is full"]


def test_planning_again_changes_nothing():
    morning = a_digest_newsletter()
    stored_stories("Dam is full")
    before = planned(morning)

    again = editions.plan(now=NOW + MINUTE)

    assert again == editions.Planned()
    assert all_of(morning) == [before]


def test_before_its_lead_time_a_slot_is_not_filled():
    morning = a_digest_newsletter(lead=60)
    stored_stories("Dam is full")

    editions.plan(now=NOW - HOUR - MINUTE)

    assert all_of(morning) == []


def test_an_edition_is_filled_once_and_later_stories_wait_for_the_next():
    morning = a_digest_newsletter(lead=60)
    stored_stories("Early", now=NOW - HOUR)
    first = sent(morning, now=NOW - HOUR)
    stored_stories("Late", now=NOW)

    editions.plan(now=NOW)
    second = planned(morning, now=NOW + DAY)

    assert titles_of(first.id) == ["Early"]
    assert titles_of(second.id) == ["Late"]


def test_a_story_is_used_once_whatever_its_revision():
    morning = a_digest_newsletter()
    paper = Paper()
    guid = paper.put("Dam is full")
    paper.collect()
    sent(morning)
    paper.put("Dam is fuller", guid=guid)
    paper.collect(now=NOW + HOUR)

    edition = planned(morning, now=NOW + DAY)

    assert edition.state is EditionState.SKIPPED


def test_two_newsletters_may_both_use_a_story():
    morning, evening = a_digest_newsletter(), a_digest_newsletter()
    stored_stories("Dam is full")

    editions.plan(now=NOW)

    assert [titles_of(all_of(n)[0].id) for n in (morning, evening)] == [
        ["Dam is full"],
        ["Dam is full"],
    ]


def test_after_an_absence_the_slot_within_its_deadline_is_filled():
    morning = a_digest_newsletter(deadline=120)
    stored_stories("Dam is full")

    edition = planned(morning, now=NOW + 2 * HOUR)

    assert edition.state is EditionState.READY


def test_after_an_absence_older_slots_are_recorded_as_missed():
    morning = a_digest_newsletter(deadline=120)
    stored_stories("Dam is full", now=NOW + 3 * DAY)

    editions.plan(now=NOW + 3 * DAY)

    filled, *missed = all_of(morning)
    assert filled.state is EditionState.READY
    assert [e.slot for e in missed] == [
        "2026-11-26T06:00",
        "2026-11-25T06:00",
        "2026-11-24T06:00",
    ]
    assert {e.reason for e in missed} == {
        "Missed: the scheduler was away until 2 hours after the slot"
    }


def test_a_long_absence_makes_no_storm():
    morning = a_digest_newsletter(cron="* * * * *", deadline=5, lead=0)

    editions.plan(now=NOW + 40 * DAY)

    rows = all_of(morning)
    assert len(rows) == 506
    assert "So were all slots before it, from Monday 23 November" in rows[-1].reason
    assert editions.plan(now=NOW + 40 * DAY) == editions.Planned()


def test_a_clock_that_steps_back_plans_nothing_twice():
    morning = a_digest_newsletter()
    stored_stories("Dam is full")
    planned(morning)

    editions.plan(now=NOW - 6 * HOUR)
    editions.plan(now=NOW)

    assert len(all_of(morning)) == 1


def test_a_slot_that_a_wrong_clock_called_missed_is_filled_when_it_comes():
    morning = a_digest_newsletter()
    editions.plan(now=NOW + 10 * DAY)
    stored_stories("Dam is full")

    editions.plan(now=NOW)

    edition = next(e for e in all_of(morning) if e.slot == "2026-11-24T06:00")
    assert edition.state is EditionState.READY
    assert len({e.slot for e in all_of(morning)}) == len(all_of(morning))


def test_the_night_the_clocks_go_back_has_one_edition():
    since = datetime(2026, 10, 24, 10, tzinfo=UTC)
    night = a_digest_newsletter(
        cron="30 2 * * *", time_zone="Europe/Berlin", lead=0, now=since
    )

    for minutes in range(0, 24 * 60, 10):
        editions.plan(now=since + minutes * MINUTE)

    assert [e.slot for e in all_of(night)] == ["2026-10-25T02:30"]


def test_the_night_the_clocks_go_forward_has_one_edition_too():
    since = datetime(2026, 3, 28, 10, tzinfo=UTC)
    night = a_digest_newsletter(
        cron="30 2 * * *", time_zone="Europe/Berlin", lead=0, now=since
    )

    for minutes in range(0, 24 * 60, 10):
        editions.plan(now=since + minutes * MINUTE)

    assert [e.slot for e in all_of(night)] == ["2026-03-29T03:00"]


def test_an_edition_nobody_approves_is_skipped_after_its_deadline():
    morning = a_digest_newsletter(deadline=120)
    stored_stories("Dam is full")
    edition = planned(morning)

    editions.plan(now=NOW + 2 * HOUR + MINUTE)

    view = queries.edition(edition.id)
    assert view.state is EditionState.SKIPPED
    assert view.reason == (
        "Not approved within 2 hours of its slot, so it would be stale"
    )


def test_the_stories_of_a_skipped_edition_are_free_for_the_next():
    morning = a_digest_newsletter()
    stored_stories("Dam is full")
    planned(morning)

    tomorrow = planned(morning, now=NOW + DAY)

    assert titles_of(tomorrow.id) == ["Dam is full"]
    assert tomorrow.number == 1


def test_an_automatic_recipe_approves_at_once():
    morning = a_digest_newsletter(approval="automatic")
    stored_stories("Dam is full")

    edition = planned(morning)

    assert edition.state is EditionState.APPROVED
    assert edition.approved_hash == edition.hash
    assert edition.approved_by == "the schedule"
    assert queries.releasable(now=NOW) == [edition.id]


def test_nothing_is_releasable_before_its_slot_or_after_its_deadline():
    morning = a_digest_newsletter(approval="automatic", deadline=30)
    stored_stories("Dam is full", now=NOW - MINUTE)
    edition = planned(morning, now=NOW - MINUTE)

    assert queries.releasable(now=NOW - MINUTE) == []
    assert queries.releasable(now=NOW - MINUTE, ahead=MINUTE) == [edition.id]
    assert queries.releasable(now=NOW + 30 * MINUTE) == [edition.id]
    assert queries.releasable(now=NOW + 31 * MINUTE) == []


def test_an_archived_newsletter_is_not_planned():
    morning = a_digest_newsletter()
    audience.change_newsletter(newsletter=replace(morning, archived=True))
    stored_stories("Dam is full")

    editions.plan(now=NOW)

    assert all_of(morning) == []


def test_a_newsletter_that_changes_its_name_shows_the_new_one():
    morning = a_digest_newsletter(approval="automatic")
    stored_stories("Dam is full")
    edition = planned(morning)
    audience.change_newsletter(newsletter=replace(morning, name="Dawn"))

    editions.plan(now=NOW)

    view = queries.edition(edition.id)
    assert view.newsletter.name == "Dawn"
    assert view.approved_hash == view.hash != edition.hash


def test_a_recipe_that_became_unusable_says_so_in_the_slot():
    morning = a_digest_newsletter()
    Recipe.objects.filter(pk=morning.id).update(selection={"least": "many"})

    edition = planned(morning)

    assert edition.reason.startswith("The recipe can't be used: selection.least must")


def test_a_story_that_came_through_another_source_first_is_still_this_ones():
    wire, own = Paper(), Paper()
    guid = wire.put("Dam is full")
    wire.collect(now=NOW - HOUR)
    own.items[guid] = wire.items[guid]
    own.collect()
    morning = a_digest_newsletter(selection={"sources": [own.source_id]})

    assert titles_of(planned(morning).id) == ["Dam is full"]


def test_an_edition_that_cannot_be_read_keeps_no_other_from_its_slot():
    broken = a_digest_newsletter()
    stored_stories("Dam is full")
    row = planned(broken, now=NOW - MINUTE)
    EditionItem.objects.filter(edition_id=row.id).update(story={"colour": "red"})
    morning = a_digest_newsletter(lead=0)

    done = editions.plan(now=NOW)

    assert done.failed == (broken.id,)
    assert titles_of(all_of(morning)[0].id) == ["Dam is full"]
