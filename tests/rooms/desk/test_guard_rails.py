"""What must not happen at the desk: each has its guard, each guard its test here."""

from datetime import timedelta

import pytest
from django.urls import reverse

from mailer.delivery import operations as delivery
from mailer.delivery import queries as runs
from mailer.delivery.run import RunKind
from mailer.editions import queries as editions
from mailer.editions.content import EditionState
from mailer.kernel.clock import utc_now
from mailer.local.visitor import NoSuchButton
from mailer.sources import operations as sources
from mailer.sources import queries as stories
from tests.kit.audience import a_reader_of, a_subscriber, fresh_keys, many_readers  # noqa: F401
from tests.kit.delivery import a_run_of
from tests.kit.desk import a_ready_edition, a_story_to_break, an_editor
from tests.kit.editions import titles_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_keys")]


def break_it(visitor, **fields):
    visitor.open("/desk/stories")
    visitor.follow("Break this")
    visitor.press("Check", **fields)


@pytest.mark.parametrize("button", ["Drop", "Down", "Save"])
def test_a_stale_page_changes_nothing(button):
    edition = a_ready_edition()
    stale = an_editor()
    stale.open(f"/desk/e/{edition.id}")
    other = an_editor("sipho")
    other.open(f"/desk/e/{edition.id}")
    other.press("Up")
    after = titles_of(edition.id)

    stale.press(button)

    assert titles_of(edition.id) == after
    assert "The edition changed since you looked." in stale.words


@pytest.mark.parametrize(
    "verb",
    ["approve", "unapprove", "drop", "move", "rewrite", "words", "skip", "test"],
)
def test_looking_at_the_address_of_an_act_does_nothing(verb):
    edition = a_ready_edition()
    visitor = an_editor()

    visitor.open(f"/desk/e/{edition.id}/do/{verb}")

    assert visitor.status == 405
    assert editions.edition(edition.id) == edition


@pytest.mark.parametrize("verb", ["pause", "resume", "stop"])
def test_looking_at_the_address_of_a_run_s_act_does_nothing(verb):
    run = a_run_of("ann@a.example")
    visitor = an_editor()

    visitor.open(reverse("desk:run-act", args=[run.pk, verb]))

    assert visitor.status == 405
    assert runs.progress(run.pk).state == "open"


def test_looking_at_the_address_of_undo_does_nothing():
    newsletter = a_story_to_break()
    visitor = an_editor()
    break_it(visitor)
    visitor.press("Send to 1 person")
    [edition] = editions.editions(newsletter_id=newsletter.id)

    visitor.open(f"/desk/b/{edition.id}/undo")

    assert visitor.status == 405
    assert editions.edition(edition.id).state is EditionState.APPROVED


def test_a_link_to_the_form_sends_no_alert_whatever_it_says():
    newsletter = a_story_to_break()
    [story] = stories.recent(limit=1)
    visitor = an_editor()

    visitor.open(f"/desk/b/new?story={story.id}&step=send&key=k&headline=H&line=L")

    assert visitor.status == 200
    assert editions.editions(newsletter_id=newsletter.id) == []


def test_a_double_click_on_send_makes_one_alert():
    newsletter = a_story_to_break()
    visitor = an_editor()
    break_it(visitor)
    page, at = visitor.page, visitor.at

    visitor.press("Send to 1 person")
    first = visitor.path
    visitor.page, visitor.at = page, at
    visitor.press("Send to 1 person")

    assert len(editions.editions(newsletter_id=newsletter.id)) == 1
    assert visitor.path == first


def test_from_ten_thousand_people_on_the_number_is_typed():
    newsletter = a_story_to_break()
    many_readers(10_000, newsletter)
    visitor = an_editor()
    break_it(visitor)

    visitor.press("Send to 10,001 people")
    asked = visitor.words
    visitor.press("Send to 10,001 people", number="1001")
    wrong = visitor.words
    visitor.press("Send to 10,001 people", number="10 001")

    assert "Type the number to go on." in asked
    assert "1,001 was typed. Look again." in wrong
    assert "until it leaves" in visitor.words
    assert len(editions.editions(newsletter_id=newsletter.id)) == 1


