"""Asking sources: what fails and why, where feeds move to, whose turn it is."""

from datetime import timedelta

import pytest

from mailer.sources import operations as sources
from mailer.sources import queries
from mailer.sources.web import Answer, Forbidden, Unreachable
from tests.kit.sources import (
    FEED_URL,
    NOW,
    ScriptedWeb,
    a_feed,
    a_source,
    an_item,
    collect,
    collect_answer,
    the_story,
)

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
OTHER_URL = "https://www.causeway.example/sport.xml"
FOREIGN_URL = "https://clippings.example/all.xml"


# Bad feeds


def test_good_items_come_in_beside_bad_ones_and_the_reasons_are_kept():
    source_id = a_source()

    done = collect(source_id, an_item(1), an_item(2, link="javascript:x", guid=""))

    view = queries.source(source_id)
    assert (done.new, done.refused) == (1, 1)
    assert view.problems == (
        "item 2 (“Story 2”): its link does not start with http:// or https://",
    )
    assert (view.stories, view.failures, view.last_ok_at) == (1, 0, NOW)
    assert queries.polls(source_id)[0].refused == 1


@pytest.mark.parametrize("bad", ["\\u0000", "\\ud800", "\\u001b[31m", "\\uffff"])
def test_what_no_table_takes_is_taken_out_wherever_it_stands(bad):
    source_id = a_source()
    body = """{"version": "1BAD", "title": "BAD", "language": "enBAD",
      "home_page_url": "BAD", "_withdrawn": ["BAD9", "https://causeway.example/BAD"],
      "items": [{"id": "BAD1", "url": "https://causeway.example/1BAD", "title": "BADx",
        "summary": "BAD", "content_html": "<p lang=BAD>BAD</p>", "tags": ["BADa"],
        "authors": [{"name": "BADAnn"}], "date_published": "BADtoday", "image": "BAD",
        "_event": {"venue": "BADb", "starts_at": "BAD"},
        "_stop_press": {"credit": "BADc", "section": "BADd", "image": {"alt": "BAD"},
          "related": [{"title": "BADe", "url": "https://causeway.example/2BAD"}]}},
        {"title": "BADBAD"}]}""".replace("BAD", bad)

    done = collect_answer(source_id, body.encode())

    assert (done.ok, done.new, done.refused) == (True, 1, 1)
    assert the_story().url == "https://causeway.example/1" + bad[6:]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Unreachable("took longer than 20 s"), "took longer than 20 s"),
        (Forbidden("leads into a private network"), "leads into a private network"),
        (Answer(status=404, url=FEED_URL), "answered 404 Not Found"),
        (Answer(status=599, url=FEED_URL), "answered 599"),
        (b"<html><body>Sorry</body></html>", "it is a web page that links to no feed"),
        (b"", "it is empty"),
        (b'{"items": 3}', "it is JSON, but no JSON Feed: it has no list of items"),
        (
            a_feed("<item><title>x</title></item>"),
            "none of its 1 items can be used; item 1 (“x”): has no link",
        ),
    ],
)
def test_a_source_that_fails_says_why_and_since_when(answer, reason):
    source_id = a_source()

    done = collect_answer(source_id, answer)
    collect_answer(source_id, answer, now=NOW + MINUTE)

    view = queries.source(source_id)
    assert (done.ok, done.reason, view.reason) == (False, reason, reason)
    assert (view.failing_since, view.failures, view.last_ok_at) == (NOW, 2, None)
    assert [poll.reason for poll in queries.polls(source_id)] == [reason, reason]


def test_a_failing_source_is_asked_more_and_more_rarely_until_it_recovers():
    source_id = a_source()
    waits = []
    for _ in range(10):
        collect_answer(source_id, Answer(status=500, url=FEED_URL))
        waits.append(queries.source(source_id).next_poll_at - NOW)

    collect(source_id, an_item(1))

    view = queries.source(source_id)
    assert waits == sorted(waits)
    assert timedelta(minutes=10) <= waits[0] <= timedelta(minutes=11)
    assert waits[-1] <= timedelta(hours=6.6)
    assert (view.failures, view.reason, view.failing_since) == (0, "", None)
    assert view.next_poll_at == NOW + timedelta(minutes=5)


def test_a_source_that_is_gone_is_not_asked_again():
    source_id = a_source()

    collect_answer(source_id, Answer(status=410, url=FEED_URL))

    view = queries.source(source_id)
    assert view.reason == "answered 410 Gone: the source has ended"
    assert view.ended_at == NOW
    assert queries.due(NOW + timedelta(days=30)) == []


def test_retry_after_is_for_every_source_of_the_host():
    first, second = a_source(), a_source(OTHER_URL)
    elsewhere = a_source(FOREIGN_URL)

    busy = Answer(status=429, url=FEED_URL, retry_after="3600")
    collect_answer(first, busy)

    assert queries.due(NOW + timedelta(minutes=59)) == [elsewhere]
    assert queries.source(second).next_poll_at == NOW + timedelta(hours=1)


# Addresses


