"""Where an edition stands in the archive, whatever the page it is listed on."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.public import shelf

START = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Sent:
    """An edition, as far as a shelf looks at it."""

    slot_at: datetime
    id: int


def sent_on(days):
    """Return editions, newest first, sent so many days before START."""
    return [Sent(START - timedelta(days=d), n) for n, d in enumerate(sorted(days))]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("2026-11-24", shelf.Place(date(2026, 11, 24), 1)),
        ("2026-11-24-2", shelf.Place(date(2026, 11, 24), 2)),
        ("2026-11-24-120", shelf.Place(date(2026, 11, 24), 120)),
        ("2026-11-24-1", None),  # one address for one edition
        ("2026-11-24-02", None),
        ("2026-02-30", None),
        ("24-11-2026", None),
        ("", None),
    ],
)
def test_an_address_names_one_place_in_one_spelling(text, place):
    assert shelf.read_place(text) == place
    assert place is None or place.path == text


@given(days=st.lists(st.integers(0, 6), max_size=30), asked=st.integers(1, 40))
def test_law_an_edition_has_one_place_however_far_a_list_looks(days, asked):
    every = sent_on(days)
    places = {e.id: p for e, p in shelf.placed(every)}

    looked = shelf.whole_days(every[:asked], asked=asked)
    found = {e.id: p for day in looked for e, p in shelf.placed(day)}

    assert len(set(places.values())) == len(every)
    assert found.items() <= places.items()
    assert asked <= len(every) or found == places
