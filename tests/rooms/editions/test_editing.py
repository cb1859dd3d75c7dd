"""What editors do to an edition, and what that does to its approval."""

from datetime import timedelta

import pytest

from mailer.editions import operations as editions
from mailer.editions import queries
from mailer.editions.content import Block, EditionState
from tests.kit.editions import (
    NOW,
    a_stored_story,
    approved,
    blocks_of,
    done_to,
    planned,
    stored_stories,
    story_of,
    titles_of,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WHO = {"by": "Ada", "now": NOW}


def test_an_approval_is_bound_to_what_was_seen(edition):
    view = approved(edition)

    assert view.state is EditionState.APPROVED
    assert view.approved_hash == edition.hash
    assert view.approved_by == "Ada"


def test_a_stale_page_cannot_approve(edition):
    editions.drop_story(edition_id=edition.id, story_id=story_of(edition, "Dam"), **WHO)

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
    editions.drop_story(
        edition_id=edition.id, story_id=story_of(edition, "Ferry"), **WHO
    )
    editions.approve(
        edition_id=edition.id, seen_hash=queries.edition(edition.id).hash, **WHO
    )
    editions.mark_sending(edition_id=edition.id, run_id=1)

    tomorrow = planned(edition.newsletter, now=NOW + DAY)

    assert titles_of(edition.id) == ["Dam", "Bread", "Courts"]
    assert titles_of(tomorrow.id) == ["Ferry"]


def test_when_the_lead_is_dropped_the_next_story_leads(edition):
    editions.drop_story(edition_id=edition.id, story_id=story_of(edition, "Dam"), **WHO)

    assert blocks_of(edition.id) == [
        ("lead", "Bread"),
        ("section", "Courts"),
        ("section", "Ferry"),
    ]


def test_a_story_dropped_for_good_does_not_come_back(edition):
    editions.drop_story(
        edition_id=edition.id, story_id=story_of(edition, "Ferry"), for_good=True, **WHO
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
        edition_id=edition.id, story_id=story_of(edition, "Courts"), to=1, **WHO
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
        edition_id=edition.id, story_id=story_of(edition, "Dam"), to=99, **WHO
    )

    assert place == 4
    assert titles_of(edition.id) == ["Bread", "Courts", "Ferry", "Dam"]


def test_a_story_can_be_put_into_another_block(edition):
    place = editions.move_item(
        edition_id=edition.id,
        story_id=story_of(edition, "Bread"),
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
    dam = story_of(edition, "Dam")
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
        story_id=story_of(edition, "Dam"),
        title="The dam\r\nis full",
        standfirst="",
        **WHO,
    )

    lead = queries.content(edition_id=edition.id).items[0]
    assert (lead.title, lead.standfirst) == ("The dam is full", "")
    assert lead.story.title == "Dam"


def test_an_empty_title_gives_the_storys_back(edition):
    dam = story_of(edition, "Dam")
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

    editions.drop_story(edition_id=edition.id, story_id=story_of(edition, "Dam"), **WHO)

    assert queries.edition(edition.id).subject == "Bread"


def test_a_note_that_is_too_long_is_refused(edition):
    with pytest.raises(editions.Refused, match="1201 characters"):
        editions.set_words(edition_id=edition.id, note="x" * 1201, **WHO)
