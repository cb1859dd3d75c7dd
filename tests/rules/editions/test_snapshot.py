"""A story in an edition is a copy, and comes back whole."""

import json
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from mailer.editions.snapshot import same_to_readers, story_from_json, story_to_json
from mailer.sources.story import Image, Kind, Related
from tests.kit.editions import NOW, a_story

moments = st.none() | st.integers(0, 99).map(lambda h: NOW + timedelta(hours=h))
stories = st.builds(
    a_story,
    standfirst=st.text(max_size=9),
    body_html=st.text(max_size=9),
    authors=st.lists(st.text(max_size=5), max_size=2).map(tuple),
    tags=st.lists(st.text(max_size=5), max_size=2).map(tuple),
    kind=st.sampled_from(list(Kind)),
    image=st.none() | st.builds(Image, st.text(max_size=5), width=st.integers(1, 9)),
    related=st.lists(st.builds(Related, st.text(), st.text()), max_size=2).map(tuple),
    published_at=moments,
    updated_at=moments,
    starts_at=moments,
    withdrawn_at=moments,
    subscriber_only=st.booleans(),
)


@given(story=stories)
def test_law_a_story_survives_json(story):
    kept = json.loads(json.dumps(story_to_json(story)))

    assert story_from_json(kept) == story


def test_a_field_of_a_newer_release_is_left_out():
    story = a_story()

    assert story_from_json(story_to_json(story) | {"mood": "calm"}) == story


def test_what_no_reader_sees_makes_no_other_story():
    story = a_story()

    assert same_to_readers(story, replace(story, revision=2, arrived_at=NOW))
    assert not same_to_readers(story, replace(story, title="Other"))
