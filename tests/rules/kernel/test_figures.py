import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.kernel import figures


@pytest.mark.parametrize(
    ("number", "language", "said"),
    [
        (182_340, "en", "182,340"),
        (182_340, "en-ZA", "182,340"),
        (182_340, "de", "182.340"),
        (182_340, "fr", "182\u202f340"),
        (0, "en", "0"),
        (None, "en", "not known"),
    ],
)
def test_numbers_are_grouped_as_their_language_does(number, language, said):
    assert figures.grouped(number, language) == said


@pytest.mark.parametrize(
    ("part", "whole", "places", "said"),
    [
        (0, 10, 0, "0%"),
        (10, 10, 0, "100%"),
        (10, 10, 1, "100%"),
        (999_999, 1_000_000, 0, "99%"),
        (999_999, 1_000_000, 1, "99.9%"),
        (1, 1_000_000, 0, "under 1%"),
        (1, 1_000_000, 1, "under 0.1%"),
        (61, 100, 0, "61%"),
        (1, 3, 1, "33.3%"),
        (1, 0, 0, "not known"),
        (None, 5, 0, "not known"),
    ],
)
def test_a_share_is_all_or_nothing_only_where_that_is_exact(part, whole, places, said):
    assert figures.percent(part, whole, places) == said


def test_one_person_is_no_people():
    assert [figures.people(n) for n in (0, 1, 2)] == [
        "0 people",
        "1 person",
        "2 people",
    ]


def test_a_count_carries_its_noun():
    assert figures.counted(1, "story", "stories") == "1 story"
    assert figures.counted(1200, "story", "stories") == "1,200 stories"
    assert figures.counted(2, "mail") == "2 mails"


@given(st.lists(st.integers(0, 2_000_000), min_size=1, max_size=8))
def test_law_a_bar_is_full_and_shows_each_part_that_is_there(counts):
    parts = figures.bar(counts)

    widths = [width for _, width in parts]
    assert sum(widths) == pytest.approx(100 if any(counts) else 0, abs=0.01)
    assert all(w == 0 for w, n in zip(widths, counts, strict=True) if n == 0)
    assert all(w >= 1.4 for w, n in zip(widths, counts, strict=True) if n)
    assert [x for x, _ in parts] == sorted(x for x, _ in parts)
