"""When two items are one story: examples and laws. No tables."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.sources.draft import Draft, Gone
from mailer.sources.identity import (
    Known,
    date_to_keep,
    fingerprint,
    guid_key,
    is_home,
    keys_gone,
    name_all,
    recognise,
    url_key,
)
from mailer.sources.story import Image
from tests.kit.sources import NOW

HOST = "causeway.example"
DRAFT = Draft(url="https://causeway.example/1", title="One", guid="1", published_at=NOW)

# Few guids, few addresses: they collide all the time.
drafts = st.builds(
    Draft,
    url=st.sampled_from([f"https://causeway.example/{n}" for n in "abcd"] + [
        "https://causeway.example/", "https://elsewhere.example/a"]),
    title=st.sampled_from(["One", "Two", "Three"]),
    guid=st.sampled_from(["", "1", "2", "3", "https://causeway.example/a"]),
    published_at=st.sampled_from([None, NOW, NOW + timedelta(days=1)]),
    updated_at=st.sampled_from([None, NOW, NOW + timedelta(hours=1)]),
)  # fmt: skip


class Tables:
    """The smallest newsroom: takes documents in by the rules, remembers names."""

    def __init__(self) -> None:
        self.stories: dict[int, Known] = {}
        self.by_key: dict[str, Known] = {}

    def take(self, document: list[Draft]) -> int:
        """Return how many stories were new."""
        named, _problems = name_all(document, host=HOST)
        new = 0
        for item in named:
            known = recognise(item, self.by_key, host=HOST)
            if known is None:
                known = Known(len(self.stories) + 1, "", None, frozenset())
                new += 1
            free = {key for key in item.keys if key not in self.by_key}
            known = Known(
                known.id,
                item.draft.title,
                known.published_at or item.draft.published_at,
                known.keys | free,
            )
            self.stories[known.id] = known
            self.by_key.update(dict.fromkeys(known.keys, known))
        return new


@given(document=st.lists(drafts, max_size=8))
def test_law_each_story_of_a_document_has_a_name_nobody_else_in_it_has(document):
    named, _problems = name_all(document, host=HOST)

    keys = [key for item in named for key in item.keys]
    assert len(keys) == len(set(keys))
    assert all(item.keys for item in named)


@given(document=st.lists(drafts, max_size=8))
def test_law_a_document_taken_in_again_brings_nothing_new(document):
    tables = Tables()
    tables.take(document)

    assert tables.take(document) == 0


@given(
    history=st.lists(st.lists(drafts, max_size=5), min_size=1, max_size=6),
    again=st.integers(2, 4),
)
def test_law_a_document_taken_in_over_and_over_brings_nothing_new(history, again):
    """Whatever went before: after one look, the same document is known for good."""
    tables = Tables()
    for document in history:
        tables.take(document)

    assert [tables.take(history[-1]) for _ in range(again)] == [0] * again


@given(document=st.lists(drafts, max_size=6, unique_by=lambda d: (d.guid, d.url)))
def test_law_the_order_of_items_decides_nothing_about_how_many_stories(document):
    there, back = Tables(), Tables()

    assert there.take(document) == back.take(document[::-1])


def known(**fields) -> dict[str, Known]:
    said = {
        "id": 1,
        "title": "One",
        "published_at": NOW,
        "keys": frozenset({guid_key("1", HOST), url_key("https://causeway.example/1")}),
    } | fields
    story = Known(**said)
    return dict.fromkeys(story.keys, story)


LATER = NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("edit", "is_known"),
    [
        ({}, True),
        ({"title": "Edited", "published_at": LATER}, True),
        ({"guid": "2"}, True),
        ({"guid": "2", "title": "Edited"}, True),
        ({"guid": "2", "published_at": LATER}, True),
        ({"guid": "2", "title": "Another", "published_at": LATER}, False),
        ({"url": "https://causeway.example/2"}, True),
        ({"url": "https://causeway.example/2", "title": "Edited"}, True),
        (
            {
                "url": "https://causeway.example/2",
                "title": "Another",
                "published_at": LATER,
            },
            False,
        ),
        ({"guid": "", "title": "Edited", "published_at": LATER}, True),
        ({"guid": "2", "url": "https://causeway.example/2"}, False),
    ],
)
def test_one_name_in_common_makes_one_story_unless_it_was_taken_over(edit, is_known):
    (item,), _ = name_all([replace(DRAFT, **edit)], host=HOST)

    assert (recognise(item, known(), host=HOST) is not None) == is_known


def test_the_same_guid_on_another_host_is_another_story():
    (item,), _ = name_all(
        [replace(DRAFT, url="https://other.example/9")], host="other.example"
    )

    assert recognise(item, known(), host="other.example") is None


def test_a_feed_from_elsewhere_knows_a_story_by_its_address_alone():
    (item,), _ = name_all(
        [replace(DRAFT, guid="77", title="Reworded", published_at=LATER)],
        host="clippings.example",
    )

    assert recognise(item, known(), host="clippings.example").id == 1


@pytest.mark.parametrize(
    ("source", "story", "home"),
    [
        ("causeway.example", "https://www.causeway.example/1", True),
        ("feeds.causeway.example", "https://causeway.example/1", True),
        ("causeway.example", "https://blog.causeway.example/1", True),
        ("causeway.example", "https://evilcauseway.example/1", False),
        ("example", "https://causeway.example/1", True),
        ("", "https://causeway.example/1", False),
        ("clippings.example", "https://causeway.example/1", False),
    ],
)
def test_a_story_s_home_is_its_host(source, story, home):
    assert is_home(source, story) == home


def test_a_withdrawal_names_a_story_by_guid_or_by_address():
    by_guid = keys_gone(Gone(guid="1"), host=HOST)
    by_address = keys_gone(Gone(guid="https://causeway.example/1/"), host=HOST)

    assert guid_key("1", HOST) in by_guid
    assert url_key(DRAFT.url) in by_address


@pytest.mark.parametrize(
    ("change", "is_edit"),
    [
        ({"title": "Edited"}, True),
        ({"standfirst": "Edited"}, True),
        ({"body_text": "Edited"}, True),
        ({"subscriber_only": True}, True),
        ({"image": Image("https://a.example/i.jpg?token=1", "New words")}, True),
        ({"image": Image("https://a.example/i.jpg?token=2", "Words")}, False),
        ({"updated_at": LATER}, False),
        ({"published_at": LATER}, False),
        ({"url": "https://causeway.example/1?utm_source=x"}, False),
        ({"position": 9}, False),
    ],
)
def test_an_edit_is_what_a_reader_would_see(change, is_edit):
    draft = replace(DRAFT, image=Image("https://a.example/i.jpg?token=1", "Words"))

    assert (fingerprint(replace(draft, **change)) != fingerprint(draft)) == is_edit


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        (None, NOW, NOW),
        (NOW, LATER, NOW),
        (NOW, None, NOW),
        (LATER, NOW, NOW),
        (LATER, None, LATER),
        (None, None, None),
    ],
)
def test_a_story_is_published_once(old, new, kept):
    assert date_to_keep(old, new, now=NOW) == kept


@given(guid=st.text(min_size=1, max_size=2_000))
def test_law_every_name_fits_its_index(guid):
    # PostgreSQL: a row of a btree holds at most 2,704 bytes.
    assert len(guid_key(guid, HOST).encode("utf-8", "surrogatepass")) < 1_400
