"""Sign-up and its button: one answer for everybody, what was typed, what was agreed."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mailer.audience import limits, operations, queries
from mailer.audience.consent import Evidence, SubscriptionState
from mailer.kernel.clock import utc_now
from tests.kit.audience import a_newsletter, a_place, a_reader_of, fresh_keys  # noqa: F401
from tests.kit.editions import a_recipe_for
from tests.kit.public import Visitor, body, flipped, path_of, said, title_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_keys")]


def the_letter_to(address):
    """Answer what was asked for and return the newest letter to this address."""
    operations.answer_requests(now=utc_now())
    person = queries.subscriber_by_address(address)
    letters = queries.letters_waiting(1000)
    return next(
        (x for x in reversed(letters) if person and x.subscriber_id == person.id), None
    )


def signs_up(visitor, address, *lists, **fields):
    return visitor.sends(
        "/", newsletter=[str(n.id) for n in lists], mail=address, **fields
    )


def asked_for(address, *lists, **fields):
    """Sign up and return the path of the page with the button."""
    signs_up(Visitor(), address, *lists, **fields)
    return path_of(the_letter_to(address).data["url"])


def test_nothing_is_ticked_before_the_reader_ticks_it_not_even_by_a_link():
    digest = a_newsletter("morning")
    a_newsletter(name="Business")

    page = body(Visitor().opens("/?pick=morning"))

    assert page.count('type="checkbox"') == 2
    assert " checked" not in page
    assert page.index(digest.name) < page.index("Business")


def test_each_newsletter_says_when_it_comes_and_what_it_is():
    a_newsletter(rhythm="Fridays, 15:00", description="One story worth the ferry.")

    words = said(Visitor().opens("/"))

    assert "Fridays, 15:00" in words
    assert "One story worth the ferry." in words


def test_a_house_without_newsletters_says_what_will_be_here():
    answer = Visitor().opens("/")

    assert answer.status_code == 200
    assert "No newsletter is open yet." in said(answer)
    assert "<form" not in body(answer)


def test_known_and_unknown_addresses_get_the_same_bytes_for_the_same_work():
    digest = a_newsletter()
    a_reader_of(digest, address="known@readers.example")
    known, unknown = Visitor(), Visitor()
    known.opens("/")
    unknown.opens("/")

    with CaptureQueriesContext(connection) as for_known:
        one = signs_up(known, "known@readers.example", digest)
    with CaptureQueriesContext(connection) as for_unknown:
        other = signs_up(unknown, "other@readers.example", digest)

    assert (one.status_code, title_of(one)) == (200, "Check your mail")
    assert said(one) == said(other)
    assert len(for_known) == len(for_unknown)
    assert [q["sql"].split()[0] for q in for_known] == [
        q["sql"].split()[0] for q in for_unknown
    ]


def test_a_form_with_faults_keeps_what_was_typed_and_names_each_at_its_field():
    a_newsletter()
    a_place("TV", "Tamba Valley")

    answer = Visitor().sends("/", mail="ann@", place="Nowhere")
    page = body(answer)

    assert answer.status_code == 422
    assert "<title>Problem: " in page
    assert page.count("Pick at least one newsletter") == 2  # summary and field
    assert 'href="#mail"' in page
    assert 'value="ann@"' in page
    assert 'value="Nowhere"' in page
    assert "autofocus" in page
    assert operations.answer_requests(now=utc_now()) == 0


def test_a_tick_survives_a_fault_elsewhere():
    digest = a_newsletter()

    page = body(Visitor().sends("/", newsletter=str(digest.id), mail=""))

    assert f'value="{digest.id}" checked' in page


def test_a_newsletter_by_place_asks_for_the_place():
    results = a_newsletter(name="Elections", by_place=True)
    a_place("TV", "Tamba Valley")

    answer = signs_up(Visitor(), "ann@readers.example", results)

    assert "Enter your municipality: Elections is sent by place" in said(answer)


def test_a_place_is_found_by_its_name_in_any_case():
    results = a_newsletter(by_place=True)
    a_place("TV", "Tamba Valley")

    path = asked_for("ann@readers.example", results, place="  tamba   valley ")

    assert "for Tamba Valley" in said(Visitor().opens(path))


def test_two_places_of_one_name_are_a_choice_that_works_without_a_script():
    digest = a_newsletter()
    a_place("TV1", "Tamba", kind="municipality")
    a_place("TV2", "Tamba", kind="ward")
    visitor = Visitor()

    asked = signs_up(visitor, "ann@readers.example", digest, place="Tamba")
    assert "Choose which one you mean" in said(asked)
    assert 'name="place_code" value="TV2"' in body(asked)

    answer = signs_up(
        visitor, "ann@readers.example", digest, place="Tamba", place_code="TV2"
    )
    assert title_of(answer) == "Check your mail"
    Visitor().posts(path_of(the_letter_to("ann@readers.example").data["url"]))
    person = queries.subscriber_by_address("ann@readers.example")
    assert person.place_code == "TV2"


def test_no_address_stands_in_any_address_or_cookie():
    digest = a_newsletter()

    visitor = Visitor()
    answer = signs_up(visitor, "ann@readers.example", digest)

    assert not answer.has_header("Location")
    cookies = "".join(c.value for c in visitor.client.cookies.values())
    assert "readers" not in cookies


def test_send_again_sends_the_same_form_again():
    digest = a_newsletter()
    visitor = Visitor()
    page = body(signs_up(visitor, "ann@readers.example", digest))

    assert f'name="newsletter" value="{digest.id}"' in page
    assert 'name="mail" value="ann@readers.example"' in page


def test_who_signs_up_too_often_is_told_when_to_come_back():
    digest = a_newsletter()
    visitor = Visitor()

    answers = [signs_up(visitor, "often@readers.example", digest) for _ in range(7)]

    assert [a.status_code for a in answers[:6]] == [200] * 6
    assert answers[6].status_code == 429
    assert int(answers[6]["Retry-After"]) > 0
    assert "Nothing was sent" in said(answers[6])


def test_sign_up_is_closed_with_a_kind_word_while_nobody_can_count(
    settings, monkeypatch
):
    digest = a_newsletter()
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    monkeypatch.setattr(limits, "_left_alone", threading.local())

    answer = signs_up(Visitor(), "ann@readers.example", digest)

    assert answer.status_code == 503
    assert "We can't take new sign-ups for some minutes." in said(answer)


def test_a_form_without_its_mark_is_refused_in_our_words():
    digest = a_newsletter()

    answer = Visitor().posts(
        "/", {"newsletter": digest.id, "mail": "ann@readers.example"}
    )

    assert answer.status_code == 403
    assert title_of(answer) == "Nothing was changed"


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_the_button_starts_nothing(method):
    digest = a_newsletter()
    path = asked_for("ann@readers.example", digest)

    answer = Visitor().asks(method, path)

    assert answer.status_code == 200
    person = queries.subscriber_by_address("ann@readers.example")
    assert person.standing(digest.id) is SubscriptionState.PENDING


def test_the_button_starts_the_mails_and_says_when_the_next_one_comes():
    digest = a_recipe_for(a_newsletter(), now=utc_now())
    path = asked_for("ann@readers.example", digest)

    assert title_of(Visitor().opens(path)) == "Start Morning digest?"
    answer = Visitor().posts(path)

    assert title_of(answer) == "Morning digest: started"
    assert "The next one comes " in said(answer)
    assert " at 06:00." in said(answer)
    person = queries.subscriber_by_address("ann@readers.example")
    assert person.standing(digest.id) is SubscriptionState.ACTIVE


def test_the_evidence_holds_the_words_of_both_pages_and_where_they_were_pressed():
    digest = a_newsletter()
    signs_up(Visitor("198.51.100.20"), "eve@readers.example", digest)
    path = path_of(the_letter_to("eve@readers.example").data["url"])

    Visitor("198.51.100.21").posts(path)

    person = queries.subscriber_by_address("eve@readers.example")
    asked, confirmed = queries.records_of(person.id)
    assert asked.wording.endswith("[Sign up]")
    assert confirmed.wording.startswith("Start Morning digest?")
    data = operations.export(
        subscriber_id=person.id, evidence=Evidence(), now=utc_now()
    )
    assert [c["ip"] for c in data["consent"]] == ["198.51.100.20", "198.51.100.21"]


def test_a_second_press_of_the_button_is_answered_as_kindly():
    digest = a_newsletter()
    path = asked_for("ann@readers.example", digest)
    Visitor().posts(path)

    again, looked = Visitor().posts(path), Visitor().opens(path)

    assert title_of(again) == "Morning digest: started"
    assert title_of(looked) == "This button has been pressed"


def test_a_button_that_is_a_week_old_offers_a_new_link_in_place():
    digest = a_newsletter()
    operations.sign_up(
        address="late@readers.example",
        newsletter_ids=[digest.id],
        evidence=Evidence(),
        now=utc_now() - timedelta(days=8),
    )
    path = path_of(the_letter_to("late@readers.example").data["url"])

    looked, pressed = Visitor().opens(path), Visitor().posts(path)

    assert (looked.status_code, pressed.status_code) == (410, 410)
    assert "Enter your address for a new one." in said(looked)
    assert 'action="/p/link"' in body(looked)


def test_a_changed_token_of_a_button_is_404():
    path = asked_for("ann@readers.example", a_newsletter())

    assert Visitor().posts(flipped(path)).status_code == 404


def test_the_button_s_page_is_private():
    answer = Visitor().opens(asked_for("ann@readers.example", a_newsletter()))

    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert 'content="noindex, nofollow"' in body(answer)