def test_an_embargoed_story_is_not_offered_and_not_sent():
    later = utc_now() + timedelta(hours=3)
    newsletter = a_story_to_break(published_at=later)
    [story] = stories.recent(limit=1)
    visitor = an_editor()
    visitor.open("/desk/stories")
    listed = visitor.words

    visitor.open(f"/desk/b/new?story={story.id}")
    visitor.press("Check")

    assert "Embargo" in listed
    assert "Embargo until" in visitor.words
    with pytest.raises(NoSuchButton):
        visitor.press("Send to")
    assert editions.editions(newsletter_id=newsletter.id) == []


def test_a_story_without_a_date_is_not_offered_and_not_sent():
    a_story_to_break(published_at=None, date_published="yesterday-ish")
    [story] = stories.recent(limit=1)
    visitor = an_editor()
    visitor.open("/desk/stories")
    listed = visitor.words

    visitor.open(f"/desk/b/new?story={story.id}")
    visitor.press("Check")

    assert "can't be news" in listed
    assert "no date that can be believed" in visitor.words
    with pytest.raises(NoSuchButton):
        visitor.press("Send to")


def test_a_story_withdrawn_after_the_check_is_refused_at_the_button():
    newsletter = a_story_to_break()
    [story] = stories.recent(limit=1)
    visitor = an_editor()
    break_it(visitor)
    sources.withdraw(story_id=story.id, now=utc_now())

    visitor.press("Send to 1 person")

    assert "withdrawn at its source" in visitor.words
    assert editions.editions(newsletter_id=newsletter.id) == []


def test_an_alert_to_a_place_goes_to_that_place_only():
    newsletter = a_story_to_break()
    a_reader_of(newsletter, address="ben@readers.example", place="TV")
    visitor = an_editor()
    break_it(visitor, place="TV")

    visitor.press("Send to 1 person")

    [edition] = editions.editions(newsletter_id=newsletter.id)
    delivery.open_due(now=edition.release_at)
    run_id = editions.edition(edition.id).run_id
    assert edition.place_code == "TV"
    assert runs.progress(run_id).audience == 1


def test_a_test_goes_to_the_staff_and_to_nobody_else():
    edition = a_ready_edition()
    a_subscriber("sipho@causeway.example", is_staff=True)
    visitor = an_editor()
    visitor.open(f"/desk/e/{edition.id}/check")

    visitor.press("Send a test to 1 person of the staff")

    [run] = runs.runs(letters=True)
    assert (run.kind, run.audience) == (RunKind.TEST, 1)
    assert "marked TEST" in visitor.words
    assert editions.edition(edition.id).state is EditionState.READY


def test_without_staff_a_test_can_not_be_sent():
    edition = a_ready_edition()
    visitor = an_editor()
    visitor.open(f"/desk/e/{edition.id}/check")

    with pytest.raises(NoSuchButton):
        visitor.press("Send a test")
    assert "mailer set_staff" in visitor.words


def test_what_a_colleague_skipped_meanwhile_is_not_approved():
    edition = a_ready_edition()
    visitor = an_editor()
    visitor.open(f"/desk/e/{edition.id}/check")
    other = an_editor("sipho")
    other.open(f"/desk/e/{edition.id}")
    other.press("Skip this edition", reason="National mourning")

    visitor.press("Send to 1 person at")

    assert editions.edition(edition.id).state is EditionState.SKIPPED
    assert "was skipped; nothing was changed." in visitor.words


def test_a_skipped_edition_is_brought_back_and_waits_again():
    edition = a_ready_edition()
    visitor = an_editor()
    visitor.open(f"/desk/e/{edition.id}")
    visitor.press("Skip this edition", reason="National mourning")

    visitor.press("Bring it back")

    assert editions.edition(edition.id).state is EditionState.READY
    assert "It waits for approval." in visitor.words
