"""What editors do to an edition, and what that does to its approval."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from mailer.editions import operations as editions
from mailer.editions import queries
from mailer.editions.content import Block, EditionState
from mailer.editions.models import Edition, EditionEvent
from mailer.sources import operations as sources
from tests.kit.editions import (
    NOW,
    a_digest_newsletter,
    a_stored_story,
    blocks_of,
    done_to,
    planned,
    stored_stories,
    titles_of,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WHO = {"by": "Ada", "now": NOW}


@pytest.fixture
def edition():
    """An edition of four stories, waiting for approval."""
    stored_stories("Dam", "Bread", "Courts", "Ferry")
    return planned(a_digest_newsletter())


def story(edition, title):
    items = queries.content(edition_id=edition.id).items
    return next(item.story.id for item in items if item.title == title)


def approved(edition):
    seen = queries.edition(edition.id).hash
    editions.approve(edition_id=edition.id, seen_hash=seen, **WHO)
    return queries.edition(edition.id)


def test_an_approval_is_bound_to_what_was_seen(edition):
    view = approved(edition)

    assert view.state is EditionState.APPROVED
    assert view.approved_hash == edition.hash
    assert view.approved_by == "Ada"


def test_a_stale_page_cannot_approve(edition):
    editions.drop_story(edition_id=edition.id, story_id=story(edition, "Dam"), **WHO)

    with pytest.raises(editions.ChangedSince, match="changed since you looked"):
        editions.approve(edition_id=edition.id, seen_hash=edition.hash, **WHO)

    assert queries.edition(edition.id).state is EditionState.READY


def test_approving_twice_is_approving_once(edition):
    approved(edition)
    editions.approve(edition_id=edition.id, seen_hash=edition.hash, by="Ben", now=NOW)

    assert queries.edition(edition.id).approved_by == "Ada"
    assert done_to(edition.id).count("approved") == 1


def test_an_edition_past_its_deadline_cannot_be_approved(edition):
    late = edition.deadline_at + timedelta(seconds=1)

    with pytest.raises(editions.Refused, match="deadline has passed"):
        editions.approve(
            edition_id=edition.id, seen_hash=edition.hash, by="Ada", now=late
        )


def test_an_edition_that_cannot_be_rendered_cannot_be_approved(edition):
    editions.block(edition_id=edition.id, reason="digest.html:12: nothing")

    with pytest.raises(editions.Refused, match=r"digest\.html:12"):
        editions.approve(edition_id=edition.id, seen_hash=edition.hash, **WHO)


def test_any_edit_ends_an_approval(edition):
    approved(edition)

    editions.set_words(edition_id=edition.id, subject="Water everywhere", **WHO)

    view = queries.edition(edition.id)
    assert view.state is EditionState.READY
    assert view.approved_by == ""
    assert view.subject == "Water everywhere"


def test_an_edit_that_changes_nothing_keeps_the_approval(edition):
    approved(edition)

    editions.set_words(edition_id=edition.id, subject=edition.subject, **WHO)

    assert queries.edition(edition.id).state is EditionState.APPROVED


def test_a_dropped_story_is_free_for_the_next_edition(edition):
    editions.drop_story(edition_id=edition.id, story_id=story(edition, "Ferry"), **WHO)
    editions.approve(
        edition_id=edition.id, seen_hash=queries.edition(edition.id).hash, **WHO
    )
    editions.mark_sending(edition_id=edition.id, run_id=1)

    tomorrow = planned(edition.newsletter, now=NOW + DAY)

    assert titles_of(edition.id) == ["Dam", "Bread", "Courts"]
    assert titles_of(tomorrow.id) == ["Ferry"]


def test_when_the_lead_is_dropped_the_next_story_leads(edition):
    editions.drop_story(edition_id=edition.id, story_id=story(edition, "Dam"), **WHO)

    assert blocks_of(edition.id) == [
        ("lead", "Bread"),
        ("section", "Courts"),
        ("section", "Ferry"),
    ]


def test_a_story_dropped_for_good_does_not_come_back(edition):
    editions.drop_story(
        edition_id=edition.id, story_id=story(edition, "Ferry"), for_good=True, **WHO
    )
    approved(edition)
    editions.mark_sending(edition_id=edition.id, run_id=1)

    tomorrow = planned(edition.newsletter, now=NOW + DAY)

    assert tomorrow.state is EditionState.SKIPPED


def test_dropping_what_is_not_there_is_refused(edition):
    with pytest.raises(editions.Refused, match="not in the edition any more"):
        editions.drop_story(edition_id=edition.id, story_id=10**9, **WHO)


def test_a_story_moved_to_the_top_leads(edition):
    place = editions.move_item(
        edition_id=edition.id, story_id=story(edition, "Courts"), to=1, **WHO
    )

    assert place == 1
    assert blocks_of(edition.id) == [
        ("lead", "Courts"),
        ("section", "Dam"),
        ("section", "Bread"),
        ("section", "Ferry"),
    ]
    assert queries.edition(edition.id).subject == "Courts"


def test_a_story_moved_beyond_the_end_is_the_last(edition):
    place = editions.move_item(
        edition_id=edition.id, story_id=story(edition, "Dam"), to=99, **WHO
    )

    assert place == 4
    assert titles_of(edition.id) == ["Bread", "Courts", "Ferry", "Dam"]


def test_a_story_can_be_put_into_another_block(edition):
    place = editions.move_item(
        edition_id=edition.id,
        story_id=story(edition, "Bread"),
        to=1,
        block=Block.OPINION,
        **WHO,
    )

    assert place == 4
    assert blocks_of(edition.id)[-1] == ("opinion", "Bread")


def test_an_editor_may_add_what_selection_passed_over(edition):
    event = a_stored_story("Hearing", kind="event", starts_at=NOW - DAY)

    editions.add_story(
        edition_id=edition.id, story_id=event, block=Block.SECTION, **WHO
    )

    assert blocks_of(edition.id)[-1] == ("section", "Hearing")


def test_not_even_an_editor_adds_a_story_under_embargo(edition):
    embargoed = a_stored_story("Budget", published_at=NOW + DAY)

    with pytest.raises(editions.Refused, match="withdrawn or to come"):
        editions.add_story(
            edition_id=edition.id, story_id=embargoed, block=Block.LEAD, **WHO
        )


def test_not_even_an_editor_repeats_a_story(edition):
    dam = story(edition, "Dam")
    approved(edition)
    editions.mark_sending(edition_id=edition.id, run_id=1)
    stored_stories("New")
    tomorrow = planned(edition.newsletter, now=NOW + DAY)

    with pytest.raises(editions.Refused, match="has had this story already"):
        editions.add_story(
            edition_id=tomorrow.id, story_id=dam, block=Block.SECTION, **WHO
        )


def test_a_rewritten_story_says_what_the_editor_wrote(edition):
    editions.rewrite(
        edition_id=edition.id,
        story_id=story(edition, "Dam"),
        title="The dam\r\nis full",
        standfirst="",
        **WHO,
    )

    lead = queries.content(edition_id=edition.id).items[0]
    assert (lead.title, lead.standfirst) == ("The dam is full", "")
    assert lead.story.title == "Dam"


def test_an_empty_title_gives_the_storys_back(edition):
    dam = story(edition, "Dam")
    editions.rewrite(edition_id=edition.id, story_id=dam, title="Other", **WHO)

    editions.rewrite(edition_id=edition.id, story_id=dam, title=" ", **WHO)

    assert titles_of(edition.id)[0] == "Dam"
    assert queries.edition(edition.id).hash == edition.hash


def test_words_of_the_editor_are_in_the_content(edition):
    editions.set_words(
        edition_id=edition.id,
        subject="Water\nBcc: x@example.org",
        preheader="And bread.",
        note="Good morning.\n\nIt rains.",
        note_by="Leila Ansou, morning editor",
        **WHO,
    )

    content = queries.content(edition_id=edition.id)
    assert content.subject == "Water Bcc: x@example.org"
    assert content.preheader == "And bread."
    assert content.note == "Good morning.\n\nIt rains."
    assert content.note_by == "Leila Ansou, morning editor"


def test_a_subject_left_as_it_was_follows_the_lead(edition):
    editions.set_words(edition_id=edition.id, subject="Dam", note="Hello.", **WHO)

    editions.drop_story(edition_id=edition.id, story_id=story(edition, "Dam"), **WHO)

    assert queries.edition(edition.id).subject == "Bread"


def test_a_note_that_is_too_long_is_refused(edition):
    with pytest.raises(editions.Refused, match="1201 characters"):
        editions.set_words(edition_id=edition.id, note="x" * 1201, **WHO)


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
    dam = story(edition, "Dam")
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
            edition_id=edition.id, story_id=story(edition, "Dam"), **WHO
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
    sources.withdraw(story_id=story(edition, "Dam"), now=NOW)

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
