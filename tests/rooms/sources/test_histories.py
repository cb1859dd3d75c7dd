"""Laws over generated feed histories, on the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.sources import operations as sources
from mailer.sources import queries
from mailer.sources.models import Revision, Sighting, StoryKey, StoryRow
from tests.kit.sources import NOW, ScriptedWeb, a_feed, a_source, an_item

pytestmark = pytest.mark.django_db

URLS = (
    "https://causeway.example/a.xml",
    "https://causeway.example/b.xml",
    "https://clippings.example/c.xml",
)
items = st.builds(
    an_item,
    number=st.integers(1, 4),
    title=st.sampled_from(["One", "Two", "Three"]),
    guid=st.sampled_from(["", "1", "2", "3"]),
    link=st.sampled_from([f"https://causeway.example/{n}" for n in "abcd"]),
    pubDate=st.sampled_from(["", "2026-03-02T05:00:00Z", "2026-03-03T05:00:00Z"]),
    category=st.sampled_from(["", "Sport", "Withdrawn"]),
)
GONE = '<at:deleted-entry ref="1"/>'
polls = st.tuples(
    st.sampled_from(URLS),
    st.lists(items, max_size=5),
    st.sampled_from(["", "", GONE]),
    st.integers(-60, 600),  # minutes since the start: clocks step back as well
)


@contextmanager
def rolled_back() -> Iterator[None]:
    """Leave no rows for the next example."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@settings(max_examples=25, deadline=None)
@given(history=st.lists(polls, min_size=1, max_size=6))
def test_law_whatever_came_before_a_document_collected_again_changes_nothing(history):
    with rolled_back():
        for url, document, more, minutes in history:
            source_id = a_source(url)
            now = NOW + timedelta(minutes=minutes)
            for copy in range(2):
                body = a_feed(*document, more=f"{more}<ttl>{copy}</ttl>")
                done = sources.collect(
                    source_id=source_id, now=now, web=ScriptedWeb({url: body})
                )
            assert (done.ok, done.new, done.revised, done.withdrawn) == (True, 0, 0, 0)
        check_the_tables()


def check_the_tables() -> None:
    rows = StoryRow.objects.all()
    numbers = {
        row.pk: list(
            Revision.objects.filter(story=row).values_list("number", flat=True)
        )
        for row in rows
    }
    named = set(StoryKey.objects.exclude(story=None).values_list("story_id", flat=True))
    seen = set(Sighting.objects.values_list("story_id", flat=True))
    ids = {row.pk for row in rows}

    assert all(
        sorted(numbers[row.pk]) == list(range(1, row.current + 1)) for row in rows
    )
    assert named == seen == ids
    assert set(queries.stories(ids)) == ids


@settings(max_examples=25, deadline=None)
@given(history=st.lists(polls, min_size=2, max_size=6))
def test_law_a_withdrawn_story_never_comes_back_by_itself(history):
    with rolled_back():
        gone: set[int] = set()
        for url, document, more, minutes in history:
            sources.collect(
                source_id=a_source(url),
                now=NOW + timedelta(minutes=minutes),
                web=ScriptedWeb({url: a_feed(*document, more=more)}),
            )
            ids = {story.id for story in queries.recent(limit=100)}
            assert gone <= queries.withdrawn(ids)
            gone = queries.withdrawn(ids)
            pickable = queries.candidates(
                source_ids=[view.id for view in queries.sources()],
                published_after=None,
                now=NOW + timedelta(days=9),
            )
            assert gone.isdisjoint(story.id for story in pickable)
