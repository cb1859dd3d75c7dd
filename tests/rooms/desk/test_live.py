"""The parts of pages that live: they come anew when something changed, with a time."""

import pytest

from mailer.delivery import operations as delivery
from mailer.editions import queries as editions
from mailer.kernel.clock import utc_now
from tests.kit.delivery import ScriptedTransport, a_run_of, drain
from tests.kit.desk import a_ready_edition, a_story_to_break, an_editor

pytestmark = pytest.mark.django_db


def get(visitor, path, **fields):
    headers = {"HX-Request": "true"}
    return visitor.client.get(path, fields, headers=headers, secure=True)


def seen(visitor, part):
    return visitor.page.xpath(f"//*[@id='{part}-seen']/@value")[0]


def test_a_board_that_is_still_the_same_is_not_sent_again():
    a_ready_edition()
    visitor = an_editor()
    visitor.open("/desk")

    answer = get(visitor, "/desk/board", seen=seen(visitor, "board"))

    assert (answer.status_code, answer.content) == (204, b"")
    assert len(answer["X-Clock"]) == len("14:07:12")


def test_a_board_that_changed_comes_anew():
    edition = a_ready_edition()
    visitor = an_editor()
    visitor.open("/desk")
    mark = seen(visitor, "board")
    visitor.open(f"/desk/e/{edition.id}")
    visitor.press("Skip this edition", reason="The editor is on a ferry")

    answer = get(visitor, "/desk/board", seen=mark)

    assert answer.status_code == 200
    assert "The editor is on a ferry" in answer.content.decode()


def test_runs_say_together_how_far_they_are():
    one, two = a_run_of("a@a.example", "b@a.example"), a_run_of("c@a.example")
    drain(ScriptedTransport())

    answer = get(an_editor(), "/desk/bar", runs=f"{one.pk},{two.pk}")

    assert "100%: 3 of 3 people" in answer.content.decode()


def test_a_bar_of_no_run_is_not_there():
    assert get(an_editor(), "/desk/bar", runs="all").status_code == 404


def test_the_sums_of_a_run_keep_a_page_that_still_says_what_can_be_done():
    run = a_run_of("ann@a.example")
    visitor = an_editor()
    visitor.open(f"/desk/r/{run.pk}")

    answer = get(visitor, f"/desk/r/{run.pk}/sums", seen=seen(visitor, "sums"))

    assert "HX-Refresh" not in answer
    assert "<button" not in answer.content.decode()


def test_a_page_whose_run_was_stopped_elsewhere_is_drawn_again():
    run = a_run_of("ann@a.example")
    visitor = an_editor()
    visitor.open(f"/desk/r/{run.pk}")
    delivery.stop(run_id=run.pk, by="Sipho", reason="wrong", now=utc_now())

    answer = get(visitor, f"/desk/r/{run.pk}/sums", seen=seen(visitor, "sums"))

    assert answer["HX-Refresh"] == "true"


def held(visitor):
    newsletter = a_story_to_break()
    visitor.open("/desk/stories")
    visitor.follow("Break this")
    visitor.press("Check")
    visitor.press("Send to 1 person")
    [edition] = editions.editions(newsletter_id=newsletter.id)
    return edition


def test_the_hold_counts_down_while_it_can_be_undone():
    visitor = an_editor()
    edition = held(visitor)

    answer = get(visitor, f"/desk/b/{edition.id}/left", seen=seen(visitor, "left"))

    assert "until it leaves" in answer.content.decode()
    assert "HX-Redirect" not in answer


def test_a_hold_undone_by_a_colleague_leads_on():
    visitor = an_editor()
    edition = held(visitor)
    delivery.undo(edition_id=edition.id, by="Sipho", now=utc_now())

    answer = get(visitor, f"/desk/b/{edition.id}/left", seen=seen(visitor, "left"))

    assert answer["HX-Redirect"] == f"/desk/b/{edition.id}"


def test_a_hold_that_is_over_leads_to_its_run(settings):
    settings.BREAKING_HOLD_SECONDS = 0
    visitor = an_editor()
    edition = held(visitor)
    delivery.open_due(now=utc_now())

    visitor.open(f"/desk/b/{edition.id}")

    assert visitor.path == f"/desk/r/{editions.edition(edition.id).run_id}"


def test_who_logged_out_is_led_to_the_log_in():
    visitor = an_editor()
    visitor.client.logout()

    answer = get(visitor, "/desk/board")

    assert answer["Location"].startswith("/desk/login")
