"""The desk's pages over Django's client, CSRF checks on, on a real database."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from mailer.delivery import operations as delivery
from mailer.desk import people
from mailer.editions import queries as editions
from mailer.editions.content import EditionState
from mailer.local.visitor import NoSuchButton
from tests.kit.audience import a_place, fresh_keys  # noqa: F401  a fixture
from tests.kit.desk import (
    ClientVisitor,
    a_ready_edition,
    a_story_to_break,
    an_editor,
)
from tests.kit.editions import titles_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_keys")]


def test_nobody_sees_the_desk_without_a_log_in():
    answer = Client().get("/desk")

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/desk/login?next=/desk"


def test_an_invited_editor_sets_a_password_and_is_in():
    invitation = people.invite(name="thandi", full_name="Thandi Mokoena")
    visitor = ClientVisitor()
    visitor.open(invitation.link)

    visitor.press("Set password", password="ferry-nine-at-dawn")

    assert visitor.path == "/desk"
    assert "Thandi Mokoena" in visitor.words


def test_a_log_in_link_works_once():
    invitation = people.invite(name="thandi")
    visitor = ClientVisitor()
    visitor.open(invitation.link)
    visitor.press("Set password", password="ferry-nine-at-dawn")

    again = ClientVisitor()
    again.open(invitation.link)

    assert again.status == 410


def test_a_short_password_is_refused_and_the_link_still_works():
    invitation = people.invite(name="thandi")
    visitor = ClientVisitor()
    visitor.open(invitation.link)

    visitor.press("Set password", password="short")

    assert visitor.status == 400
    assert "at least 12 characters" in visitor.words


def test_a_wrong_password_says_so_and_keeps_the_name():
    get_user_model().objects.create_user("thandi", password="ferry-nine-at-dawn")
    visitor = ClientVisitor()
    visitor.open("/desk/login")

    visitor.press("Log in", username="thandi", password="ferry-ten")

    assert visitor.status == 403
    assert "do not belong together" in visitor.words
    assert visitor.value("username") == "thandi"


def test_log_in_leads_to_the_page_that_was_asked_for_and_to_no_other_site():
    get_user_model().objects.create_user("thandi", password="ferry-nine-at-dawn")
    visitor = ClientVisitor()
    visitor.open("/desk/login?next=https://evil.example/")

    visitor.press("Log in", username="thandi", password="ferry-nine-at-dawn")

    assert visitor.path == "/desk"


def test_today_without_anything_says_what_to_do():
    visitor = an_editor()

    visitor.open("/desk")

    assert "Nothing today." in visitor.words


def test_today_names_what_waits_for_approval():
    a_ready_edition()
    visitor = an_editor()

    visitor.open("/desk")

    assert "waits for approval. 1 person" in visitor.words


def test_an_editor_checks_and_approves_what_she_saw():
    edition = a_ready_edition()
    visitor = an_editor()
    visitor.open("/desk")
    visitor.follow("Check before sending")

    visitor.press("Send to 1 person at")

    assert editions.edition(edition.id).state is EditionState.APPROVED
    assert "Approved by Thandi Mokoena" in visitor.words


def test_what_changed_since_it_was_seen_is_not_approved():
    edition = a_ready_edition()
    visitor = an_editor()
    visitor.open(f"/desk/e/{edition.id}/check")
    other = an_editor("sipho")
    other.open(f"/desk/e/{edition.id}")
    other.press("Drop")

    visitor.press("Send to 1 person at")

    assert editions.edition(edition.id).state is EditionState.READY
    assert "changed" in visitor.words.lower()


def test_a_story_is_moved_dropped_and_rewritten():
    edition = a_ready_edition()
    before = titles_of(edition.id)
    visitor = an_editor()
    visitor.open(f"/desk/e/{edition.id}")

    visitor.press("Down")
    visitor.press("Drop")

    assert titles_of(edition.id) == [before[0], *before[2:]]


def test_the_preview_is_the_stored_bytes_without_personal_addresses():
    edition = a_ready_edition("Dam is full")
    visitor = an_editor()

    visitor.open(f"/desk/e/{edition.id}/mail/1")

    assert "Dam is full" in visitor.words
    assert "@@" not in visitor.words


def test_the_text_part_is_shown_too():
    edition = a_ready_edition("Dam is full")
    visitor = an_editor()

    visitor.open(f"/desk/e/{edition.id}/text/1")

    assert "Dam is full" in visitor.words


def test_a_skipped_edition_says_why_on_today():
    edition = a_ready_edition()
    visitor = an_editor()
    visitor.open(f"/desk/e/{edition.id}")

    visitor.press("Skip this edition", reason="The editor is on a ferry")
    visitor.open("/desk")

    assert "The editor is on a ferry" in visitor.words


def break_it(visitor, headline="Oreme dam is leaking", line="Three towns must leave."):
    visitor.open("/desk/stories")
    visitor.follow("Break this")
    visitor.press("Check", headline=headline, line=line)


def test_breaking_shows_the_mail_the_number_and_leaves_after_a_hold():
    a_story_to_break()
    visitor = an_editor()
    break_it(visitor)

    visitor.press("Send to 1 person")

    assert "10 seconds until it leaves" in visitor.words
    assert visitor.page.xpath("//h1")[0].text_content().startswith("Leaves at")


def test_undo_in_the_hold_means_nobody_got_it():
    newsletter = a_story_to_break()
    visitor = an_editor()
    break_it(visitor)
    visitor.press("Send to 1 person")

    visitor.press("Undo")

    [edition] = editions.editions(newsletter_id=newsletter.id)
    assert edition.state is EditionState.WITHDRAWN
    assert "Undone. Nobody got it." in visitor.words


def test_the_same_story_twice_is_refused_unless_it_is_an_update():
    newsletter = a_story_to_break()
    visitor = an_editor()
    break_it(visitor)
    visitor.press("Send to 1 person")
    break_it(visitor)

    visitor.press("Send to 1 person")
    refused = visitor.words
    visitor.press("Send to 1 person", update="yes")

    assert "update" in refused
    assert len(editions.editions(newsletter_id=newsletter.id)) == 2


def test_an_alert_without_a_headline_goes_no_further():
    a_story_to_break()
    visitor = an_editor()

    break_it(visitor, headline=" ")

    assert "Write a headline" in visitor.words


def test_an_alert_nobody_would_get_cannot_be_sent():
    a_story_to_break()
    place = a_place("TV", "Tamba Valley")
    visitor = an_editor()
    visitor.open("/desk/stories")
    visitor.follow("Break this")
    visitor.press("Check", place=place)

    with pytest.raises(NoSuchButton):
        visitor.press("Send to")


def test_the_preview_of_a_draft_is_the_mail():
    a_story_to_break()
    visitor = an_editor()
    break_it(visitor)
    [frame] = visitor.page.xpath("//iframe")

    visitor.open(frame.get("src"))

    assert "Three towns must leave." in visitor.words


def test_a_run_is_watched_paused_and_stopped_with_its_figures():
    edition = a_ready_edition()
    visitor = an_editor()
    visitor.open(f"/desk/e/{edition.id}/check")
    visitor.press("Send to 1 person at")
    delivery.open_due(now=edition.slot_at + timedelta(seconds=1))
    run_id = editions.edition(edition.id).run_id
    visitor.open(f"/desk/r/{run_id}")

    visitor.press("Stop")
    paused = visitor.words
    visitor.press("Stop for good", reason="Wrong headline")

    assert "paused, 0 had gone" in paused
    assert "Stopped for good. 1 person will not get it" in visitor.words


def test_a_page_that_is_not_there_says_so():
    visitor = an_editor()

    visitor.open("/desk/r/4711")

    assert visitor.status == 404
