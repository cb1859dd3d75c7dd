"""RFC 8058, rule by rule (U5 to U11), and the page for people."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mailer.audience import limits, operations, queries
from mailer.audience.consent import Evidence, How, SubscriptionState
from mailer.kernel.clock import utc_now
from tests.kit.audience import a_newsletter, a_reader_of, fresh_keys  # noqa: F401
from tests.kit.public import Visitor, body, flipped, leave_path, said, title_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_keys")]

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
ACTIVE, LEFT = SubscriptionState.ACTIVE, SubscriptionState.LEFT


def standing(person, newsletter):
    return queries.subscriber(person.id).standing(newsletter.id)


def a_reader():
    digest, other = a_newsletter(), a_newsletter(name="Business")
    return a_reader_of(digest, other), digest, other


def test_u5_u8_a_post_with_the_body_alone_leaves_that_list_and_no_other():
    person, digest, other = a_reader()

    answer = Visitor().posts(leave_path(person, digest), ONE_CLICK)

    assert answer.status_code == 200
    assert standing(person, digest) is LEFT
    assert standing(person, other) is ACTIVE


@pytest.mark.parametrize(
    ("content_type", "data"),
    [
        ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"),
        (
            "multipart/form-data; boundary=---FormBoundaryjWmhtjORrn",
            (
                "-----FormBoundaryjWmhtjORrn\r\n"
                'Content-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'
                "One-Click\r\n-----FormBoundaryjWmhtjORrn--\r\n"
            ),
        ),
        ("text/plain", "List-Unsubscribe=One-Click"),
        ("", "List-Unsubscribe=One-Click"),
    ],
)
def test_u9_both_encodings_of_the_form_leave_and_so_does_a_bare_body(
    content_type, data
):
    person, digest, _ = a_reader()

    answer = Visitor().posts(
        leave_path(person, digest), data, content_type=content_type
    )

    assert answer.status_code == 200
    assert standing(person, digest) is LEFT


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_u10_looking_never_acts(method):
    person, digest, _ = a_reader()

    answer = Visitor().asks(method, leave_path(person, digest))

    assert answer.status_code == 200
    assert standing(person, digest) is ACTIVE


def test_u10_a_scanner_that_opens_every_link_of_the_page_does_not_act_either():
    person, digest, _ = a_reader()
    page = body(Visitor().opens(leave_path(person, digest)))

    links = [part.split('"')[0] for part in page.split('href="')[1:]]
    answers = [Visitor().opens(link) for link in links if link.startswith("/")]

    assert answers
    assert standing(person, digest) is ACTIVE


def test_u10_a_post_that_says_neither_thing_shows_the_page_and_does_not_act():
    person, digest, _ = a_reader()

    answer = Visitor().posts(leave_path(person, digest), {"utm": "1"})

    assert title_of(answer) == "Stop Morning digest?"
    assert standing(person, digest) is ACTIVE


def test_u7_no_answer_to_a_post_is_a_redirect_and_none_sets_a_cookie():
    person, digest, _ = a_reader()
    path = leave_path(person, digest)
    visitor = Visitor()

    answers = [
        visitor.posts(path, data)
        for data in (
            ONE_CLICK,
            {"confirm": 1},
            {"undo": 1},
            {"pause": 1},
            {},
            ONE_CLICK,
        )
    ]

    assert {a.status_code for a in answers} == {200}
    assert not any(a.cookies for a in answers)


def test_u7_an_address_with_a_slash_after_it_is_not_redirected():
    person, digest, _ = a_reader()

    answer = Visitor().posts(leave_path(person, digest) + "/", ONE_CLICK)

    assert answer.status_code == 404


def test_u11_the_second_press_is_answered_as_kindly_and_writes_nothing():
    person, digest, _ = a_reader()
    path, visitor = leave_path(person, digest), Visitor()
    first = visitor.posts(path, ONE_CLICK)
    records = len(queries.records_of(person.id))

    second = visitor.posts(path, ONE_CLICK)

    assert (second.status_code, second.content) == (200, first.content)
    assert len(queries.records_of(person.id)) == records


def test_u6_a_token_with_one_character_changed_is_404_and_changes_nothing():
    person, digest, _ = a_reader()

    answer = Visitor().posts(flipped(leave_path(person, digest)), ONE_CLICK)

    assert answer.status_code == 404
    assert title_of(answer) == "This link has stopped working"
    assert standing(person, digest) is ACTIVE


def test_u11_who_was_erased_is_answered_like_everybody():
    person, digest, _ = a_reader()
    path = leave_path(person, digest)
    known = Visitor().posts(path, ONE_CLICK)
    operations.erase(subscriber_id=person.id, evidence=Evidence(), now=utc_now())

    gone = Visitor().posts(path, ONE_CLICK)

    assert (gone.status_code, gone.content) == (known.status_code, known.content)


def test_a_token_of_an_old_key_still_leaves(settings):
    person, digest, _ = a_reader()
    path = leave_path(person, digest)
    old = settings.TOKEN_KEYS
    settings.TOKEN_KEYS = type(old)(((9, b"n" * 32), *old.by_id))

    Visitor().posts(path, ONE_CLICK)

    assert standing(person, digest) is LEFT


def test_one_click_from_one_address_is_never_too_often():
    """Mail providers press for millions, from few addresses."""
    person, digest, _ = a_reader()
    path, gmail = leave_path(person, digest), Visitor("209.85.220.41")

    answers = [gmail.posts(path, ONE_CLICK).status_code for _ in range(80)]

    assert set(answers) == {200}


def test_leaving_asks_little_of_the_database():
    person, digest, _ = a_reader()

    with CaptureQueriesContext(
        connection,
    ) as asked:
        Visitor().posts(leave_path(person, digest), ONE_CLICK)

    assert len(asked) <= 8  # the newsletter, the change, its record and its words


def test_leaving_works_while_redis_is_away(settings, monkeypatch):
    person, digest, _ = a_reader()
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    monkeypatch.setattr(limits, "_left_alone", threading.local())

    answer = Visitor().posts(leave_path(person, digest), ONE_CLICK)

    assert answer.status_code == 200
    assert standing(person, digest) is LEFT


def test_the_evidence_says_how_from_where_and_by_which_words():
    person, digest, _ = a_reader()

    Visitor("198.51.100.77").posts(leave_path(person, digest), ONE_CLICK)

    record = queries.records_of(person.id)[-1]
    assert (record.form, record.detail, record.wording) == (
        "one_click",
        How.ONE_CLICK,
        "List-Unsubscribe=One-Click",
    )
    assert "198.51.100.77" in str(
        operations.export(subscriber_id=person.id, evidence=Evidence(), now=utc_now())
    )


def test_the_page_for_people_stops_without_asking_why_and_can_be_undone():
    person, digest, _ = a_reader()
    path, visitor = leave_path(person, digest), Visitor()

    stopped = visitor.posts(path, {"confirm": "1"})
    assert title_of(stopped) == "Morning digest: stopped"
    assert "Stopped now. One already on its way may still arrive." in said(stopped)
    assert standing(person, digest) is LEFT

    back = visitor.posts(path, {"undo": "1"})
    assert title_of(back) == "Morning digest: as before"
    assert standing(person, digest) is ACTIVE


def test_the_page_shows_no_address_not_even_part_of_one():
    digest = a_newsletter()
    person = a_reader_of(digest, address="zoe@readers.example")

    page = body(Visitor().opens(leave_path(person, digest)))

    assert "readers.example" not in page
    assert "zoe" not in page


def test_less_of_it_is_offered_and_a_pause_can_be_undone():
    person, digest, _ = a_reader()
    path, visitor = leave_path(person, digest), Visitor()

    paused = visitor.posts(path, {"pause": "1"})
    assert "then it starts again." in said(paused)
    assert standing(person, digest) is SubscriptionState.PAUSED

    visitor.posts(path, {"resume": "1"})
    assert standing(person, digest) is ACTIVE


def test_who_is_not_on_it_is_told_that_nothing_was_changed():
    digest = a_newsletter()
    person = a_reader_of()

    answer = Visitor().posts(leave_path(person, digest), {"confirm": "1"})

    assert title_of(answer) == "You are not on Morning digest"
    assert "Nothing was changed." in said(answer)


def test_an_undo_long_after_leaving_signs_nobody_up():
    """The mail may be in other hands by then."""
    person, digest, _ = a_reader()
    operations.unsubscribe(
        subscriber_id=person.id,
        newsletter_id=digest.id,
        how=How.PAGE,
        evidence=Evidence(),
        now=utc_now() - timedelta(hours=2),
    )

    answer = Visitor().posts(leave_path(person, digest), {"undo": "1"})

    assert title_of(answer) == "You are not on Morning digest"
    assert "Undo" not in said(answer)
    assert standing(person, digest) is LEFT


def test_where_the_browser_is_another_person_s_nobody_is_changed():
    person, digest, _ = a_reader()
    other = a_reader_of(digest)
    visitor = Visitor().comes_in_as(other, utc_now())
    path = leave_path(person, digest)

    answer = visitor.posts(path, {"confirm": "1"})

    assert title_of(answer) == "This link is another address's"
    assert "Nothing was changed." in said(answer)
    assert standing(person, digest) is ACTIVE
    assert standing(other, digest) is ACTIVE

    used = visitor.posts(path, {"use": "1"})
    assert title_of(used) == "Stop Morning digest?"
    visitor.posts(path, {"confirm": "1"})
    assert standing(person, digest) is LEFT


def test_a_mail_program_leaves_whoever_the_browser_is_open_for():
    person, digest, _ = a_reader()
    visitor = Visitor().comes_in_as(a_reader_of(digest), utc_now())

    visitor.posts(leave_path(person, digest), ONE_CLICK)

    assert standing(person, digest) is LEFT


@pytest.mark.parametrize("method", ["opens", "posts"])
def test_the_page_is_kept_by_no_cache_no_index_and_no_other_site(method):
    person, digest, _ = a_reader()

    answer = getattr(Visitor(), method)(leave_path(person, digest))

    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(method):
    person, digest, _ = a_reader()

    assert Visitor().asks(method, leave_path(person, digest)).status_code == 405
    assert standing(person, digest) is ACTIVE
