"""My mails: the way in, what can be set, undone, taken along and erased."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mailer.audience import operations, queries
from mailer.audience.consent import SubscriberState, SubscriptionState
from mailer.editions import operations as editing
from mailer.kernel.blame import Blame
from mailer.kernel.clock import utc_now
from tests.kit.audience import a_newsletter, a_place, a_reader_of, fresh_keys  # noqa: F401
from tests.kit.editions import a_digest_newsletter
from tests.kit.public import HOST, Visitor, body, flipped, path_of, said, title_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_keys")]

ACTIVE, LEFT = SubscriptionState.ACTIVE, SubscriptionState.LEFT


def standing(person, newsletter):
    return queries.subscriber(person.id).standing(newsletter.id)


def a_link_for(person):
    operations.ask_link(address=person.address, now=utc_now())
    operations.answer_requests(now=utc_now())
    return path_of(queries.letters_waiting(1000)[-1].data["url"])


def inside(person):
    return Visitor().comes_in_as(person, utc_now())


def test_known_and_unknown_addresses_get_the_same_answer_to_a_link_for_the_same_work():
    a_reader_of(a_newsletter(), address="known@readers.example")
    one, other = Visitor(), Visitor()

    with CaptureQueriesContext(connection) as for_known:
        known = one.sends("/p/link", mail="known@readers.example")
    with CaptureQueriesContext(connection) as for_unknown:
        unknown = other.sends("/p/link", mail="other@readers.example")

    assert said(known) == said(unknown)
    assert title_of(known) == "Check your mail"
    assert len(for_known) == len(for_unknown)


def test_a_link_opens_by_a_button_once_and_sets_a_cookie_that_scripts_cannot_read():
    path = a_link_for(a_reader_of(a_newsletter()))
    visitor = Visitor()

    assert title_of(visitor.opens(path)) == "Open your mails?"
    assert not visitor.client.cookies.get("mails")
    opened = visitor.sends(path)

    assert (opened.status_code, opened["Location"]) == (302, "/p")
    cookie = opened.cookies["mails"]
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["samesite"] == "Lax"
    assert title_of(visitor.opens("/p")) == "Your mails"
    assert Visitor().opens(path).status_code == 410
    assert title_of(Visitor().opens(path)) == "This link has stopped working"


def test_a_form_on_a_page_that_sends_no_referrer_works_as_browsers_send_it():
    """They say `Origin: null` there, and who they are in Sec-Fetch-Site."""
    path = a_link_for(a_reader_of(a_newsletter()))
    visitor = Visitor()
    mark = body(visitor.opens(path)).split('csrfmiddlewaretoken" value="')[1][:64]
    null = {"HTTP_ORIGIN": "null"}

    elsewhere = visitor.posts(path, {"csrfmiddlewaretoken": mark}, **null)
    ours = visitor.posts(
        path, {"csrfmiddlewaretoken": mark}, **null, HTTP_SEC_FETCH_SITE="same-origin"
    )

    assert elsewhere.status_code == 403
    assert ours.status_code == 302


def test_another_site_cannot_open_its_own_link_in_a_reader_s_browser():
    path = a_link_for(a_reader_of(a_newsletter()))

    answer = Visitor().posts(path, HTTP_ORIGIN="https://elsewhere.example")

    assert answer.status_code == 403


def test_a_changed_link_is_404():
    assert Visitor().opens(flipped(a_link_for(a_reader_of()))).status_code == 404


def test_the_link_s_person_wins_over_the_browser_s():
    first, second = a_reader_of(), a_reader_of(address="second@readers.example")
    visitor = inside(first)

    visitor.sends(a_link_for(second))

    assert "s•••@readers.example" in said(visitor.opens("/p"))


def test_without_a_link_the_page_asks_for_an_address():
    answer = Visitor().opens("/p")

    assert (answer.status_code, answer["Location"]) == (302, "/p/link")


def test_a_forged_or_old_cookie_opens_nothing():
    person = a_reader_of()
    visitor = Visitor()
    visitor.client.cookies["mails"] = f"{person.id}:1qwerty:forged"

    assert visitor.opens("/p").status_code == 302


def test_the_page_covers_the_address():
    person = a_reader_of(address="zoe.long@readers.example")

    page = body(inside(person).opens("/p"))

    assert "z•••@readers.example" in page
    assert "zoe" not in page


def test_saving_says_what_changed_and_undo_brings_it_back():
    digest, business = a_newsletter(), a_newsletter(name="Business")
    person = a_reader_of(digest)
    visitor = inside(person)

    saved = visitor.sends("/p", **{f"n{digest.id}": "off", f"n{business.id}": "on"})
    assert "Morning digest is off; Business is on." in said(saved)
    assert (standing(person, digest), standing(person, business)) == (LEFT, ACTIVE)

    undo = dict(_hidden(saved))
    back = visitor.sends("/p", **undo)
    assert (standing(person, digest), standing(person, business)) == (ACTIVE, LEFT)
    assert 'name="undo"' not in body(back)


def _hidden(answer):
    form = body(answer).split('class="inline"')[1].split("</form>")[0]
    for part in form.split('<input type="hidden" name="')[1:]:
        name, rest = part.split('"', 1)
        if name != "csrfmiddlewaretoken":
            yield name, rest.split('value="')[1].split('"')[0]


def test_a_pause_ends_at_midnight_on_the_paper_s_clock_and_is_shown():
    digest = a_newsletter()
    person = a_reader_of(digest)
    visitor = inside(person)
    choice = body(visitor.opens("/p")).split('value="until:')[1].split('"')[0]

    saved = visitor.sends("/p", **{f"n{digest.id}": f"until:{choice}"})

    assert "Morning digest is paused until " in said(saved)
    assert "then it starts again." in said(visitor.opens("/p"))
    assert standing(person, digest) is SubscriptionState.PAUSED
    assert choice.endswith("T22:00:00+00:00")  # midnight in Karanda, UTC+2


@pytest.mark.parametrize(
    "choice", ["until:", "until:soon", "until:2026-12-08", "maybe"]
)
def test_a_choice_that_is_none_changes_nothing(choice):
    digest = a_newsletter()
    person = a_reader_of(digest)

    answer = inside(person).sends("/p", **{f"n{digest.id}": choice})

    assert "nothing had changed" in said(answer)
    assert standing(person, digest) is ACTIVE


@pytest.mark.parametrize(
    "choice", ["until:2020-01-01T00:00:00+00:00", "until:2099-01-01T00:00:00+00:00"]
)
def test_a_pause_that_is_over_or_without_end_is_refused_with_the_reason(choice):
    digest = a_newsletter()
    person = a_reader_of(digest)

    answer = inside(person).sends("/p", **{f"n{digest.id}": choice})

    assert "A pause ends in the future, within a year" in said(answer)
    assert standing(person, digest) is ACTIVE


def test_a_place_is_saved_by_name_and_a_wrong_one_is_kept_in_its_field():
    person = a_reader_of(a_newsletter())
    a_place("TV", "Tamba Valley")
    visitor = inside(person)

    wrong = visitor.sends("/p", place="Tambo Valley")
    assert wrong.status_code == 422
    assert 'value="Tambo Valley"' in body(wrong)

    saved = visitor.sends("/p", place="tamba valley")
    assert "your municipality is Tamba Valley" in said(saved)
    assert queries.subscriber(person.id).place_code == "TV"


def test_a_time_zone_and_an_hour_are_saved_where_a_digest_comes_at_the_readers_own():
    digest = a_digest_newsletter("own-hour")
    editing.set_recipe(newsletter_id=digest.id, waves="reader", now=utc_now())
    person = a_reader_of(digest)
    visitor = inside(person)

    shown = body(visitor.opens("/p"))
    saved = visitor.sends("/p", time_zone="America/New York", hour="7")
    wrong = visitor.sends("/p", time_zone="Mars/Base", hour="7")

    assert "Your time zone" in shown
    assert "your time is changed" in said(saved)
    now = queries.subscriber(person.id)
    assert (now.time_zone, now.hour) == ("America/New_York", 7)
    assert wrong.status_code == 422
    assert "Choose a time zone from the list" in said(wrong)
    assert 'value="Mars/Base"' in body(wrong)


def test_nobody_is_asked_for_a_time_zone_where_all_get_it_together():
    person = a_reader_of(a_newsletter())

    assert "Your time zone" not in body(inside(person).opens("/p"))


def test_a_newsletter_by_place_is_not_switched_on_without_a_place():
    results = a_newsletter(name="Elections", by_place=True)
    a_place("TV", "Tamba Valley")
    person = a_reader_of()

    answer = inside(person).sends("/p", **{f"n{results.id}": "on", "place": ""})

    assert "Enter your municipality: Elections is sent by place" in said(answer)
    assert standing(person, results) is None


def test_stop_everything_stops_at_once_and_can_be_undone():
    digest, other = a_newsletter(), a_newsletter()
    person = a_reader_of(digest, other)
    visitor = inside(person)

    stopped = visitor.sends("/p/stop", page="/p")
    assert "Stopped now: everything." in said(stopped)
    assert {standing(person, n) for n in (digest, other)} == {LEFT}

    visitor.sends("/p", **dict(_hidden(stopped)))
    assert {standing(person, n) for n in (digest, other)} == {ACTIVE}


def test_looking_at_stop_everything_does_not_stop():
    digest = a_newsletter()
    person = a_reader_of(digest)

    assert inside(person).opens("/p/stop").status_code == 405
    assert standing(person, digest) is ACTIVE


def test_the_data_come_as_a_file_with_every_consent():
    person = a_reader_of(a_newsletter(), address="data@readers.example")
    visitor = inside(person)

    answer = visitor.sends("/p/data", export="1")

    assert 'filename="my-data.json"' in answer["Content-Disposition"]
    assert json.loads(answer.content)["address"] == "data@readers.example"


def test_erasing_asks_for_a_tick_then_forgets_and_closes_the_page():
    person = a_reader_of(a_newsletter())
    visitor = inside(person)

    asked = visitor.sends("/p/data", erase="1")
    assert "Tick “I want to be erased” first" in said(asked)
    assert queries.subscriber(person.id).state is SubscriberState.ACTIVE

    gone = visitor.sends("/p/data", erase="1", sure="1")
    assert title_of(gone) == "Erased"
    assert "a scrambled mark so we never write to you again" in said(gone)
    assert queries.subscriber(person.id).state is SubscriberState.ERASED
    assert visitor.opens("/p").status_code == 302


def test_a_change_of_address_moves_nothing_before_the_new_mailbox_says_yes():
    digest = a_newsletter()
    person = a_reader_of(digest, address="old@readers.example")
    visitor = inside(person)

    asked = visitor.sends("/p/address", mail="new@readers.example")
    assert "We wrote to both addresses." in said(asked)
    assert queries.subscriber(person.id).address == "old@readers.example"

    operations.answer_requests(now=utc_now())
    url = next(x.data["url"] for x in queries.letters_waiting(99) if "from" in x.data)
    assert title_of(Visitor().opens(path_of(url))) == "Move your mails to this address?"
    moved = Visitor().posts(path_of(url))

    assert title_of(moved) == "Your mails have moved"
    assert queries.subscriber(person.id).address == "new@readers.example"


def test_who_gets_no_mail_because_of_failures_is_told_why():
    person = a_reader_of(a_newsletter())
    operations.hear(
        subscriber_id=person.id,
        blame=Blame.READER,
        evidence_text="fbl",
        now=utc_now(),
    )

    assert "marked as spam, so we stopped" in said(inside(person).opens("/p"))


def test_closing_the_page_closes_it():
    visitor = inside(a_reader_of())

    closed = visitor.sends("/p/out", page="/p")

    assert title_of(closed) == "Signed out"
    assert visitor.opens("/p").status_code == 302


@pytest.mark.parametrize("path", ["/p", "/p/data", "/p/address", "/p/link"])
def test_pages_of_one_person_are_private(path):
    answer = inside(a_reader_of(a_newsletter())).opens(path)

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert HOST not in answer.headers.get("Location", "")