def test_a_feed_that_moved_for_good_is_asked_at_its_new_address():
    source_id = a_source()
    new = "https://causeway.example/new.xml"
    body = a_feed(an_item(1))

    answer = Answer(status=200, url=new, moved_to=new, body=body, etag='"1"')
    collect_answer(source_id, answer)

    web = ScriptedWeb({new: Answer(status=200, url=new, body=body, etag='"1"')})
    done = sources.collect(source_id=source_id, now=NOW, web=web)
    assert queries.source(source_id).url == new
    assert (web.asked, done.reason) == ([new], "not modified")


def test_a_feed_that_moved_to_where_another_source_is_keeps_its_address():
    source_id, other = a_source(), a_source(OTHER_URL)

    moved = Answer(
        status=200, url=OTHER_URL, moved_to=OTHER_URL, body=a_feed(an_item(1))
    )
    done = collect_answer(source_id, moved)

    assert done.new == 1
    assert queries.source(source_id).url == FEED_URL
    assert queries.source(source_id).problems == (
        "it moved to where another source is",
    )
    assert queries.source(other).url == OTHER_URL


def test_a_page_is_followed_to_its_feed_which_is_asked_from_then_on():
    source_id = a_source("https://causeway.example/")
    link = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    page = f"<!doctype html><html><head>{link}</head></html>".encode()
    pages = {"https://causeway.example/": page, FEED_URL: a_feed(an_item(1))}

    done = sources.collect(source_id=source_id, now=NOW, web=ScriptedWeb(pages))

    assert done.new == 1
    assert queries.source(source_id).url == FEED_URL


def test_a_page_whose_feed_fails_says_so():
    source_id = a_source("https://causeway.example/")
    link = (
        b'<html><link rel=alternate type="application/atom+xml" href="/a.xml"></html>'
    )
    pages = {
        "https://causeway.example/": link,
        "https://causeway.example/a.xml": Answer(status=404, url="x"),
    }

    done = sources.collect(source_id=source_id, now=NOW, web=ScriptedWeb(pages))

    assert done.reason == "answered 404 Not Found"
    assert queries.source(source_id).url == "https://causeway.example/"


# Whose turn it is


def test_one_source_of_a_host_is_due_at_a_time():
    first, second = a_source(), a_source(OTHER_URL)
    third = a_source(FOREIGN_URL)

    assert queries.due(NOW) == [first, third]
    collect(first, an_item(1))
    assert queries.due(NOW + timedelta(seconds=4)) == [third]
    assert queries.due(NOW + timedelta(seconds=5)) == [second, third]


def test_hosts_of_our_own_are_asked_as_often_as_their_sources_say(settings):
    settings.FETCH_PRIVATE_HOSTS = ("127.0.0.1:8900",)
    ids = [a_source(f"http://127.0.0.1:8900/{n}.xml") for n in range(3)]

    assert queries.due(NOW) == ids


def test_a_doubled_bell_asks_once():
    source_id = a_source()
    web = ScriptedWeb({FEED_URL: a_feed(an_item(1))})

    first = sources.collect(source_id=source_id, now=NOW, web=web, when_due=True)
    second = sources.collect(source_id=source_id, now=NOW, web=web, when_due=True)

    assert (first.asked, second.asked) == (True, False)
    assert web.asked == [FEED_URL]


def test_a_bell_for_a_source_that_is_no_more_is_a_quiet_one():
    assert not sources.collect(source_id=999, now=NOW, web=ScriptedWeb()).asked


def test_an_older_copy_never_overwrites_a_newer_one():
    """A second collector asks later and answers first."""
    source_id = a_source()
    collect(source_id, an_item(1))
    newer = ScriptedWeb({FEED_URL: a_feed(an_item(1, title="Newer"))})
    older = ScriptedWeb({FEED_URL: a_feed(an_item(1, title="Older"))})
    older.before_answer = lambda _url: sources.collect(
        source_id=source_id, now=NOW, web=newer
    )

    late = sources.collect(source_id=source_id, now=NOW, web=older)

    assert (late.asked, late.reason) == (False, "a later poll was quicker")
    assert the_story().title == "Newer"


# Adding


def test_adding_a_source_again_changes_nothing():
    assert a_source() == a_source(name="Another name")
    assert [view.name for view in queries.sources()] == ["The Causeway"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"url": "causeway.example/feed"}, "the address does not start with"),
        ({"url": "https://u:p@causeway.example/"}, "carries a user name or password"),
        ({"time_zone": "Africa/Nowhere"}, "“Africa/Nowhere” is no time zone"),
        ({"time_zone": "../etc/passwd"}, "is no time zone"),
        ({"every_seconds": 1}, "every 5 to 86400 seconds, not 1"),
    ],
)
def test_settings_that_make_no_source_are_refused_with_the_reason(said, why):
    with pytest.raises(sources.BadSource, match=why):
        a_source(**({"url": FEED_URL} | said))


def test_stories_are_found_by_their_words():
    collect(a_source(), an_item(1, title="Ferry fares rise"), an_item(2))

    found = queries.recent(limit=10, search="fares FERRY")

    assert [story.title for story in found] == ["Ferry fares rise"]
