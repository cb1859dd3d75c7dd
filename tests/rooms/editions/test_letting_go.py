"""What keeps an edition from its readers, what lets it go, and what is written down."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from mailer.editions import operations as editions
from mailer.editions import queries
from mailer.editions.content import EditionState
from mailer.editions.models import Edition, EditionEvent
from mailer.sources import operations as sources
from tests.kit.editions import (
    NOW,
    a_digest_newsletter,
    approved,
    done_to,
    planned,
    stored_stories,
    story_of,
    titles_of,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WHO = {"by": "Ada", "now": NOW}


def test_a_skipped_edition_keeps_its_reason_and_frees_its_stories(edition):
    editions.skip(edition_id=edition.id, reason="National mourning", **WHO)

    view = queries.edition(edition.id)
    assert (view.state, view.reason) == (EditionState.SKIPPED, "National mourning")
    tomorrow = planned(edition.newsletter, now=NOW + DAY)
    assert len(titles_of(tomorrow.id)) == 4


def test_skipping_asks_for_a_reason(edition):
    with pytest.raises(editions.Refused, match="Say why"):
        editions.skip(edition_id=edition.id, reason=" ", **WHO)


def test_a_skipped_edition_is_not_filled_again_by_the_schedule(edition):
    editions.skip(edition_id=edition.id, reason="National mourning", **WHO)

    editions.plan(now=NOW)

    assert queries.edition(edition.id).reason == "National mourning"


def test_a_skipped_edition_comes_back_with_the_stories_that_are_free(edition):
    dam = story_of(edition, "Dam")
    editions.skip(edition_id=edition.id, reason="Oops", **WHO)
    sources.withdraw(story_id=dam, now=NOW)

    editions.unskip(edition_id=edition.id, **WHO)

    assert titles_of(edition.id) == ["Bread", "Courts", "Ferry"]
    assert queries.edition(edition.id).state is EditionState.READY


def test_what_was_sent_cannot_be_changed(edition):
    approved(edition)
    editions.mark_sending(edition_id=edition.id, run_id=1)

    with pytest.raises(editions.NotNow, match="is going out; nothing was changed"):
        editions.drop_story(
            edition_id=edition.id, story_id=story_of(edition, "Dam"), **WHO
        )


def test_an_approval_can_be_taken_back_and_the_schedule_does_not_give_it():
    stored_stories("Rain")
    automatic = a_digest_newsletter(approval="automatic")
    mine = planned(automatic)

    editions.unapprove(edition_id=mine.id, **WHO)
    editions.plan(now=NOW)
    editions.set_words(edition_id=mine.id, note="Wait.", **WHO)

    assert queries.edition(mine.id).state is EditionState.READY


def test_a_withdrawn_edition_is_gone_and_its_slot_stays_used(edition):
    assert editions.withdraw(edition_id=edition.id, **WHO)

    editions.plan(now=NOW)

    view = queries.edition(edition.id)
    assert view.state is EditionState.WITHDRAWN
    assert not editions.withdraw(edition_id=edition.id, **WHO)


def test_what_a_clock_ahead_of_ours_released_cannot_be_taken_back(edition):
    approved(edition)
    editions.mark_sending(edition_id=edition.id, run_id=1)
    before = edition.release_at - timedelta(seconds=1)

    assert not editions.withdraw(
        edition_id=edition.id, by="Ada", now=before, before=before
    )
    assert queries.edition(edition.id).state is EditionState.SENDING


def test_a_run_that_was_released_cannot_be_taken_back(edition):
    approved(edition)
    editions.mark_sending(edition_id=edition.id, run_id=1)

    assert not editions.withdraw(edition_id=edition.id, **WHO, before=NOW)
    assert queries.edition(edition.id).state is EditionState.SENDING


def test_only_what_is_approved_as_it_is_goes(edition):
    with pytest.raises(editions.NotNow, match="waits for approval"):
        editions.mark_sending(edition_id=edition.id, run_id=1)


def test_a_blocked_edition_does_not_go(edition):
    approved(edition)
    editions.block(edition_id=edition.id, reason="S01: no address")

    assert queries.releasable(now=NOW) == []
    with pytest.raises(editions.NotNow, match="can't be released"):
        editions.mark_sending(edition_id=edition.id, run_id=1)


def test_a_block_that_is_lifted_lets_the_approval_stand(edition):
    approved(edition)
    editions.block(edition_id=edition.id, reason="S01: no address")

    editions.block(edition_id=edition.id, reason="")

    assert queries.releasable(now=NOW) == [edition.id]
    assert done_to(edition.id)[-2:] == ["blocked", "unblocked"]


def test_a_story_withdrawn_in_the_last_second_stops_the_release(edition):
    approved(edition)
    sources.withdraw(story_id=story_of(edition, "Dam"), now=NOW)

    with pytest.raises(editions.ChangedSince, match="withdrawn at its source"):
        editions.mark_sending(edition_id=edition.id, run_id=1)


def test_the_same_run_may_say_twice_that_it_sends(edition):
    approved(edition)
    editions.mark_sending(edition_id=edition.id, run_id=1)
    editions.mark_sending(edition_id=edition.id, run_id=1)
    editions.mark_sent(edition_id=edition.id, now=NOW)
    editions.mark_sent(edition_id=edition.id, now=NOW)

    assert done_to(edition.id)[-2:] == ["sending", "sent"]
    with pytest.raises(editions.NotNow):
        editions.mark_sending(edition_id=edition.id, run_id=2)


def test_a_stopped_edition_says_why_and_is_in_the_archive(edition):
    approved(edition)
    editions.mark_sending(edition_id=edition.id, run_id=1)

    editions.mark_stopped(edition_id=edition.id, by="Ada", reason="Wrong", now=NOW)

    [view] = queries.archive(edition.newsletter.id)
    assert (view.state, view.reason) == (EditionState.STOPPED, "Wrong")


def test_the_history_says_who_did_what(edition):
    editions.set_words(edition_id=edition.id, note="Hello.", **WHO)
    approved(edition)

    said = [(e.by, e.verb) for e in queries.history(edition.id)]

    assert said == [
        ("the schedule", "filled"),
        ("Ada", "set_words"),
        ("Ada", "approved"),
    ]


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_history_is_only_added_to(edition, change):
    rows = EditionEvent.objects.filter(edition_id=edition.id)
    does = {"update": lambda: rows.update(by="nobody"), "delete": rows.delete}[change]

    with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
        does()


def test_the_table_refuses_an_approval_of_other_content(edition):
    approved(edition)

    with (
        pytest.raises(DatabaseError, match="approval_is_bound_to_the_content"),
        transaction.atomic(),
    ):
        Edition.objects.filter(pk=edition.id).update(hash="other")


def test_there_is_no_edition_that_was_never_made():
    with pytest.raises(queries.NoSuchEdition, match="There is no edition 999999999"):
        queries.content(edition_id=999_999_999)
