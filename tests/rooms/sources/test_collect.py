"""Collecting: what comes in, what is known, what is withdrawn."""

from datetime import timedelta

import pytest

from mailer.sources import operations as sources
from mailer.sources import queries
from mailer.sources.story import Kind
from mailer.sources.web import Answer
from tests.kit.sources import (
    FEED_URL,
    NOW,
    a_source,
    an_item,
    collect,
    collect_answer,
    pickable,
    the_story,
)

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
OTHER_URL = "https://www.causeway.example/sport.xml"
FOREIGN_URL = "https://clippings.example/all.xml"


# Identity


def test_a_feed_collected_twice_changes_nothing():
    source_id = a_source()

    first = collect(source_id, an_item(1), an_item(2))
    second = collect(source_id, an_item(1), an_item(2), more="<ttl>5</ttl>")

    assert (first.new, first.unchanged) == (2, 0)
    assert (second.new, second.revised, second.unchanged) == (0, 0, 2)
    assert len(queries.recent(limit=10)) == 2


def test_the_very_same_document_is_not_even_read_again():
    source_id = a_source()
    collect(source_id, an_item(1))

    assert collect(source_id, an_item(1)).reason == "not modified"


def test_an_edited_story_is_a_new_revision_of_the_same_story():
    source_id = a_source()
    collect(source_id, an_item(1))

    done = collect(source_id, an_item(1, title="Story 1, corrected"), now=NOW + MINUTE)

    story = the_story()
    assert (done.new, done.revised) == (0, 1)
    assert (story.title, story.revision) == ("Story 1, corrected", 2)
    assert [s.title for s in queries.revisions(story.id)] == [
        "Story 1, corrected",
        "Story 1",
    ]


def test_a_changed_guid_makes_no_second_story():
    source_id = a_source()
    collect(source_id, an_item(1))

    collect(source_id, an_item(1, guid="made-new"))

    assert the_story().revision == 1


def test_a_changed_address_makes_no_second_story():
    source_id = a_source()
    collect(source_id, an_item(1))

    collect(source_id, an_item(1, link="https://causeway.example/news/one-better"))

    assert the_story().url == "https://causeway.example/news/one-better"


def test_a_guid_and_then_an_address_changed_still_make_no_second_story():
    source_id = a_source()
    collect(source_id, an_item(1))
    collect(source_id, an_item(1, guid="made-new"))

    collect(source_id, an_item(1, guid="made-new", link="https://causeway.example/b"))

    assert the_story().url == "https://causeway.example/b"


def test_tracking_parameters_make_no_second_story():
    source_id = a_source()
    collect(source_id, an_item(1, guid=""))

    link = "http://www.causeway.example/news/1/?utm_source=rss#top"
    done = collect(source_id, an_item(1, guid="", link=link))

    assert done.new == 0


def test_a_guid_that_is_used_again_for_another_story_makes_a_second_one():
    source_id = a_source()
    collect(source_id, an_item(1, guid="latest"))
    tomorrow = "Tue, 03 Mar 2026 06:00:00 +0000"

    second = an_item(2, guid="latest", pubDate=tomorrow)
    collect(source_id, second, now=NOW + timedelta(days=1))
    third = collect(source_id, second, more="<ttl>5</ttl>")

    titles = [story.title for story in queries.recent(limit=10)]
    assert titles == ["Story 2", "Story 1"]
    assert (third.new, third.revised, third.unchanged) == (0, 0, 1)


def test_a_page_that_shows_a_new_puzzle_each_day_makes_a_story_each_day():
    source_id = a_source(kind=Kind.PUZZLE)
    page = "https://causeway.example/crossword"
    collect(source_id, an_item(1, link=page))

    tomorrow = "Tue, 03 Mar 2026 06:00:00 +0000"
    done = collect(source_id, an_item(2, link=page, pubDate=tomorrow))

    assert done.new == 1


def test_one_guid_on_every_item_tells_them_apart_by_their_links():
    source_id = a_source()
    items = [an_item(number, guid="same") for number in (1, 2, 3)]

    first = collect(source_id, *items)
    second = collect(source_id, *reversed(items))

    assert (first.new, first.refused) == (3, 0)
    assert (second.new, second.revised) == (0, 0)
    assert first.problems[0] == (
        "item 1 (“Story 1”): its guid is on other items too; its link tells it apart"
    )


# Several feeds


def test_a_story_through_two_feeds_is_one_story_of_the_first():
    front, sport = a_source(), a_source(OTHER_URL, name="Sport")
    collect(front, an_item(1))

    done = collect(sport, an_item(1), url=OTHER_URL)

    assert (done.new, done.unchanged) == (0, 1)
    assert the_story().source_id == front
    assert pickable(sport) == pickable(front) == ["Story 1"]


def test_a_feed_of_the_same_host_fills_in_the_section_and_no_more():
    front, sport = a_source(), a_source(OTHER_URL, section="Sport")
    collect(front, an_item(1))

    collect(sport, an_item(1, title="A worse title"), url=OTHER_URL)
    collect(front, an_item(1, description="Edited."), now=NOW + MINUTE)

    story = the_story()
    assert (story.section, story.title) == ("Sport", "Story 1")
    assert story.standfirst == "Edited."


def test_two_feeds_that_word_a_story_differently_do_not_revise_it_for_ever():
    front, sport = a_source(), a_source(OTHER_URL)
    for minute in range(3):
        now = NOW + minute * MINUTE
        more = f"<ttl>{minute}</ttl>"
        collect(front, an_item(1), now=now, more=more)
        other = an_item(1, title="Another wording")
        collect(sport, other, url=OTHER_URL, now=now, more=more)

    assert (the_story().revision, the_story().title) == (1, "Story 1")


