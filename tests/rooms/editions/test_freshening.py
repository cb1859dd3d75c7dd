"""What happens to an edition not yet sent when a story changes at its source."""

from datetime import timedelta

import pytest

from mailer.editions import operations as editions
from mailer.editions import queries
from mailer.editions.content import EditionState
from mailer.sources import operations as sources
from mailer.sources.models import StoryRow
from tests.kit.editions import (
    NOW,
    Paper,
    a_digest_newsletter,
    a_stored_story,
    blocks_of,
    done_to,
    planned,
    sent,
    stored_stories,
    titles_of,
)

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def test_a_withdrawn_story_leaves_and_the_approval_ends():
    morning = a_digest_newsletter()
    dam, _bread = stored_stories("Dam is full", "Bread drops")
    edition = planned(morning)
    editions.approve(edition_id=edition.id, seen_hash=edition.hash, by="Ada", now=NOW)
    sources.withdraw(story_id=dam, now=NOW)

    assert queries.releasable(now=NOW) == []  # also before the plan has looked
    done = editions.plan(now=NOW)

    view = queries.edition(edition.id)
    assert done.changed == (edition.id,)
    assert view.state is EditionState.READY
    assert view.subject == "Bread drops"
    assert blocks_of(edition.id) == [("lead", "Bread drops")]
    assert done_to(edition.id)[-2:] == ["story_withdrawn", "asks_again"]


def test_an_automatic_edition_is_approved_again_without_the_withdrawn_story():
    morning = a_digest_newsletter(approval="automatic")
    dam, _bread = stored_stories("Dam is full", "Bread drops")
    edition = planned(morning)
    sources.withdraw(story_id=dam, now=NOW)

    editions.plan(now=NOW)

    view = queries.edition(edition.id)
    assert view.state is EditionState.APPROVED
    assert view.approved_hash == view.hash != edition.hash
    assert titles_of(edition.id) == ["Bread drops"]


def test_an_edition_that_loses_all_its_stories_takes_others():
    morning = a_digest_newsletter()
    dam = a_stored_story("Dam is full")
    edition = planned(morning)
    sources.withdraw(story_id=dam, now=NOW)
    stored_stories("Bread drops")

    editions.plan(now=NOW)

    assert titles_of(edition.id) == ["Bread drops"]


def test_an_edition_that_loses_all_its_stories_and_finds_none_is_skipped():
    morning = a_digest_newsletter()
    dam = a_stored_story("Dam is full")
    edition = planned(morning)
    sources.withdraw(story_id=dam, now=NOW)

    done = editions.plan(now=NOW)

    assert done.skipped == (edition.id,)
    assert queries.edition(edition.id).reason == (
        "All its stories were withdrawn at the source"
    )


def test_an_edit_at_the_source_is_taken_over():
    morning = a_digest_newsletter()
    paper = Paper()
    guid = paper.put("Dam is full")
    paper.collect()
    edition = planned(morning)
    paper.put("Dam is fuller", guid=guid)
    paper.collect(now=NOW + MINUTE)

    editions.plan(now=NOW + MINUTE)

    assert titles_of(edition.id) == ["Dam is fuller"]
    assert queries.edition(edition.id).subject == "Dam is fuller"


def test_an_edit_at_the_source_leaves_an_editors_words():
    morning = a_digest_newsletter()
    paper = Paper()
    guid = paper.put("Dam is full")
    paper.collect()
    edition = planned(morning)
    [item] = queries.content(edition_id=edition.id).items
    editions.rewrite(
        edition_id=edition.id,
        story_id=item.story.id,
        title="Our dam is full",
        by="Ada",
        now=NOW,
    )
    paper.put("Dam is fuller", guid=guid, summary="New words.")
    paper.collect(now=NOW + MINUTE)

    editions.plan(now=NOW + MINUTE)

    [item] = queries.content(edition_id=edition.id).items
    assert (item.title, item.standfirst) == ("Our dam is full", "New words.")


def test_what_was_sent_stays_as_it_was_sent():
    morning = a_digest_newsletter(approval="automatic")
    paper = Paper()
    guid = paper.put("Dam is full")
    paper.collect()
    edition = planned(morning)
    editions.mark_sending(edition_id=edition.id, run_id=7)
    editions.mark_sent(edition_id=edition.id, now=NOW)
    paper.put("Dam is fuller", guid=guid)
    paper.collect(now=NOW + MINUTE)
    sources.withdraw(story_id=paper.ids()[guid], now=NOW + MINUTE)

    editions.plan(now=NOW + MINUTE)

    assert titles_of(edition.id) == ["Dam is full"]
    assert queries.edition(edition.id).withdrawn_since == 1


def test_an_embargoed_story_waits_for_its_time():
    morning = a_digest_newsletter()
    stored_stories("Open")
    a_stored_story("Embargoed", published_at=NOW + HOUR, tags=["must"])

    today = sent(morning)
    tomorrow = planned(morning, now=NOW + DAY)

    assert titles_of(today.id) == ["Open"]
    assert titles_of(tomorrow.id) == ["Embargoed"]


def test_a_story_whose_date_moves_into_the_future_leaves():
    morning = a_digest_newsletter()
    dam, _bread = stored_stories("Dam is full", "Bread drops")
    edition = planned(morning)
    StoryRow.objects.filter(pk=dam).update(published_at=NOW + DAY)
    editions.plan(now=NOW)

    assert titles_of(edition.id) == ["Bread drops"]
