"""Magic links and letters."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mailer.audience import operations as audience
from mailer.audience import queries
from mailer.audience.letter import LetterKind
from mailer.kernel.tokens import unseal
from tests.kit.audience import a_subscriber

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def a_link_for(address, settings):
    audience.ask_link(address=address, now=NOW)
    audience.answer_requests(now=NOW)
    letter = queries.letters_waiting()[-1]
    token = letter.data["url"].rpartition("/")[2]
    (link_id,) = unseal("link", token, settings.TOKEN_KEYS)
    return link_id


def test_a_link_opens_my_mails_once(settings):
    ann = a_subscriber("ann@a.example")
    link = a_link_for("Ann@A.example", settings)

    first = audience.use_link(link_id=link, now=NOW + timedelta(minutes=14))
    second = audience.use_link(link_id=link, now=NOW + timedelta(minutes=14))

    assert (first, second) == (ann.id, None)


def test_a_link_works_for_fifteen_minutes(settings):
    a_subscriber("ann@a.example")
    link = a_link_for("ann@a.example", settings)
    late = NOW + timedelta(minutes=15, seconds=1)

    assert queries.link_works(link_id=link, now=NOW)
    assert not queries.link_works(link_id=link, now=late)
    assert audience.use_link(link_id=link, now=late) is None


def test_nobody_is_written_to_who_has_no_mails_here():
    audience.ask_link(address="nobody@a.example", now=NOW)

    assert audience.answer_requests(now=NOW) == 1
    assert queries.letters_waiting() == []


def test_asking_for_a_link_is_the_same_work_for_every_address():
    a_subscriber("known@a.example")
    work = []

    for who in ("known", "nobody"):
        with CaptureQueriesContext(connection) as seen:
            audience.ask_link(address=f"{who}@a.example", now=NOW)
        said = [q["sql"].replace(who, "…") for q in seen.captured_queries]
        work.append([sql for sql in said if "SAVEPOINT" not in sql])

    assert work[0]
    assert work[0] == work[1]


def test_a_request_is_answered_once():
    a_subscriber("ann@a.example")
    audience.ask_link(address="ann@a.example", now=NOW)

    assert [audience.answer_requests(now=NOW) for _ in range(2)] == [1, 0]


def test_a_letter_is_taken_once():
    ann = a_subscriber()
    letter = audience.ask_letter(
        kind=LetterKind.TEST, subscriber_id=ann.id, data={"edition_id": 7}, now=NOW
    )
    waiting = [one.id for one in queries.letters_waiting()]

    taken = [audience.letter_taken(letter_id=letter, now=NOW) for _ in range(2)]

    assert waiting == [letter]
    assert taken == [True, False]
    assert queries.letters_waiting() == []