def test_a_feed_from_elsewhere_cannot_change_or_withdraw_a_paper_s_story():
    paper, clippings = a_source(), a_source(FOREIGN_URL, name="Clippings")
    collect(paper, an_item(1))
    hostile = an_item(1, guid="x", title="Lies", category="withdrawn")

    collect(clippings, an_item(1, guid="x", title="Lies"), url=FOREIGN_URL)
    collect(clippings, hostile, url=FOREIGN_URL)

    story = the_story()
    assert (story.title, story.withdrawn_at) == ("Story 1", None)


def test_the_paper_takes_over_a_story_that_came_through_another_feed_first():
    paper, clippings = a_source(), a_source(FOREIGN_URL, name="Clippings")
    collect(clippings, an_item(1, guid="x", title="A clipping"), url=FOREIGN_URL)

    collect(paper, an_item(1))

    story = the_story()
    assert (story.title, story.source_id, story.revision) == ("Story 1", paper, 2)


# The first poll


def test_what_was_there_at_the_first_poll_is_seen_and_nobody_picks_it():
    source_id = a_source(take_existing=False)

    collect(source_id, an_item(1))
    collect(source_id, an_item(1), an_item(2))

    assert [story.seen for story in queries.recent(limit=10)] == [False, True]
    assert pickable(source_id) == ["Story 2"]


def test_a_first_poll_that_fails_is_no_first_poll():
    source_id = a_source(take_existing=False)
    collect_answer(source_id, Answer(status=500, url=FEED_URL))

    collect(source_id, an_item(1))

    assert pickable(source_id) == []


def test_a_story_seen_at_one_feed_s_first_poll_is_new_when_another_brings_it():
    old, young = a_source(), a_source(OTHER_URL, take_existing=False)
    collect(old, an_item(9))
    collect(young, an_item(1), url=OTHER_URL)

    collect(old, an_item(1), an_item(9))

    assert sorted(pickable(old)) == ["Story 1", "Story 9"]


# Withdrawals and dates


@pytest.mark.parametrize(
    ("item", "more"),
    [
        (an_item(2), '<at:deleted-entry ref="story-1" when="2026-03-02T06:00:00Z"/>'),
        (an_item(1, category="Withdrawn"), ""),
        (an_item(2), '<at:deleted-entry ref="https://causeway.example/news/1"/>'),
    ],
    ids=["by guid", "on the item", "by address"],
)
def test_a_story_its_source_withdraws_is_marked_and_nobody_picks_it(item, more):
    source_id = a_source()
    collect(source_id, an_item(1))
    (story_id,) = (story.id for story in queries.recent(limit=10))

    done = collect(source_id, item, more=more, now=NOW + MINUTE)

    assert done.withdrawn == 1
    assert queries.withdrawn([story_id]) == {story_id}
    assert queries.story(story_id).withdrawn_at == NOW + MINUTE
    assert "Story 1" not in pickable(source_id)


def test_a_withdrawn_story_that_comes_again_stays_withdrawn_and_says_so():
    source_id = a_source()
    collect(source_id, an_item(1))
    assert sources.withdraw(story_id=the_story().id, by="the night desk", now=NOW)

    done = collect(source_id, an_item(1), more="<ttl>5</ttl>")

    assert done.problems == (
        "item 1 (“Story 1”): was withdrawn; it stays so until a person says else",
    )
    assert pickable(source_id) == []


def test_a_story_withdrawn_before_it_came_never_comes_in():
    front, slow = a_source(), a_source(OTHER_URL)
    gone = '<at:deleted-entry ref="story-1" when="2026-03-02T06:00:00Z"/>'
    collect(front, an_item(2), more=gone)

    done = collect(slow, an_item(1), url=OTHER_URL)

    assert done.new == 0
    assert "was withdrawn at its source before it came" in done.problems[0]


def test_a_person_can_reinstate_a_story():
    source_id = a_source()
    collect(source_id, an_item(1))
    sources.withdraw(story_id=the_story().id, now=NOW)

    assert sources.reinstate(story_id=the_story().id)

    assert pickable(source_id) == ["Story 1"]


def test_a_story_dated_ahead_waits_for_its_time():
    source_id = a_source()
    done = collect(source_id, an_item(1, pubDate="Mon, 02 Mar 2026 07:00:00 +0000"))

    assert done.problems == (
        "item 1 (“Story 1”): is dated ahead; it waits until 2026-03-02 07:00 UTC",
    )
    assert pickable(source_id) == []
    assert pickable(source_id, now=NOW + timedelta(hours=1)) == ["Story 1"]


def test_an_embargo_can_move_but_a_date_that_has_come_stays():
    source_id = a_source()
    collect(source_id, an_item(1, pubDate="2026-03-02T08:00:00Z"))
    collect(source_id, an_item(1, pubDate="2026-03-02T05:00:00Z"))

    collect(source_id, an_item(1, pubDate="2026-03-02T05:59:00Z"), now=NOW + MINUTE)

    story = the_story()
    assert (story.published_at, story.revision) == (NOW - timedelta(hours=1), 1)


def test_a_story_without_a_date_counts_from_its_arrival():
    source_id = a_source()
    collect(source_id, an_item(1, pubDate=""))

    found = queries.candidates(
        source_ids=[source_id], published_after=NOW - MINUTE, now=NOW
    )

    assert [(story.title, story.published_at) for story in found] == [("Story 1", None)]


def test_no_sources_chosen_means_no_stories():
    collect(a_source(), an_item(1))

    assert pickable() == []
